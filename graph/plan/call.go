package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/msgraph"
)

// Call is a field with its arguments and what is selected of its value.
type Call struct {
	Selected
	*Arguments
}

// Call returns the call of one field of a type, with the selection sets of all its occurrences under one name.
func (r *Reading) Call(on string, f *ast.Field, set ast.SelectionSet) Call {
	s := r.Select(set)
	if len(set) == len(f.SelectionSet) { // no other field under this name
		s = r.inside(f)
	}
	return Call{Selected{Field: catalog.field(on, f.Name), Selection: s, occurs: f}, r.argumentsOf(f)}
}

// call returns a selected field with its arguments.
func (r *Reading) call(selected *Selected) *Call {
	return &Call{*selected, r.argumentsOf(selected.occurs)}
}

// fromStart is the call of a list without its cursor.
func (c Call) fromStart() Call {
	if c.list == nil || c.list.after == nil {
		return c
	}
	arguments, list := *c.Arguments, *c.list
	list.after, list.cursor = nil, nil
	arguments.list = &list
	return Call{c.Selected, &arguments}
}

// refersBack reports whether a link of what a request returns leads to the owner of the request.
func (c *Call) refersBack(link *Link) bool {
	depth := 1
	if c.Connection != nil {
		depth = 2 // the items are in "value"
	}
	return c.back != "" && len(link.path) == depth && link.path[depth-1] == c.back && !link.inline
}

// PathBelow is the path of a request below an owner.
func (c Call) PathBelow(ownerID string) string {
	return requests[c.Owner+"."+c.Name](ownerID, msgraph.Query{}, nil).Lookup.Path
}
