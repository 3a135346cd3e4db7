package documents_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/internal/interop"
	"portico/internal/service/servicetest"
)

// internals are in schema.graphqls, for Portico, and in nothing that clients see.
var internals = []string{
	"property", "navigation", "computed", "request", "filter", "orderby", "search", "reads", "wire", "key", "link",
	"shareable", "QueryOption", "ConditionKind",
}

func TestTheServedSchemaHidesInternals(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	a := s.Ask(t, `{ __schema { types { name } directives { name } } __type(name: "QueryOption") { name } }`)
	for _, name := range internals {
		if strings.Contains(a.Data, `"name":"`+name+`"`) {
			t.Errorf("introspection shows %s", name)
		}
	}
	if !strings.Contains(a.Data, `"__type":null`) || !strings.Contains(a.Data, `"name":"defer"`) || !strings.Contains(a.Data, `"name":"oneOf"`) || !strings.Contains(a.Data, `"name":"HostPort"`) {
		t.Errorf("introspection: %.300s", a.Text)
	}
	text := s.Get(t, "/schema.graphqls").Text
	for _, name := range internals {
		if strings.Contains(text, "@"+name+" ") || strings.Contains(text, "@"+name+"\n") || strings.Contains(text, "@"+name+"(") || strings.Contains(text, "enum "+name) {
			t.Errorf("the text has %s", name)
		}
	}
}

// The text is a schema of its own, with all types and @defer, and is the one that introspection shows.
func TestTheSchemaAsText(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	a := s.Get(t, "/schema.graphqls")
	if a.Status != http.StatusOK || !strings.HasPrefix(a.Header.Get("Content-Type"), "text/plain") || a.Header.Get("ETag") == "" {
		t.Fatalf("%d %v", a.Status, a.Header)
	}
	for _, wanted := range []string{"directive @defer(", "directive @oneOf on", "input WhoisSearch @oneOf {", "scalar DateTime @specifiedBy("} {
		if !strings.Contains(a.Text, wanted) {
			t.Errorf("%s is missing", wanted)
		}
	}
	served, err := gqlparser.LoadSchema(&ast.Source{Name: "served", Input: strings.Split(a.Text, "\"\"\"\nLets the fragment arrive later")[0]})
	if err != nil {
		t.Fatal(err)
	}
	for name, def := range servicetest.Schema.Types {
		shown := served.Types[name]
		switch {
		case slices.Contains(internals, name) || def.BuiltIn || strings.HasPrefix(name, "_"):
		case shown == nil:
			t.Errorf("%s is missing", name)
		case len(shown.Fields) != len(def.Fields) || len(shown.EnumValues) != len(def.EnumValues) || shown.Description != def.Description:
			t.Errorf("%s has %d fields and %d values", name, len(shown.Fields), len(shown.EnumValues))
		}
	}
	if again := s.Get(t, "/schema.graphqls", "If-None-Match", a.Header.Get("ETag")); again.Status != http.StatusNotModified || again.Text != "" {
		t.Errorf("with its ETag: %d", again.Status)
	}
}

// Tools of clients that are built on graphql-js read the same schema by introspection as from the text.
func TestGraphQLJSReadsTheServedSchema(t *testing.T) {
	t.Parallel()
	interop.Tree{Folder: "testdata/federation"}.Run(t, nil, "node", "schema.mjs", servicetest.StartSmall(t).URL)
}

// Everything has a description, and each field that can cost a request says what it costs.
func TestTheServedSchemaSaysWhatFieldsCost(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	a := s.Ask(t, `{ __schema { types { name kind description fields(includeDeprecated: true) { name description } } } }`)
	a.WantNoErrors(t)
	type described struct{ Name, Description string }
	got := servicetest.Data[struct {
		Schema struct {
			Types []struct {
				described
				Fields []described
			}
		} `json:"__schema"`
	}](t, a)
	costs := 0
	for _, def := range got.Schema.Types {
		known := servicetest.Schema.Types[def.Name]
		if known.BuiltIn {
			continue
		}
		if def.Description == "" {
			t.Errorf("%s has no description", def.Name)
		}
		for _, f := range def.Fields {
			declared := known.Fields.ForName(f.Name)
			wants := declared.Directives.ForName("request") != nil || declared.Directives.ForName("navigation") != nil
			if says := strings.Contains(f.Description, " Cost: "); says != wants || f.Description == "" {
				t.Errorf("%s.%s: %q", def.Name, f.Name, f.Description)
			}
			if wants {
				costs++
			}
		}
	}
	if costs < 90 {
		t.Errorf("%d fields have a cost", costs)
	}
}

func TestWhoMayReadTheSchemaAsText(t *testing.T) {
	t.Parallel()
	for settings, want := range map[string]int{
		"PORTICO_INTROSPECTION=off": http.StatusForbidden, "PORTICO_INTROSPECTION=callers": http.StatusForbidden, "PORTICO_INTROSPECTION=on": http.StatusOK,
	} {
		s := servicetest.StartSmall(t, settings)
		if a := s.Get(t, "/schema.graphqls"); a.Status != want || want != http.StatusOK && strings.Contains(a.Text, "HostPort") {
			t.Errorf("%s: %d %.100s", settings, a.Status, a.Text)
		}
	}
}
