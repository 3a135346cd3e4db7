package generated

import (
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// selected is a selected field, with the fields that are selected of its value, for each type that it had so far.
type selected struct {
	graphql.CollectedField
	name  string // in the response, with its quotes and the colon
	below atomic.Pointer[[]selectedOf]
}

type selectedOf struct {
	object string
	fields []*selected
}

// fields returns what is selected of an object. It is collected once for all objects at one place.
func (w *writer) fields(s *selected, object string, satisfies []string) []*selected {
	for {
		known := s.below.Load()
		if known == nil {
			known = &none
		}
		for i := range *known {
			if (*known)[i].object == object {
				return (*known)[i].fields
			}
		}
		more := append(slices.Clip(*known), selectedOf{object, w.collect(s, satisfies)})
		if s.below.CompareAndSwap(known, &more) || (known == &none && s.below.CompareAndSwap(nil, &more)) {
			return more[len(more)-1].fields
		}
	}
}

var none []selectedOf

// collect collects the fields of an object. gqlgen does not merge a field of a union with that of its member, and
// writes the first of them.
func (w *writer) collect(s *selected, satisfies []string) []*selected {
	collected := graphql.CollectFields(w.OperationContext, s.Selections, satisfies)
	fields := make([]*selected, 0, len(collected))
	for _, f := range collected {
		if !slices.ContainsFunc(fields, func(other *selected) bool { return other.Alias == f.Alias }) {
			fields = append(fields, &selected{CollectedField: f, name: `"` + f.Alias + `":`})
		}
	}
	return fields
}

// root is the root of an operation.
type root struct {
	selected
	readsSchema bool
}

// roots are those of operations whose selection does not depend on variables, as long as their documents are kept, by
// weak pointers to the operations. What is collected for one request serves all.
var roots sync.Map // weak.Pointer[ast.OperationDefinition] -> *root

// rootOf returns the root of an operation.
func rootOf(oc *graphql.OperationContext) *root {
	key := weak.Make(oc.Operation)
	if known, ok := roots.Load(key); ok {
		return known.(*root) //nolint:forcetypeassert // nothing else is stored
	}
	r := &root{readsSchema: readsSchema(oc)}
	r.Selections = oc.Operation.SelectionSet
	if strings.Contains(oc.RawQuery, "@") { // a condition, or a copy that this request alone has
		return r
	}
	kept, known := roots.LoadOrStore(key, r)
	if !known {
		runtime.AddCleanup(oc.Operation, func(key weak.Pointer[ast.OperationDefinition]) { roots.Delete(key) }, key)
	}
	return kept.(*root) //nolint:forcetypeassert // nothing else is stored
}

// readsSchema reports whether a field of the root reads the schema.
func readsSchema(oc *graphql.OperationContext) bool {
	for _, f := range graphql.CollectFields(oc, oc.Operation.SelectionSet, queryImplementors) {
		if strings.HasPrefix(f.Name, "__") && f.Name != "__typename" {
			return true
		}
	}
	return false
}
