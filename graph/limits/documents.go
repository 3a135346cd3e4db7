package limits

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/internal/bytelru"
)

// Documents remembers parsed and validated documents by their text: gqlgen's query cache. It is bounded by the length
// of all texts together, since clients choose them, and a parsed document takes memory in proportion to its text:
// measured, up to 150 times as much.
type Documents struct {
	known *bytelru.Cache[string, *ast.QueryDocument]
}

var _ graphql.Cache[*ast.QueryDocument] = (*Documents)(nil)

// NewDocuments returns a cache of documents whose texts have at most budget bytes together. One that takes more than
// an eighth of it is not kept.
func NewDocuments(budget int) *Documents {
	return &Documents{bytelru.New(budget, budget/8, func(text string, _ *ast.QueryDocument) int { return len(text) })}
}

// Get returns the document of a text.
func (d *Documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	return d.known.Get(text)
}

// Add remembers the document of a text, and forgets those that were not asked for the longest.
func (d *Documents) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	d.known.Add(text, doc)
}
