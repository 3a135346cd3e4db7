package graph

import (
	"context"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"

	"portico/graph/limits"
	"portico/loaders"
)

// parsed parses and validates a document with one operation; false if it is not valid.
func parsed(text string) (*graphql.OperationContext, bool) {
	doc, err := parser.ParseQuery(&ast.Source{Input: text})
	if err != nil || len(doc.Operations) != 1 || validate(doc) != nil {
		return nil, false
	}
	vars, unread := input.Variables(doc.Operations[0], map[string]any{"id": "x", "ids": []any{"x", "y"}})
	return &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: vars}, unread == nil
}

// nowhere refuses every lookup.
type nowhere struct{}

func (nowhere) Fetch(_ context.Context, urls []string, done func(int, []byte, error)) {
	for i := range urls {
		done(i, nil, context.Canceled)
	}
}

func (nowhere) NextPage(string, string) (string, bool) { return "", false }

func FuzzPlan(f *testing.F) {
	files, err := filepath.Glob("../testdata/wire/*.graphql")
	if err != nil || len(files) == 0 {
		f.Fatal("no questions", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Fuzz(func(t *testing.T, text string) {
		oc, valid := parsed(text)
		if !valid {
			return
		}
		p := planner{hints: true, countMiss: func() {}, cursors: newCursors("")}
		r, err := readOperation(oc, limits.Default())
		if err != nil {
			return
		}
		if size := r.size(oc.Operation); size < 0 || size > 1<<30 {
			t.Errorf("%d fields", size)
		}
		steps, err := p.plan(r, oc.Operation)
		if err != nil {
			return
		}
		if err := loaders.New(t.Context(), nowhere{}, loaders.NewRefused(slog.New(slog.DiscardHandler)), 400).Prefetch(steps); err != nil {
			t.Log(err)
		}
	})
}

// Whatever the schema leads to has a row in the tables, and every row is in the schema.
func TestEveryRequestHasARow(t *testing.T) {
	below, byID := map[string]bool{}, map[string]bool{}
	for _, fields := range facts.fields {
		for _, f := range fields {
			switch {
			case f.kind == request && (f.owner != "Query" || f.connection != nil):
				below[f.owner+"."+f.name] = true
			case f.kind == request || f.kind == navigation:
				for _, concrete := range facts.objects[f.target.Name] {
					if from := endpoint(concrete); from != nil {
						byID[from.Name] = true
					} else if concrete.Name != "UnclassifiedArtifact" {
						t.Errorf("%s leads to %s, which no row of entities fetches", f.name, concrete.Name)
					}
				}
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(below)), slices.Sorted(maps.Keys(owned))); diff != "" {
		t.Errorf("requests below an owner, -schema +table:\n%s", diff)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(byID)), slices.Sorted(maps.Keys(entities))); diff != "" {
		t.Errorf("entities, -schema +table:\n%s", diff)
	}
}

// Every field of an entity says what it is upstream; only the key needs no word.
func TestEveryFieldOfAnEntitySaysWhatItIs(t *testing.T) {
	for name := range entities {
		for _, concrete := range facts.objects[name] {
			for _, f := range facts.fields[concrete.Name] {
				if f.kind == plain && f.name != "id" {
					t.Errorf("%s.%s has no directive", concrete.Name, f.name)
				}
			}
		}
	}
}

// What Microsoft Graph may fail to give can be null, so that a failure costs no more than its field.
func TestNothingThatIsAskedForIsNonNull(t *testing.T) {
	for _, def := range facts.schema.Types {
		for _, f := range def.Fields {
			kind := facts.field(def.Name, f.Name).kind
			if kind != plain && f.Type.NonNull && f.Type.Elem == nil {
				t.Errorf("%s.%s is %s", def.Name, f.Name, f.Type)
			}
		}
	}
}

func TestEverythingInTheSchemaIsDescribed(t *testing.T) {
	for _, def := range facts.schema.Types {
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
