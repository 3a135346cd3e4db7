package graph

import (
	"context"
	"fmt"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// executed runs an operation twice, and counts how often it is executed.
func executed(t *testing.T, s *schemas, text string) (data string, times int) {
	t.Helper()
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil {
		t.Fatal(err)
	}
	if errs := validate(doc, false); errs != nil {
		t.Fatalf("%s: %v", text, errs)
	}
	oc := &graphql.OperationContext{RawQuery: text, Doc: doc, Operation: doc.Operations[0]}
	ctx := graphql.WithOperationContext(t.Context(), oc)
	for range 2 {
		response := s.around(ctx, func(context.Context) *graphql.Response {
			times++
			return &graphql.Response{Data: fmt.Appendf(nil, "%d", times)}
		})
		data = string(response.Data)
	}
	return data, times
}

// The response to an operation that only introspects is made once; all others are executed each time.
func TestIntrospectionIsServedFromMemory(t *testing.T) {
	t.Parallel()
	s := newSchemas()
	for text, want := range map[string]int{
		`{ __schema { types { name } } }`:                                                            1,
		`query IntrospectionQuery { __schema { queryType { name } } __typename }`:                    1,
		`{ __type(name: "Host") { name } }`:                                                          1,
		`query($d: Boolean) { __type(name: "Host") { fields(includeDeprecated: $d) { name } } }`:     2,
		`{ __schema { queryType { name } } host(id: "a") { id } }`:                                   2,
		`{ host(id: "a") { __typename } }`:                                                           2,
		`{ ... on Query { __schema { queryType { name } } ... on Query { host(id: "a") { id } } } }`: 2,
	} {
		if data, times := executed(t, s, text); times != want || data != fmt.Sprint(want) {
			t.Errorf("%s was executed %d times, want %d; got %s", text, times, want, data)
		}
	}
}

// What is remembered is bounded by its length: the latest stays.
func TestMemoryOfIntrospectionIsBounded(t *testing.T) {
	t.Parallel()
	s := newSchemas()
	for i := range 100 {
		s.put(fmt.Sprint(i), make([]byte, 1<<20))
	}
	if s.bytes > schemaCache || s.lru.Len() != schemaCache>>20-1 || s.get("99") == nil || s.get("0") != nil {
		t.Errorf("%d responses of %d bytes", s.lru.Len(), s.bytes)
	}
}
