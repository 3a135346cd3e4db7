package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/internal/sparse"
)

// Reading is an operation with its input read. The planner and the resolvers share it, also at the same time.
type Reading struct {
	*document
	vars      map[string]any
	arguments map[*ast.Field]*Arguments
	room      []Arguments    // for fields whose arguments are not read yet
	values    map[string]any // of the arguments that are being read

	keys    keys
	targets targets
	bounds  Bounds
	beyond  *LimitError // the first argument that is longer than it may be
}

// Read reads the arguments of an operation, whose variables were read by Input. The error refuses the operation: a
// *gqlerror.Error if an argument or a condition of an executed field has a value that its type does not allow, or a
// *LimitError.
func Read(doc *ast.QueryDocument, op *ast.OperationDefinition, vars map[string]any, bounds Bounds) (*Reading, error) {
	r := &Reading{
		document: documentOf(doc, op, vars), vars: vars, arguments: make(map[*ast.Field]*Arguments, len(op.SelectionSet)),
		values: map[string]any{}, keys: keys{}, bounds: bounds,
	}
	if err := r.read(op.SelectionSet, map[string]bool{}); err != nil {
		return nil, err
	}
	if r.beyond != nil {
		return nil, r.beyond
	}
	return r, nil
}

// Reads returns the properties that the operation reads inside the entities and complex values of its responses: those
// that have the name of one of its fields, wherever in the document the field is. Nil stands for all of them: an
// operation that computes a field, or by which Portico may filter or sort, reads properties that it does not name.
func (r *Reading) Reads() *sparse.Properties { return r.reads() }

func (r *Reading) read(set ast.SelectionSet, entered map[string]bool) *gqlerror.Error {
	for _, s := range set {
		directives := directivesOf(s)
		if err := r.checkDirectives(directives); err != nil {
			return err
		}
		if !r.included(directives) {
			continue
		}
		if err := r.readInside(s, entered); err != nil {
			return err
		}
	}
	return nil
}

// readInside reads a field's arguments, and all that is inside a field or a fragment. A fragment is entered once.
func (r *Reading) readInside(s ast.Selection, entered map[string]bool) *gqlerror.Error {
	switch s := s.(type) {
	case *ast.Field:
		if err := r.readArguments(s); err != nil {
			return err
		}
		return r.read(s.SelectionSet, entered)
	case *ast.InlineFragment:
		return r.read(s.SelectionSet, entered)
	case *ast.FragmentSpread:
		if entered[s.Name] {
			return nil
		}
		entered[s.Name] = true
		return r.read(r.doc.Fragments.ForName(s.Name).SelectionSet, entered)
	}
	return nil
}

// checkDirectives refuses a directive whose arguments cannot be read. What @skip leaves out needs no @include.
func (r *Reading) checkDirectives(directives ast.DirectiveList) *gqlerror.Error {
	for _, name := range [...]string{"skip", "include", "defer"} {
		d := directives.ForName(name)
		if d == nil {
			continue
		}
		if err := Input.Arguments(r.values, d.Definition.Arguments, d.Arguments, r.vars); err != nil {
			err.Message = "@" + name + ": " + err.Message
			return err
		}
		r.bound(d.Definition.Arguments, r.values)
		if name == "skip" && r.condition(d, false) {
			return nil
		}
	}
	return nil
}

func (r *Reading) readArguments(f *ast.Field) *gqlerror.Error {
	if f.Definition == nil || len(f.Definition.Arguments) == 0 {
		return nil
	}
	if err := Input.Arguments(r.values, f.Definition.Arguments, f.Arguments, r.vars); err != nil {
		return err
	}
	if len(r.room) == 0 { // most fields with arguments are at the root
		r.room = make([]Arguments, len(r.operation.SelectionSet))
	}
	args := &r.room[0]
	r.room = r.room[1:]
	args.read(catalog.field(f.ObjectDefinition.Name, f.Name), r.values, r.keys)
	r.arguments[f] = args
	r.bound(f.Definition.Arguments, r.values)
	return nil
}

// Given returns the values of the arguments of a field; false, if the field has none or is not executed.
func (r *Reading) Given(f *ast.Field) (values map[string]any, executed bool) {
	if r.arguments[f] == nil {
		return nil, false
	}
	values = map[string]any{}
	return values, Input.Arguments(values, f.Definition.Arguments, f.Arguments, r.vars) == nil
}

// bound notes the first argument that is longer than it may be.
func (r *Reading) bound(defs ast.ArgumentDefinitionList, values map[string]any) {
	if r.beyond == nil {
		r.beyond = r.bounds.check(defs, values)
	}
}

// argumentsOf returns the arguments of a field that is executed.
func (r *Reading) argumentsOf(f *ast.Field) *Arguments {
	if args := r.arguments[f]; args != nil {
		return args
	}
	return &noArguments
}
