package limits

import (
	"context"
	"math"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

// Documents remembers parsed and validated documents by their text: gqlgen's query cache. It is bounded by the length
// of all texts together, since clients choose them, and a parsed document takes memory in proportion to its text:
// measured, up to seventy times as much.
type Documents struct {
	budget int

	mu    sync.Mutex
	bytes int
	lru   *simplelru.LRU[string, *ast.QueryDocument]
}

var _ graphql.Cache[*ast.QueryDocument] = (*Documents)(nil)

// NewDocuments returns a cache of documents whose texts have at most budget bytes together. One that takes more than
// an eighth of it is not kept.
func NewDocuments(budget int) *Documents {
	d := &Documents{budget: budget}
	lru, err := simplelru.NewLRU(math.MaxInt, func(text string, _ *ast.QueryDocument) { d.bytes -= len(text) })
	if err != nil {
		panic(err) // only for a size below 1
	}
	d.lru = lru
	return d
}

// Get returns the document of a text.
func (d *Documents) Get(_ context.Context, text string) (*ast.QueryDocument, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.lru.Get(text)
}

// Add remembers the document of a text, and forgets those that were not asked for the longest.
func (d *Documents) Add(_ context.Context, text string, doc *ast.QueryDocument) {
	if len(text) > d.budget/8 {
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.lru.Contains(text) {
		return
	}
	d.bytes += len(text)
	d.lru.Add(text, doc)
	for d.bytes > d.budget {
		d.lru.RemoveOldest()
	}
}
