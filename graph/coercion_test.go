package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/limits"
	"portico/graph/plan"
)

// agreement is one operation that graphql-js and Portico both read. Its field of interest has the alias "it".
type agreement struct {
	Query     string   `json:"query"`
	Variables string   `json:"variables"`
	Types     []string `json:"types"` // the object types that interfaces on the way stand for
}

// outcome is what the field was given, or why the operation was refused.
type outcome struct {
	Refused string         `json:"refused"`
	Given   map[string]any `json:"given"`
}

// Portico and graphql-js, the reference implementation, read every argument of every field alike: both refuse it, or both
// read the same value. The input has every wrong and odd form, as a literal, by a variable and by its default.
func TestInputIsReadAsByGraphQLJS(t *testing.T) {
	t.Parallel()
	const tree = "../testdata/federation"
	if _, err := os.Stat(tree + "/node_modules/.package-lock.json"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("graphql-js is not installed; install it with: make federation")
		}
		t.Skip("graphql-js is not installed; install it with: make federation")
	}
	cases := agreements(t)
	theirs := readByGraphQLJS(t, tree, cases)
	accepted, differences := 0, 0
	endpoint := NewHandler(Options{
		Fetch: nowhere{}, Identity: func(context.Context) string { return "" }, Limits: limits.Default(), Log: slog.New(slog.DiscardHandler),
	})
	for i, c := range cases {
		ours := readByPortico(t, c)
		if ours.Refused == "" {
			accepted++
			wantNoDefect(t, endpoint, c)
		}
		same := (ours.Refused == "") == (theirs[i].Refused == "") && (ours.Refused != "" || cmp.Equal(theirs[i].Given, ours.Given, sameDigits))
		if same {
			continue
		}
		if differences++; differences <= 20 {
			t.Errorf("%s\n%s\ngraphql-js: %+v\nPortico:    %+v", c.Query, c.Variables, theirs[i], ours)
		}
	}
	t.Logf("%d cases, %d accepted, %d differences", len(cases), accepted, differences)
	if accepted < len(cases)/10 || accepted > len(cases)*9/10 {
		t.Errorf("%d of %d cases are accepted: the cases test one side alone", accepted, len(cases))
	}
}

// wantNoDefect executes an operation: gqlgen reads the arguments too, and must not fail on what was read.
func wantNoDefect(t *testing.T, endpoint http.Handler, c agreement) {
	t.Helper()
	query, err := json.Marshal(c.Query)
	if err != nil {
		t.Fatal(err)
	}
	body := fmt.Sprintf(`{"query":%s,"variables":%s}`, query, c.Variables)
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	endpoint.ServeHTTP(w, r)
	if answer := w.Body.String(); strings.Contains(answer, `"INTERNAL"`) || strings.Contains(answer, "VALIDATION_FAILED") {
		t.Errorf("%s\n%s\n%s", c.Query, c.Variables, answer)
	}
}

// sameDigits lets an ID keep the digits that a number of JavaScript loses.
var sameDigits = cmp.FilterValues(func(a, b string) bool { return len(a) > 16 && len(b) > 16 }, cmp.Comparer(func(a, b string) bool {
	x, notX := strconv.ParseFloat(a, 64)
	y, notY := strconv.ParseFloat(b, 64)
	return a == b || (notX == nil && notY == nil && x == y)
}))

func readByGraphQLJS(t *testing.T, tree string, cases []agreement) (all []outcome) {
	t.Helper()
	var sdl strings.Builder
	for _, file := range []string{"../schema.graphqls", "../federation.graphqls", "generated/entities.graphqls"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sdl.Write(text)
	}
	given, err := json.Marshal(map[string]any{"sdl": sdl.String(), "cases": cases})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "coercion.mjs")
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = tree, bytes.NewReader(given), time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaints.String())
	}
	if err := json.Unmarshal(out, &all); err != nil || len(all) != len(cases) {
		t.Fatalf("%d outcomes of %d: %v", len(all), len(cases), err)
	}
	return all
}

// readByPortico reads an operation as a request is read.
func readByPortico(t *testing.T, c agreement) outcome {
	t.Helper()
	var variables map[string]any
	d := json.NewDecoder(strings.NewReader(c.Variables))
	d.UseNumber()
	if err := d.Decode(&variables); err != nil {
		t.Fatal(err)
	}
	p := preparation{documents: limits.NewDocuments(0)}
	oc, errs := p.CreateOperationContext(t.Context(), &graphql.RawParams{Query: c.Query, Variables: variables})
	if len(errs) > 0 {
		return refusedBy(t, errs)
	}
	r, err := plan.Read(oc.Doc, oc.Operation, oc.Variables, plan.Bounds{IDs: limits.Default().IDs, Value: int(limits.Default().Value)})
	if err != nil {
		return refusedBy(t, gqlerror.List{refusal(err)})
	}
	var read outcome
	eachField(oc.Doc, func(f *ast.Field) {
		values, executed := r.Given(f)
		if f.Alias == "it" && executed && !strings.HasPrefix(f.Name, "__") { // graphql-js resolves introspection itself
			read.Given = plainly(t, values)
		}
	})
	return read
}

func refusedBy(t *testing.T, errs gqlerror.List) outcome {
	t.Helper()
	for _, err := range errs {
		if err.Extensions["code"] == nil || err.Message == "" {
			t.Errorf("an error without a code: %v", err)
		}
	}
	return outcome{Refused: errs[0].Message}
}

// plainly is a value as JSON has it.
func plainly(t *testing.T, value map[string]any) (plain map[string]any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err == nil {
		err = json.Unmarshal(text, &plain)
	}
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// Every argument of every field of the schema is among the cases.
func TestAgreementsCoverTheSchema(t *testing.T) {
	t.Parallel()
	covered := map[string]int{}
	for _, c := range agreements(t) {
		doc, errs := limits.Limits{}.Parse(c.Query)
		if errs != nil {
			continue
		}
		_ = validate(doc, false) // only for the definitions
		eachField(doc, func(f *ast.Field) {
			if f.Alias == "it" && f.ObjectDefinition != nil {
				for _, arg := range f.Arguments {
					covered[f.ObjectDefinition.Name+"."+f.Name+"."+arg.Name]++
				}
			}
		})
	}
	for _, def := range plan.Schema.Types {
		if def.BuiltIn || (def.Kind != ast.Object && def.Kind != ast.Interface) {
			continue
		}
		for _, f := range def.Fields {
			for _, arg := range f.Arguments {
				if name := def.Name + "." + f.Name + "." + arg.Name; covered[name] < 20 && !strings.HasPrefix(f.Name, "__") {
					t.Errorf("%s: %d cases", name, covered[name])
				}
			}
		}
	}
}

func eachField(doc *ast.QueryDocument, yield func(*ast.Field)) {
	var walk func(ast.SelectionSet)
	walk = func(set ast.SelectionSet) {
		for _, s := range set {
			switch s := s.(type) {
			case *ast.Field:
				yield(s)
				walk(s.SelectionSet)
			case *ast.InlineFragment:
				walk(s.SelectionSet)
			}
		}
	}
	for _, op := range doc.Operations {
		walk(op.SelectionSet)
	}
}

// nowhere refuses every lookup.
type nowhere struct{}

func (nowhere) Fetch(_ context.Context, urls []string, done func(int, []byte, error)) {
	for i := range urls {
		done(i, nil, context.Canceled)
	}
}

func (nowhere) NextPage(string, string) (string, bool) { return "", false }
