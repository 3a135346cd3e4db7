package graph

import (
	"context"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/vektah/gqlparser/v2/ast"
)

// introspected is the price of one field of introspection, in fields of a response. The schema is large and every client
// needs it once: two of them in one operation are one too many.
const introspected = 4

// population is how many elements a list of introspection has: those of all the schema together, and the most that one
// owner has.
type population struct{ all, most int }

func (p *population) add(n int) {
	p.all += n
	p.most = max(p.most, n)
}

// populations are the lists of introspection, by type and field.
var populations = sync.OnceValue(func() map[string]*population {
	lists := map[string]*population{}
	for _, name := range []string{
		"__Schema.types", "__Schema.directives", "__Type.fields", "__Type.inputFields", "__Type.enumValues",
		"__Type.interfaces", "__Type.possibleTypes", "__Field.args", "__Directive.args",
	} {
		lists[name] = &population{}
	}
	lists["__Schema.types"].add(len(facts.schema.Types))
	lists["__Schema.directives"].add(len(facts.schema.Directives))
	for _, def := range facts.schema.Directives {
		lists["__Directive.args"].add(len(def.Arguments))
	}
	for _, def := range facts.schema.Types {
		list := "__Type.fields"
		if def.Kind == ast.InputObject {
			list = "__Type.inputFields"
		}
		lists[list].add(len(def.Fields))
		lists["__Type.enumValues"].add(len(def.EnumValues))
		lists["__Type.interfaces"].add(len(def.Interfaces))
		lists["__Type.possibleTypes"].add(len(facts.schema.PossibleTypes[def.Name]))
		for _, f := range def.Fields {
			lists["__Field.args"].add(len(f.Arguments))
		}
	}
	return lists
})

// introspection counts what is inside a meta field of the root, by the size of this binary's schema.
func (z *sizer) introspection(field string, s selection) int {
	switch field {
	case "__schema":
		return z.times(introspected, z.described("__Schema", s, 1, true))
	case "__type":
		return z.times(introspected, z.described("__Type", s, 1, false))
	}
	return 0 // __typename
}

// described counts the fields of n elements of introspection. whole says that they are all that the schema has, so that
// the lists in them have a known length together; otherwise each list may be the longest there is.
func (z *sizer) described(on string, s selection, n int, whole bool) (all int) {
	def := facts.schema.Types[on]
	for _, f := range grouped(def, s) {
		all = saturating(all + z.times(n, 1+len(f.Alias)/longText))
		declared := def.Fields.ForName(f.Name)
		if declared == nil || len(f.SelectionSet) == 0 {
			continue
		}
		inner, wholeInner := n, false
		if list := populations()[on+"."+f.Name]; list != nil {
			inner, wholeInner = z.times(n, list.most), false
			if whole {
				inner, wholeInner = list.all, true
			}
		}
		if declared.Type.Name() == "__Type" && f.Name != "types" {
			wholeInner = false // any type, and the same one many times
		}
		all = saturating(all + z.described(declared.Type.Name(), selection{z.reading, f.sets}, inner, wholeInner))
	}
	return all
}

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

// key is what the response to an operation is remembered by; empty for one that does more than introspect, or that depends
// on variables, and for a document that is refused.
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

// aroundResponse answers with the remembered bytes, or remembers those of a response without errors.
func (c *schemas) aroundResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
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
