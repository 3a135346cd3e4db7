package documents_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"portico/internal/documents"
	"portico/internal/service/servicetest"
)

// hashed is a request of automatic persisted queries: with a query it registers, without one it asks for what was registered.
func hashed(query, hash string) []byte {
	return fmt.Appendf(nil, `{"query": %q, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": %q}}}`, query, hash)
}

func TestCallersRegisterTheirQueries(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_APQ=on")
	hash := documents.Hash(port)
	const ada, bob, nobody = "Authorization: Bearer ada", "Authorization: Bearer bob", "Accept: */*"
	for _, step := range []struct{ what, query, hash, caller, want string }{
		{"before it is registered", "", hash, ada, "PERSISTED_QUERY_NOT_FOUND"},
		{"the hash of another query", port, documents.Hash(other), ada, "BAD_REQUEST"},
		{"after that", "", documents.Hash(other), ada, "PERSISTED_QUERY_NOT_FOUND"},
		{"registering", port, hash, ada, ""},
		{"by the hash", "", hash, ada, ""},
		{"another caller", "", hash, bob, "PERSISTED_QUERY_NOT_FOUND"},
		{"no caller", "", hash, nobody, "PERSISTED_QUERY_NOT_FOUND"},
		{"another caller registers", port, hash, bob, ""},
		{"and finds it", "", hash, bob, ""},
		{"a query that is not valid", "{ no", documents.Hash("{ no"), ada, "GRAPHQL_PARSE_FAILED"},
		{"is not valid by its hash either", "", documents.Hash("{ no"), ada, "GRAPHQL_PARSE_FAILED"},
		{"a hash that is not a string", "", "", ada, "BAD_REQUEST"},
	} {
		a := s.Post(t, hashed(step.query, step.hash), step.caller)
		if a.Codes() != step.want || (step.want == "") != (a.Data == data) {
			t.Errorf("%s: %s", step.what, a.Text)
		}
	}
	byGet := "/graphql?extensions=" + url.QueryEscape(fmt.Sprintf(`{"persistedQuery":{"version":1,"sha256Hash":%q}}`, hash))
	if a := s.Request(t, http.MethodGet, byGet, nil, ada); a.Data != data {
		t.Errorf("GET: %s", a.Text)
	}
}

func TestQueriesAreRegisteredOnlyWhereTheOperatorWantsThat(t *testing.T) {
	t.Parallel()
	file := manifest(t, other)
	for _, row := range []struct {
		what     string
		settings []string
		want     string
	}{
		{"by default", nil, "PERSISTED_QUERY_NOT_SUPPORTED"},
		{"with trusted documents alone", []string{"PORTICO_DOCUMENTS=" + file}, "PERSISTED_QUERY_NOT_FOUND"},
		{"with both", []string{"PORTICO_DOCUMENTS=" + file, "PORTICO_APQ=on"}, ""},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, row.settings...)
			if a := s.Post(t, hashed(port, documents.Hash(port))); a.Data != data {
				t.Errorf("with the query: %s", a.Text)
			}
			if a := s.Post(t, hashed("", documents.Hash(port))); a.Codes() != row.want {
				t.Errorf("by the hash: %s", a.Text)
			}
		})
	}
}
