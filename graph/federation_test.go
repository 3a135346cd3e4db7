package graph

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"portico/graph/plan"
)

// A gateway is told what is everybody's business: no directive of ours, no type that only serves one.
func TestTheServedSchemaIsForComposition(t *testing.T) {
	served := serviceSDL()
	doc, err := parser.ParseSchema(&ast.Source{Input: served})
	if err != nil {
		t.Fatal(err)
	}
	if len(doc.Directives) != 0 {
		t.Errorf("it defines the directive %s", doc.Directives[0].Name)
	}
	used := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)[^"`+"`"+`\w]@(\w+)`).FindAllStringSubmatch(served, -1) {
		used[match[1]] = true
	}
	if diff := cmp.Diff(map[string]bool{"link": true, "key": true, "shareable": true, "specifiedBy": true}, used); diff != "" {
		t.Errorf("directives, -want +got:\n%s", diff)
	}
	var want, got []string
	for name, def := range plan.Schema.Types {
		if !def.BuiltIn && name != "QueryOption" && name != "ConditionKind" && !strings.HasPrefix(name, "_") {
			want = append(want, name)
		}
	}
	for _, def := range doc.Definitions {
		got = append(got, def.Name)
		for _, f := range def.Fields {
			if strings.HasPrefix(f.Name, "_") {
				t.Errorf("it holds %s.%s", def.Name, f.Name)
			}
		}
	}
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("types, -want +got:\n%s", diff)
	}
}

// The copy that is served leaves the schema that everything else reads as it is.
func TestServingTheSchemaChangesNothing(t *testing.T) {
	serviceSDL()
	if plan.Schema.Types["HostPort"].Fields.ForName("port").Directives.ForName("property") == nil {
		t.Error("@property was taken off the schema itself")
	}
	if plan.Schema.Query.Fields.ForName("_entities") == nil {
		t.Error("_entities was taken off the schema itself")
	}
}
