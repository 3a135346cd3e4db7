package graph

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator"

	"portico/loaders"
)

// operationOf parses and validates a document with one operation; false if it is not valid.
func operationOf(text string) (*graphql.OperationContext, bool) {
	doc, errs := gqlparser.LoadQuery(facts.schema, text)
	if errs != nil || len(doc.Operations) != 1 {
		return nil, false
	}
	vars, err := validator.VariableValues(facts.schema, doc.Operations[0], map[string]any{"id": "x", "ids": []any{"x", "y"}})
	return &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: vars}, err == nil
}

// nowhere refuses every lookup.
type nowhere struct{}

func (nowhere) Fetch(_ context.Context, urls []string, done func(int, []byte, error)) {
	for i := range urls {
		done(i, nil, context.Canceled)
	}
}

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
		oc, valid := operationOf(text)
		if !valid {
			return
		}
		p := planner{maxIDs: 100, hints: true, countMiss: func() {}}
		steps, err := p.plan(oc)
		if err != nil {
			return
		}
		if err := loaders.New(t.Context(), nowhere{}, 400).Prefetch(steps); err != nil {
			t.Log(err)
		}
	})
}

// Every entity type that the schema refers to has a row in the table of entities, and every row is in the schema.
func TestEveryEntityHasARow(t *testing.T) {
	reached := map[string]bool{}
	for _, fields := range facts.fields {
		for _, f := range fields {
			if f.kind == request || f.kind == navigation {
				reached[f.target.Name] = true
				if entities[f.target.Name].plan == nil {
					t.Errorf("%s leads to %s, which no row of entities fetches", f.name, f.target.Name)
				}
			}
		}
	}
	for name := range entities {
		if !reached[name] {
			t.Errorf("nothing in the schema leads to %s", name)
		}
	}
}

// Every field of an entity says what it is upstream; only the key needs no word.
func TestEveryFieldOfAnEntitySaysWhatItIs(t *testing.T) {
	for name := range entities {
		for _, concrete := range facts.schema.GetPossibleTypes(facts.schema.Types[name]) {
			for _, f := range facts.fields[concrete.Name] {
				if f.kind == plain && f.name != "id" {
					t.Errorf("%s.%s has no directive", concrete.Name, f.name)
				}
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
