package graph

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/coerce"
	"portico/graph/limits"
	"portico/graph/model"
	"portico/threatintel"
)

// input reads variables and arguments by the schema.
var input = coerce.Reader{
	Schema:  facts.schema,
	Scalars: map[string]coerce.Scalar{"DateTime": readDateTime, "_Any": readAny},
}

func readDateTime(value any) (any, error) {
	var at threatintel.DateTime
	if err := at.UnmarshalGQL(value); err != nil {
		return nil, err
	}
	return string(at), nil
}

// readAny refuses numbers that would lose digits, or have no value at all, where they are read as numbers.
func readAny(value any) (any, error) {
	switch value := value.(type) {
	case json.Number:
		_, notInteger := strconv.ParseInt(string(value), 10, 64)
		_, notFloat := strconv.ParseFloat(string(value), 64)
		if errors.Is(notInteger, strconv.ErrRange) || notFloat != nil {
			return nil, &threatintel.InputError{Reason: "the number has more than 64 bits; send it as a string"}
		}
	case []any:
		for _, item := range value {
			if _, err := readAny(item); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for _, member := range value {
			if _, err := readAny(member); err != nil {
				return nil, err
			}
		}
	}
	return value, nil
}

// reading is an operation with its input read: what the planner and the resolvers know of it. It does not change.
type reading struct {
	doc   *ast.QueryDocument
	vars  map[string]any
	calls map[*ast.Field]*call

	limits limits.Limits
	beyond *limitError // the first argument that is longer than it may be
	keys   map[pasted]key
}

// pasted is an id as a caller gave it, for a type.
type pasted struct{ of, text string }

// call is a field with its arguments, read once, for the planner and the resolver.
type call struct {
	// values are those of the arguments, with defaults applied; an argument without a value is absent.
	values map[string]any
	// ids are the keys that id or ids name; byID reports whether there are such arguments.
	ids  []key
	byID bool
	// where are the conditions of a list that Portico filters, nil if there are none; conditions is their text, which no
	// other conditions have.
	where      *model.HostPortFilter
	conditions string
	// options are the system query options that the arguments of a list become.
	options options
	// sealed is the argument after, decoded; nil for what is no cursor.
	sealed []byte
	// represented are the entities that a gateway names.
	represented []representation
	// refused is why nothing is sent for the field: its resolver reports it.
	refused error
}

// key is an id that a caller gave: in its canonical form, or why it is refused. Nothing is sent for a refused one.
type key struct {
	id      string
	refused error
}

// noCall is the call of a field without arguments.
var noCall call

// readOperation reads the input of an operation whose variables were read. The error refuses the operation: an argument or
// a condition that an executed field needs has no value that its type allows, or one that is longer than the limits allow.
func readOperation(oc *graphql.OperationContext, l limits.Limits) (*reading, error) {
	r := &reading{doc: oc.Doc, vars: oc.Variables, calls: make(map[*ast.Field]*call, len(oc.Operation.SelectionSet)), limits: l, keys: map[pasted]key{}}
	if err := r.read(oc.Operation.SelectionSet, map[string]bool{}); err != nil {
		return nil, err
	}
	if r.beyond != nil {
		return nil, r.beyond
	}
	return r, nil
}

func (r *reading) read(set ast.SelectionSet, entered map[string]bool) *gqlerror.Error {
	for _, selection := range set {
		var below ast.SelectionSet
		directives := directivesOf(selection)
		if err := r.check(directives); err != nil {
			return err
		}
		if !r.included(directives) {
			continue
		}
		switch s := selection.(type) {
		case *ast.Field:
			if err := r.readCall(s); err != nil {
				return err
			}
			below = s.SelectionSet
		case *ast.InlineFragment:
			below = s.SelectionSet
		case *ast.FragmentSpread:
			if entered[s.Name] {
				continue
			}
			entered[s.Name] = true
			below = r.doc.Fragments.ForName(s.Name).SelectionSet
		}
		if err := r.read(below, entered); err != nil {
			return err
		}
	}
	return nil
}

func directivesOf(selection ast.Selection) ast.DirectiveList {
	switch s := selection.(type) {
	case *ast.Field:
		return s.Directives
	case *ast.InlineFragment:
		return s.Directives
	case *ast.FragmentSpread:
		return s.Directives
	}
	return nil
}

// check refuses a directive whose arguments cannot be read. What @skip leaves out needs no @include.
func (r *reading) check(directives ast.DirectiveList) *gqlerror.Error {
	for _, name := range [...]string{"skip", "include", "defer"} {
		d := directives.ForName(name)
		if d == nil {
			continue
		}
		args, err := input.Arguments(d.Definition.Arguments, d.Arguments, r.vars)
		if err != nil {
			err.Message = "@" + name + ": " + err.Message
			return err
		}
		r.bound(d.Definition.Arguments, &call{values: args})
		if name == "skip" && r.condition(d, false) {
			return nil
		}
	}
	return nil
}

func (r *reading) readCall(f *ast.Field) *gqlerror.Error {
	if f.Definition == nil || len(f.Definition.Arguments) == 0 {
		return nil
	}
	args, err := input.Arguments(f.Definition.Arguments, f.Arguments, r.vars)
	if err != nil {
		return err
	}
	c := &call{values: args}
	fact := facts.field(f.ObjectDefinition.Name, f.Name)
	if c.ids, c.byID = r.idsOf(args, fact.target); c.byID {
		c.refused = refuseOthers(f.Name, args)
	} else if fact.connection != nil {
		c.options = optionsOf(fact, args)
	}
	if after, ok := args["after"].(string); ok {
		c.sealed = unsealed(after)
	}
	c.represented = r.representations(args)
	if where, ok := args["where"].(map[string]any); ok {
		text, _ := json.Marshal(where) // strings, numbers and lists of them
		c.where, c.conditions = portFilter(where), string(text)
	}
	r.calls[f] = c
	r.bound(f.Definition.Arguments, c)
	return nil
}

// bound notes the first argument that is longer than it may be.
func (r *reading) bound(defs ast.ArgumentDefinitionList, c *call) {
	if r.beyond == nil {
		r.beyond = checkValues(defs, c, r.limits)
	}
}

// call returns the call of a field that is executed.
func (r *reading) call(f *ast.Field) *call {
	if c := r.calls[f]; c != nil {
		return c
	}
	return &noCall
}

// idsOf returns the keys of a type that the arguments id or ids name, and whether there are such arguments.
func (r *reading) idsOf(args map[string]any, of *ast.Definition) (ids []key, byID bool) {
	if id, ok := args["id"].(string); ok {
		return []key{r.key(of.Name, id)}, true
	}
	list, byID := args["ids"].([]any)
	if !byID {
		return nil, false
	}
	ids = make([]key, len(list))
	for i, item := range list {
		id, _ := item.(string)
		ids[i] = r.key(of.Name, id)
	}
	return ids, true
}

// key reads an id. The same one may stand thousands of times in an operation, and is read once.
func (r *reading) key(of, text string) key {
	given := pasted{of, text}
	read, known := r.keys[given]
	if !known {
		read.id, read.refused = threatintel.CanonicalID(of, text)
		r.keys[given] = read
	}
	return read
}

// refuseOthers refuses arguments that find entities, or order them, beside ids, which name them in their order.
func refuseOthers(field string, args map[string]any) error {
	for _, other := range [...]string{"search", "kind", "after", "orderBy"} {
		if args[other] != nil {
			return &threatintel.InputError{Reason: field + " takes ids or " + other + ", not both"}
		}
	}
	return nil
}

func (r *reading) included(directives ast.DirectiveList) bool {
	return !r.condition(directives.ForName("skip"), false) && r.condition(directives.ForName("include"), true)
}

func (r *reading) defers(directives ast.DirectiveList) bool {
	deferral := directives.ForName("defer")
	return deferral != nil && r.condition(deferral, true)
}

// condition is the value of a directive's argument "if", or what holds where it has none.
func (r *reading) condition(directive *ast.Directive, otherwise bool) bool {
	if directive == nil {
		return otherwise
	}
	given := directive.Arguments.ForName("if")
	switch {
	case given == nil:
		return otherwise
	case given.Value.Kind != ast.Variable:
		return given.Value.Raw == "true"
	}
	value, present := r.vars[given.Value.Raw]
	if !present {
		return otherwise
	}
	holds, _ := value.(bool)
	return holds
}
