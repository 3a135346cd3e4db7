package attacks_test

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/service/servicetest"
)

// finding is one of the twelve checks that the auditing tool graphql-cop makes: a request, and when its response is reported.
type finding struct {
	name  string
	send  func(t *testing.T, s *servicetest.Service, token string) servicetest.Reply
	fires func(servicetest.Reply) bool
}

// queried sends a query as JSON.
func queried(query string) func(*testing.T, *servicetest.Service, string) servicetest.Reply {
	return func(t *testing.T, s *servicetest.Service, token string) servicetest.Reply {
		t.Helper()
		return s.Post(t, fmt.Appendf(nil, `{"query": %q, "operationName": "cop"}`, query), token)
	}
}

// got sends a query as a GET.
func got(query string) func(*testing.T, *servicetest.Service, string) servicetest.Reply {
	return func(t *testing.T, s *servicetest.Service, token string) servicetest.Reply {
		t.Helper()
		return s.Request(t, http.MethodGet, "/graphql?query="+url.QueryEscape(query), nil, token)
	}
}

// executed reports that a query was executed.
func executed(r servicetest.Reply) bool { return strings.Contains(r.Text, `"__typename":"`) }

func says(word string) func(servicetest.Reply) bool {
	return func(r servicetest.Reply) bool { return strings.Contains(r.Text, word) }
}

func findings() []finding {
	var aliases strings.Builder
	for i := range 101 {
		fmt.Fprintf(&aliases, "alias%d: __typename\n", i)
	}
	return []finding{
		{"field suggestions", queried("query cop { __schema { directive } }"), says("Did you mean")},
		{"introspection", queried("query cop { __schema { types { name fields { name } } } }"), says(`"types":[`)},
		{"a GraphQL IDE", func(t *testing.T, s *servicetest.Service, token string) servicetest.Reply {
			t.Helper()
			return s.Request(t, http.MethodGet, "/graphql", nil, token, "Accept: text/html")
		}, says("GraphiQL")},
		{"queries by GET", got("query cop {__typename}"), executed},
		{"101 aliases", queried("query cop { " + aliases.String() + " }"), says(`"alias100"`)},
		{"ten operations in an array", func(t *testing.T, s *servicetest.Service, token string) servicetest.Reply {
			t.Helper()
			one := `{"query": "query cop { __typename }"}`
			return s.Post(t, []byte("["+strings.Repeat(one+",", 9)+one+"]"), token)
		}, func(r servicetest.Reply) bool { return strings.HasPrefix(r.Text, "[") }},
		{"tracing", queried("query cop { __typename }"), says(`"tracing"`)},
		{"ten equal directives", queried("query cop { __typename " + strings.Repeat("@aa", 10) + " }"), func(r servicetest.Reply) bool {
			return len(r.Errors) == 10
		}},
		{"introspection in circles", queried("query cop { __schema { types { " + strings.Repeat("fields { type { ", 4) + "name" +
			strings.Repeat(" } }", 4) + " } } }"), says(`"types":[`)},
		{"mutations by GET", got("mutation cop {__typename}"), executed},
		{"a form by POST", func(t *testing.T, s *servicetest.Service, token string) servicetest.Reply {
			t.Helper()
			return s.Request(t, http.MethodPost, "/graphql", []byte("query="+url.QueryEscape("query cop { __typename }")),
				"Content-Type: application/x-www-form-urlencoded", token)
		}, executed},
		{"exceptions in errors", queried("qwerty cop { abc }"), says(`"exception"`)},
	}
}

// With a valid token, an auditor finds nothing where documents are required and the schema is hidden. The defaults off
// loopback leave three: authenticated callers may read the schema, its suggestions included, and may send queries by GET,
// which carry a token that no other site's page has.
func TestWhatAnAuditorFinds(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "port.graphql")
	if err := os.WriteFile(file, []byte(`{ hostPort(id: "`+servicetest.ExampleID+`") { port } }`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		what     string
		settings []string
		want     []string
	}{
		{
			"documents required, the schema hidden",
			[]string{"PORTICO_DOCUMENTS=" + file, "PORTICO_DOCUMENTS_MODE=require", "PORTICO_INTROSPECTION=off"},
			nil,
		},
		{"the schema hidden", []string{"PORTICO_INTROSPECTION=off"}, []string{"queries by GET"}},
		{"the defaults off loopback", nil, []string{"field suggestions", "introspection", "queries by GET"}},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, append([]string{
				"PORTICO_LISTEN=0.0.0.0:8080", "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user",
			}, row.settings...)...)
			servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
			token := "Authorization: Bearer " + s.Emulator.UserToken("ada")
			var found []string
			for _, f := range findings() {
				if f.fires(f.send(t, s, token)) {
					found = append(found, f.name)
				}
				if f.name != "a GraphQL IDE" && f.fires(f.send(t, s, "Accept: application/json")) {
					t.Errorf("%s, without a token", f.name)
				}
			}
			if diff := cmp.Diff(row.want, slices.Clip(found)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
