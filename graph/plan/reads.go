package plan

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/internal/sparse"
)

// readsOf returns what an operation reads; see Reading.Reads.
func readsOf(doc *ast.QueryDocument, op *ast.OperationDefinition) *sparse.Properties {
	p := sparse.NewProperties()
	if !addReads(p, op.SelectionSet) {
		return nil
	}
	for _, fragment := range doc.Fragments {
		if !addReads(p, fragment.SelectionSet) {
			return nil
		}
	}
	return p
}

// addReads adds the names of all fields in a selection set. False: there is one that reads other properties, too.
func addReads(p *sparse.Properties, set ast.SelectionSet) bool {
	for _, part := range set {
		switch part := part.(type) {
		case *ast.Field:
			if readsMore(part) || !addReads(p, part.SelectionSet) {
				return false
			}
			p.Add(part.Name)
			p.Add(strings.TrimSuffix(part.Name, "s")) // see schemaName
		case *ast.InlineFragment:
			if !addReads(p, part.SelectionSet) {
				return false
			}
		}
	}
	return true
}

// readsMore reports whether a field reads properties of other names.
func readsMore(f *ast.Field) bool {
	if f.Arguments.ForName("where") != nil || f.Arguments.ForName("orderBy") != nil {
		return true
	}
	return f.ObjectDefinition != nil && len(catalog.field(f.ObjectDefinition.Name, f.Name).from) > 0
}
