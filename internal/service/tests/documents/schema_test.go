package documents_test

import (
	"net/http"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

func TestSchemaAccess(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		what     string
		settings []string
		hidden   bool
	}{
		{"on loopback", nil, false},
		{"off", []string{"PORTICO_INTROSPECTION=off"}, true},
		{"callers, where nobody is authenticated", []string{"PORTICO_INTROSPECTION=callers"}, true},
		{"an emulator behind a proxy", []string{"PORTICO_PUBLIC_URL=https://portico.example.com"}, false},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, row.settings...)
			for _, query := range []string{
				`{ __schema { queryType { name } } }`,
				`{ ...on Query { shown: __type(name: "Host") { name } } }`,
				`{ ...F } fragment F on Query { _service { sdl } }`,
			} {
				a := s.Ask(t, query)
				if hidden := a.Codes() == "INTROSPECTION_DISABLED"; hidden != row.hidden || !hidden && len(a.Errors) > 0 {
					t.Errorf("%s: %s", query, a.Text)
				}
			}
			if a := s.Ask(t, `{ __typename }`); a.Data != `{"__typename":"Query"}` {
				t.Errorf("__typename: %s", a.Text)
			}
		})
	}
}

func TestErrorsSuggestNothingOfAHiddenSchema(t *testing.T) {
	t.Parallel()
	open, hidden := servicetest.StartSmall(t), servicetest.StartSmall(t, "PORTICO_INTROSPECTION=off")
	for what, query := range map[string]string{
		"a field":          `{ hostPor(id: "x") { port } }`,
		"an argument":      `{ hostPort(idd: "x") { port } }`,
		"a type":           `query ($id: Strin) { hostPort(id: $id) { port } }`,
		"a fragment":       `{ hostPort(id: "x") { ... on HostPor { port } } }`,
		"a field's fields": `{ hostPort(id: "x") }`,
		"an enumeration":   `{ hosts(ids: []) { id } articles(orderBy: {field: LAST_UPDATED_DATE_TIM}) { nodes { id } } }`,
		"an input field":   `{ sslCertificates(search: {fiel: X, value: "x"}) { nodes { id } } }`,
	} {
		a, b := hidden.Ask(t, query), open.Ask(t, query)
		if len(a.Errors) == 0 || strings.Contains(strings.ToLower(a.Text), "did you mean") {
			t.Errorf("%s: %s", what, a.Text)
		}
		if what == "a field" && !strings.Contains(b.Text, "Did you mean") {
			t.Errorf("the open schema suggests nothing: %s", b.Text)
		}
	}
}

func TestThePlaygroundCanBeOff(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_PLAYGROUND=off")
	for _, path := range []string{"/", "/assets/main.js", "/index.html"} {
		if a := s.Get(t, path); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
	if a := s.Ask(t, `{ __typename }`); a.Status != http.StatusOK {
		t.Errorf("/graphql: %s", a.Text)
	}
}
