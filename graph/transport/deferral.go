package transport

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// Settle takes @defer out of an operation, unless the transport sends its answer in parts. gqlgen would answer with null
// where the deferred fields belong, and never send the rest.
//
// Parsed documents are shared between requests: the operation is copied, never edited.
func Settle(ctx context.Context, oc *graphql.OperationContext) {
	inParts := ctx.Value(inPartsKey{}) != nil && oc.Operation.Operation == ast.Query
	if !inParts && strings.Contains(oc.RawQuery, "defer") {
		copyWhole(oc)
	}
}

// inPartsKey marks the context of an operation that the transport can answer in parts.
type inPartsKey struct{}

func withParts(ctx context.Context) context.Context {
	return context.WithValue(ctx, inPartsKey{}, true)
}

// copyWhole replaces the document and the operation of oc by copies without @defer.
func copyWhole(oc *graphql.OperationContext) {
	c := wholeCopy{fragments: make(map[*ast.FragmentDefinition]*ast.FragmentDefinition, len(oc.Doc.Fragments))}
	doc := *oc.Doc
	doc.Fragments = make(ast.FragmentDefinitionList, len(oc.Doc.Fragments))
	for i, f := range oc.Doc.Fragments {
		fragment := *f
		doc.Fragments[i] = &fragment
		c.fragments[f] = &fragment
	}
	for _, f := range doc.Fragments {
		f.SelectionSet = c.selections(f.SelectionSet)
	}
	operation := *oc.Operation
	operation.SelectionSet = c.selections(operation.SelectionSet)
	doc.Operations = ast.OperationList{&operation}
	oc.Doc, oc.Operation = &doc, &operation
}

// wholeCopy copies selections so that spreads point at the copied fragments.
type wholeCopy struct {
	fragments map[*ast.FragmentDefinition]*ast.FragmentDefinition
}

func (c wholeCopy) selections(set ast.SelectionSet) ast.SelectionSet {
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
			fragment.Directives = withoutDefer(s.Directives)
			fragment.SelectionSet = c.selections(s.SelectionSet)
			out[i] = &fragment
		case *ast.FragmentSpread:
			spread := *s
			spread.Directives = withoutDefer(s.Directives)
			spread.Definition = c.fragments[s.Definition]
			out[i] = &spread
		}
	}
	return out
}

func withoutDefer(list ast.DirectiveList) ast.DirectiveList {
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
