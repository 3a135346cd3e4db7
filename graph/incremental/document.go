package incremental

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// deferred is the type condition of a fragment that stands for an active @defer. No type has that name, so gqlgen's
// executor passes by. The fragment holds the directive, and what it defers.
const deferred = "@defer"

// IsDeferred reports whether a fragment stands for an active @defer. Its type condition then means nothing, and what it
// holds belongs to a part.
func IsDeferred(f *ast.InlineFragment) bool { return f.TypeCondition == deferred }

type inPartsKey struct{}

// WithParts returns the context of an operation whose response may be sent in parts.
func WithParts(ctx context.Context) context.Context {
	return context.WithValue(ctx, inPartsKey{}, true)
}

// InParts reports whether the response to an operation may be sent in parts.
func InParts(ctx context.Context) bool { return ctx.Value(inPartsKey{}) != nil }

// Settle settles what @defer does in an operation whose variables are read: under WithParts each active one becomes a
// fragment for which IsDeferred holds; all others are dropped, and what they stand at is answered at once.
//
// Parsed documents are shared between requests: the operation is copied, never edited.
func Settle(ctx context.Context, oc *graphql.OperationContext) {
	if !strings.Contains(oc.RawQuery, "defer") {
		return
	}
	c := copying{
		inParts:   InParts(ctx) && oc.Operation.Operation == ast.Query,
		variables: oc.Variables,
		fragments: make(map[*ast.FragmentDefinition]*ast.FragmentDefinition, len(oc.Doc.Fragments)),
	}
	oc.Doc, oc.Operation = c.document(oc.Doc, oc.Operation)
}

// copying copies selections, in which @defer is settled, so that spreads point at the copied fragments.
type copying struct {
	inParts   bool
	variables map[string]any
	fragments map[*ast.FragmentDefinition]*ast.FragmentDefinition
}

func (c copying) document(
	from *ast.QueryDocument, of *ast.OperationDefinition,
) (*ast.QueryDocument, *ast.OperationDefinition) {
	doc := *from
	doc.Fragments = make(ast.FragmentDefinitionList, len(from.Fragments))
	for i, f := range from.Fragments {
		fragment := *f
		doc.Fragments[i] = &fragment
		c.fragments[f] = &fragment
	}
	for _, f := range doc.Fragments {
		f.SelectionSet = c.selections(f.SelectionSet)
	}
	operation := *of
	operation.SelectionSet = c.selections(operation.SelectionSet)
	doc.Operations = ast.OperationList{&operation}
	return &doc, &operation
}

func (c copying) selections(set ast.SelectionSet) ast.SelectionSet {
	if set == nil {
		return nil
	}
	out := make(ast.SelectionSet, len(set))
	for i, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			field := *s
			field.SelectionSet = c.selections(s.SelectionSet)
			out[i] = &field
		case *ast.InlineFragment:
			fragment := *s
			fragment.Directives = without(s.Directives)
			fragment.SelectionSet = c.selections(s.SelectionSet)
			out[i] = c.settled(&fragment, s.Directives, s.ObjectDefinition)
		case *ast.FragmentSpread:
			spread := *s
			spread.Directives = without(s.Directives)
			spread.Definition = c.fragments[s.Definition]
			out[i] = c.settled(&spread, s.Directives, s.ObjectDefinition)
		}
	}
	return out
}

// settled returns a copied fragment, as it is or deferred. Introspection is answered from memory, and never deferred.
func (c copying) settled(fragment ast.Selection, directives ast.DirectiveList, on *ast.Definition) ast.Selection {
	d := directives.ForName("defer")
	if d == nil || !c.inParts || !holds(d, c.variables) || on == nil || strings.HasPrefix(on.Name, "__") {
		return fragment
	}
	return &ast.InlineFragment{
		TypeCondition: deferred, Directives: ast.DirectiveList{d}, SelectionSet: ast.SelectionSet{fragment},
		ObjectDefinition: on, Position: d.Position,
	}
}

func without(list ast.DirectiveList) ast.DirectiveList {
	if list.ForName("defer") == nil {
		return list
	}
	out := make(ast.DirectiveList, 0, len(list)-1)
	for _, d := range list {
		if d.Name != "defer" {
			out = append(out, d)
		}
	}
	return out
}

// holds reports whether the argument "if" of a directive is true, or absent.
func holds(d *ast.Directive, variables map[string]any) bool {
	value, given := argument(d, "if", variables).(bool)
	return value || !given
}

// argument returns the value of a directive's argument, or nil if there is none.
func argument(d *ast.Directive, name string, variables map[string]any) any {
	given := d.Arguments.ForName(name)
	if given == nil {
		return nil
	}
	value, err := given.Value.Value(variables)
	if err != nil {
		return nil
	}
	return value
}
