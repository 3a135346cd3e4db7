package graph

import (
	"context"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

// schemas remembers the responses to operations that do nothing but introspect. They never change.
type schemas struct {
	mu    sync.Mutex
	bytes int
	lru   *simplelru.LRU[string, []byte]
}

// schemaCache is how many bytes of responses and their queries are remembered; schemaEntries how many responses.
const schemaCache, schemaEntries = 8 << 20, 64

func newSchemas() *schemas {
	c := &schemas{}
	lru, err := simplelru.NewLRU(schemaEntries, func(text string, data []byte) { c.bytes -= len(text) + len(data) })
	if err != nil {
		panic(err) // only for a size below 1
	}
	c.lru = lru
	return c
}

func (c *schemas) get(key string) []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	data, _ := c.lru.Get(key)
	return data
}

func (c *schemas) put(key string, data []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(key) {
		return
	}
	c.bytes += len(key) + len(data)
	c.lru.Add(key, data)
	for c.bytes > schemaCache {
		c.lru.RemoveOldest()
	}
}

// key is what the response to an operation is remembered by; empty for one that does more than introspect, or that
// depends on variables, and for a document that is refused.
func (c *schemas) key(oc *graphql.OperationContext) string {
	if oc.Operation == nil || len(oc.Operation.VariableDefinitions) > 0 || !introspects(oc.Operation.SelectionSet) {
		return ""
	}
	return oc.Operation.Name + "\n" + oc.RawQuery
}

// holds reports whether the response to an operation is remembered.
func (c *schemas) holds(oc *graphql.OperationContext) bool {
	key := c.key(oc)
	return key != "" && c.get(key) != nil
}

// introspects reports whether all fields of a root, as it is written, are meta fields.
func introspects(set ast.SelectionSet) bool {
	for _, s := range set {
		f, ok := s.(*ast.Field)
		if !ok || !strings.HasPrefix(f.Name, "__") {
			return false
		}
	}
	return len(set) > 0
}

// around answers with the remembered bytes, or remembers those of a response without errors.
func (c *schemas) around(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	key := c.key(graphql.GetOperationContext(ctx))
	if key == "" {
		return next(ctx)
	}
	if data := c.get(key); data != nil {
		return &graphql.Response{Data: data}
	}
	response := next(ctx)
	if response != nil && len(response.Errors) == 0 && response.HasNext == nil && response.Data != nil {
		c.put(key, response.Data)
	}
	return response
}
