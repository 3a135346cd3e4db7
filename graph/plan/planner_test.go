package plan

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
	"github.com/vektah/gqlparser/v2/validator"

	"portico/graph/limits"
	"portico/loaders"
	"portico/threatintel"
)

// bounds are the default ones.
var bounds = Bounds{IDs: limits.Default().IDs, Value: int(limits.Default().Value)}

// readDocument reads a document with one operation; false if it is not valid or refused.
func readDocument(text string, variables map[string]any) (*Reading, bool) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil || len(doc.Operations) != 1 || validator.ValidateWithRules(Schema, doc, nil) != nil {
		return nil, false
	}
	vars, unread := Input.Variables(doc.Operations[0], variables)
	if unread != nil {
		return nil, false
	}
	r, refused := Read(doc, doc.Operations[0], vars, bounds)
	return r, refused == nil
}

// nowhere refuses every lookup.
type nowhere struct{}

func (nowhere) Fetch(_ context.Context, urls []string, done func(int, []byte, error)) {
	for i := range urls {
		done(i, nil, context.Canceled)
	}
}

func FuzzPlan(f *testing.F) {
	files, err := filepath.Glob("../../testdata/wire/*.graphql")
	if err != nil || len(files) == 0 {
		f.Fatal("no queries", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, valid := readDocument(text, map[string]any{"id": "x", "ids": []any{"x", "y"}})
		if !valid {
			return
		}
		if size := r.Size(func() string { return "" }); size < 0 || size > 1<<30 {
			t.Errorf("%d fields", size)
		}
		p := Planner{HostHints: true, Missed: func() {}, Sealer: NewSealer("")}
		known := loaders.NewRefused(slog.New(slog.DiscardHandler), threatintel.Endpoint, nil)
		if err := loaders.New(t.Context(), nowhere{}, known, 400).Prefetch(p.Plan(r)); err != nil {
			t.Log(err)
		}
	})
}

// Whatever the schema leads to has a row in the tables, and every row is in the schema.
func TestEveryRequestHasARow(t *testing.T) {
	below, byID := map[string]bool{}, map[string]bool{}
	for _, fields := range catalog.fields {
		for _, f := range fields {
			switch {
			case f.kind == kindRequest && (f.Owner != "Query" || f.Connection != nil):
				below[f.Owner+"."+f.Name] = true
			case f.kind == kindRequest || f.kind == kindNavigation:
				for _, concrete := range catalog.objects[f.Target.Name] {
					if from := endpointType(concrete); from != nil {
						byID[from.Name] = true
					} else if concrete.Name != "UnclassifiedArtifact" {
						t.Errorf("%s leads to %s, which no row of entities fetches", f.Name, concrete.Name)
					}
				}
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(below)), slices.Sorted(maps.Keys(requests))); diff != "" {
		t.Errorf("requests below an owner, -schema +table:\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(byID)), slices.Sorted(maps.Keys(entities))); diff != "" {
		t.Errorf("entities, -schema +table:\n%s", diff)
	}
}

// Every field of an entity says what it is upstream; only the key needs no word.
func TestEveryFieldOfAnEntitySaysWhatItIs(t *testing.T) {
	for name := range entities {
		for _, concrete := range catalog.objects[name] {
			for _, f := range catalog.fields[concrete.Name] {
				if f.kind == kindPlain && f.Name != "id" {
					t.Errorf("%s.%s has no directive", concrete.Name, f.Name)
				}
			}
		}
	}
}

// What Microsoft Graph may fail to give can be null, so that a failure costs no more than its field.
func TestOnlyIDsAreNonNull(t *testing.T) {
	for _, def := range Schema.Types {
		for _, f := range def.Fields {
			field := catalog.field(def.Name, f.Name)
			own := field.kind == kindPlain || (field.kind == kindComputed && len(field.from) == 0)
			if !own && f.Type.NonNull && f.Type.Elem == nil {
				t.Errorf("%s.%s is %s", def.Name, f.Name, f.Type)
			}
		}
	}
}

// What a field is computed from are properties of its type.
func TestComputedFieldsReadProperties(t *testing.T) {
	for on, fields := range catalog.fields {
		for _, f := range fields {
			for _, property := range f.from {
				if source := fields[property]; source == nil || (source.kind != kindProperty && source.kind != kindPlain) {
					t.Errorf("%s.%s is computed from %s, which is not a property", on, f.Name, property)
				}
			}
		}
	}
}

func TestEverythingInTheSchemaIsDescribed(t *testing.T) {
	for _, def := range Schema.Types {
		if def.BuiltIn {
			continue
		}
		if def.Description == "" {
			t.Errorf("%s is not described", def.Name)
		}
		for _, f := range def.Fields {
			described(t, def.Name+"."+f.Name, f)
		}
		for _, v := range def.EnumValues {
			if v.Description == "" {
				t.Errorf("%s.%s is not described", def.Name, v.Name)
			}
		}
	}
}

func described(t *testing.T, name string, f *ast.FieldDefinition) {
	t.Helper()
	if len(f.Name) > 1 && f.Name[:2] == "__" {
		return
	}
	if f.Description == "" {
		t.Errorf("%s is not described", name)
	}
	for _, a := range f.Arguments {
		if a.Description == "" {
			t.Errorf("%s(%s:) is not described", name, a.Name)
		}
	}
}

// What has an endpoint by id has a key, and is among the types that a gateway may ask for; nothing else is.
func TestEveryEntityHasAKey(t *testing.T) {
	var want, keyed []string
	for name, def := range Schema.Types {
		if def.Kind == ast.Object && endpointType(def) != nil {
			want = append(want, name)
		}
		for _, key := range def.Directives.ForNames("key") {
			keyed = append(keyed, name)
			if fields := key.ArgumentMap(nil)["fields"]; fields != "id" {
				t.Errorf("the key of %s is %v", name, fields)
			}
		}
	}
	asked := slices.Sorted(slices.Values(Schema.Types["_Entity"].Types))
	slices.Sort(want)
	keyed = slices.DeleteFunc(keyed, func(name string) bool { return name == "Host" }) // of a type that another subgraph does not know
	slices.Sort(keyed)
	if diff := cmp.Diff(want, keyed); diff != "" {
		t.Errorf("types with a key, -endpoints +schema:\n%s", diff)
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Errorf("members of _Entity, -endpoints +schema:\n%s", diff)
	}
}

// The planner, the resolvers and each item of a list project the same selections: the work is done once for each type.
func TestASelectionIsProjectedOnce(t *testing.T) {
	t.Parallel()
	r, valid := readDocument(`query($ids: [ID!]!) { hostPorts(ids: $ids) { port host { firstSeenDateTime } } }`,
		map[string]any{"ids": []any{"ODUuMjM5LjUzLjIyOCQkODA4MQ==", "ODUuMjM5LjUzLjIyOCQkODA4Mg==", "ODUuMjM5LjUzLjIyOSQkODA4MQ=="}})
	if !valid {
		t.Fatal("not valid")
	}
	p := Planner{HostHints: true, Missed: func() {}, Sealer: NewSealer("")}
	if steps := p.Plan(r); len(steps) != 6 {
		t.Errorf("%d steps, want three ports and their hosts", len(steps))
	}
	ports := r.operation.SelectionSet[0].(*ast.Field)
	call := r.Call("Query", ports, ports.SelectionSet)
	for _, key := range call.IDs {
		call.Selection.Of(&key.Target)
	}
	if n := len(r.projections.known); n != 2 { // of the port, and of the host
		t.Errorf("%d projections, want 2", n)
	}
}
