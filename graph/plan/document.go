package plan

import (
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/internal/bytelru"
	"portico/internal/sparse"
)

// document is what can be computed from an operation without its arguments. If the operation has no directives, it is
// remembered: directives may depend on variables, and a document with @defer is copied for each request.
type document struct {
	doc       *ast.QueryDocument
	operation *ast.OperationDefinition
	// conditions are the values of the variables, which directives may read; nil where there are no directives.
	conditions map[string]any
	reads      func() *sparse.Properties
	// alike maps a field to the first field of the same type with an equal selection set. If an operation has one field
	// under many aliases, nearly all selection sets are equal.
	alike       map[*ast.Field]*ast.Field
	projections projections
	sizes       sizes
}

// remembered is how many bytes of query text are remembered with what was computed from them: as much as parsed
// documents have, since fields of these are most of what is kept.
const remembered = 128 << 10

// documents are those that were used last, by their operations.
var documents = bytelru.New(remembered, remembered/8,
	func(op *ast.OperationDefinition, _ *document) int { return textOf(op) })

// textOf returns the length of the text that an operation was parsed from.
func textOf(op *ast.OperationDefinition) int {
	if op.Position == nil || op.Position.Src == nil {
		return remembered // nothing bounds it, so it is not kept
	}
	return len(op.Position.Src.Input)
}

// documentOf returns the document of an operation with the values of its variables.
func documentOf(doc *ast.QueryDocument, op *ast.OperationDefinition, vars map[string]any) *document {
	if known, ok := documents.Get(op); ok {
		return known
	}
	a := alike{first: map[string]*ast.Field{}, found: map[*ast.Field]*ast.Field{}}
	if !a.add(op.SelectionSet) || !a.addFragments(doc.Fragments) {
		return &document{
			doc: doc, operation: op, conditions: vars,
			reads: sync.OnceValue(func() *sparse.Properties { return readsOf(doc, op) }),
		}
	}
	reads := readsOf(doc, op)
	d := &document{doc: doc, operation: op, reads: func() *sparse.Properties { return reads }, alike: a.found}
	documents.Add(op, d)
	return d
}

// same returns the first field with the same selection set as a field.
func (d *document) same(f *ast.Field) *ast.Field {
	if first := d.alike[f]; first != nil {
		return first
	}
	return f
}

// Select returns what one selection set selects.
func (d *document) Select(set ast.SelectionSet) Selection {
	return Selection{document: d, first: set}
}

// inside returns the selection of what is behind one occurrence of a field.
func (d *document) inside(f *ast.Field) Selection {
	f = d.same(f)
	return Selection{document: d, first: f.SelectionSet, source: f}
}

// alike finds the fields with equal selection sets.
type alike struct {
	first map[string]*ast.Field // by the text of the type and the selection set
	found map[*ast.Field]*ast.Field
}

func (a alike) addFragments(fragments ast.FragmentDefinitionList) bool {
	for _, fragment := range fragments {
		if !a.add(fragment.SelectionSet) {
			return false
		}
	}
	return true
}

// add adds the fields in a selection set. False: there is a directive.
func (a alike) add(set ast.SelectionSet) bool {
	for _, part := range set {
		if len(directivesOf(part)) > 0 {
			return false
		}
		switch part := part.(type) {
		case *ast.InlineFragment:
			if !a.add(part.SelectionSet) {
				return false
			}
		case *ast.Field:
			if len(part.SelectionSet) > 0 && (part.Definition == nil || !a.addField(part)) {
				return false
			}
		}
	}
	return true
}

func (a alike) addField(f *ast.Field) bool {
	text := string(appendSet([]byte(f.Definition.Type.Name()), f.SelectionSet))
	if first := a.first[text]; first != nil {
		a.found[f] = first
	} else {
		a.first[text] = f
	}
	return a.add(f.SelectionSet)
}

// appendSet appends the text of a selection set without directives.
func appendSet(text []byte, set ast.SelectionSet) []byte {
	text = append(text, '{')
	for _, part := range set {
		switch part := part.(type) {
		case *ast.Field:
			text = appendField(text, part)
		case *ast.InlineFragment:
			text = append(append(text, "... on "...), part.TypeCondition...)
			text = appendSet(text, part.SelectionSet)
		case *ast.FragmentSpread:
			text = append(append(append(text, "..."...), part.Name...), ' ')
		}
	}
	return append(text, '}')
}

func appendField(text []byte, f *ast.Field) []byte {
	text = append(append(append(text, f.Alias...), ':'), f.Name...)
	for _, argument := range f.Arguments {
		text = append(append(append(text, '('), argument.Name...), ':')
		text = append(append(text, argument.Value.String()...), ')')
	}
	if len(f.SelectionSet) > 0 {
		return appendSet(text, f.SelectionSet)
	}
	return append(text, ' ')
}
