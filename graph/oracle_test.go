package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/limits"
	"portico/graph/plan"
	"portico/internal/telemetry"
)

// engines are the endpoint twice: as it is, and the oracle, with gqlgen's executor for everything, and with responses that
// package json decodes whole.
type engines struct{ onePass, oracle http.Handler }

func newEngines(u Fetcher) engines {
	l := limits.Limits{Errors: 100_000, UpstreamRequests: 100_000}
	o := Options{
		Fetch: u, HostHints: true, Limits: l, Log: slog.New(slog.DiscardHandler), Cursors: plan.NewSealer(strings.Repeat("k", 32)),
		Identity: func(context.Context) string { return "" },
	}
	whole := o
	whole.Fetch = unusual{u}
	return engines{NewHandler(o), newHandler(whole, func(graphql.ExecutableSchema) graphql.ExecutableSchema { return nil })}
}

// unusual gives every response a member that internal/sparse leaves to package json.
type unusual struct{ Fetcher }

func (u unusual) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	u.Fetcher.Fetch(ctx, urls, func(i int, body []byte, err error) {
		if rest, ok := bytes.CutPrefix(body, []byte("{")); ok && !bytes.HasPrefix(rest, []byte("}")) {
			body = append([]byte(`{"\u0040unusual":"",`), rest...)
		}
		done(i, body, err)
	})
}

// replied is a response: its data to the byte, and its errors, sorted, since gqlgen's come in any order.
type replied struct {
	Status int
	Data   string
	Errors []string
}

func respond(tb testing.TB, h http.Handler, body string) replied {
	tb.Helper()
	ctx, notes := telemetry.WithRecord(tb.Context())
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	out := httptest.NewRecorder()
	h.ServeHTTP(out, r)
	var response struct {
		Data   json.RawMessage
		Errors []json.RawMessage
	}
	if err := json.Unmarshal(out.Body.Bytes(), &response); err != nil {
		tb.Fatalf("%v\n%.2000s", err, out.Body)
	}
	if n := notes.Counted("unplanned_lookups"); n > 0 {
		tb.Errorf("%d lookups were not planned: %s", n, body)
	}
	w := replied{Status: out.Code, Data: string(response.Data)}
	for _, err := range response.Errors {
		w.Errors = append(w.Errors, string(err))
	}
	slices.Sort(w.Errors)
	return w
}

// wantEqual sends one request to both engines. It returns what they answered.
func (e engines) wantEqual(tb testing.TB, body string) replied {
	tb.Helper()
	got, want := respond(tb, e.onePass, body), respond(tb, e.oracle, body)
	if diff := cmp.Diff(want, got); diff != "" {
		tb.Errorf("%s\n-gqlgen's executor +one pass\n%.3000s", body, diff)
	}
	return got
}

// Each document of the suite has the same response from both engines.
func TestEveryDocumentIsWrittenAsByTheOracle(t *testing.T) {
	t.Parallel()
	var files []string
	for _, pattern := range []string{"documents/*.graphql", "wire/*.graphql", "plan/*.graphql"} {
		found, err := filepath.Glob("../testdata/" + pattern)
		if err != nil || len(found) == 0 {
			t.Fatal("no documents for", pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			query, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for seed := range uint64(20) {
				body := marshal(map[string]any{"query": string(query), "variables": variablesOf(t, file, string(query))})
				got := newEngines(invented{seed, int(seed)}).wantEqual(t, string(body))
				if got.Data == "" && strings.Contains(file, "/documents/") {
					t.Fatalf("the document was not executed: %v", got.Errors)
				}
			}
		})
	}
}

// variablesOf are those beside a document, or in a comment at its top.
func variablesOf(t *testing.T, file, query string) (variables map[string]any) {
	t.Helper()
	text, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".json")
	if err != nil {
		_, after, _ := strings.Cut(query, "# variables: ")
		line, _, _ := strings.Cut(after, "\n")
		text = []byte(line)
	}
	if len(text) > 0 {
		if err := json.Unmarshal(text, &variables); err != nil {
			t.Fatal(err)
		}
	}
	return variables
}

// Random documents have the same response from both engines, with nulls, wrong values and lookups that fail.
func TestRandomDocumentsAreWrittenAsByTheOracle(t *testing.T) {
	t.Parallel()
	const workers = 4
	var failed, nulled [workers]int
	t.Run("all", func(t *testing.T) {
		for worker := range workers {
			t.Run(fmt.Sprint(worker), func(t *testing.T) {
				t.Parallel()
				for seed := worker; seed < randomDocuments && !t.Failed(); seed += workers {
					got := newEngines(invented{uint64(seed), seed % 20}).wantEqual(t, randomRequest(uint64(seed)))
					if len(got.Errors) > 0 {
						failed[worker]++
					}
					if strings.Contains(got.Data, "null") {
						nulled[worker]++
					}
					if got.Status != http.StatusOK {
						t.Errorf("seed %d: %+v", seed, got)
					}
				}
			})
		}
	})
	for worker := range workers {
		if failed[worker] < randomDocuments/workers/4 || nulled[worker] < randomDocuments/workers/4 {
			t.Errorf("worker %d: only %d responses have errors, and %d nulls", worker, failed[worker], nulled[worker])
		}
	}
}

// Whatever else a seed makes of a document and of Microsoft Graph's responses, both engines answer the same.
func FuzzOnePass(f *testing.F) {
	f.Add(uint64(1), uint64(1), 4, "plain")
	f.Add(uint64(2), uint64(3), 1, "\xff\"\\\u2028")
	f.Fuzz(func(t *testing.T, document, world uint64, flaw int, text string) {
		u := odd{invented{world, max(0, flaw%50)}, text}
		newEngines(u).wantEqual(t, randomRequest(document))
	})
}

// odd puts one text in place of another in all responses.
type odd struct {
	invented
	text string
}

func (u odd) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	text := string(marshal(u.text))
	u.invented.Fetch(ctx, urls, func(i int, body []byte, err error) {
		done(i, []byte(strings.ReplaceAll(string(body), `"plain"`, text)), err)
	})
}

// randomRequest is the body of a request with a random document.
func randomRequest(seed uint64) string {
	g := &documentMaker{dice: rand.New(rand.NewPCG(seed, 11))}
	query := "query ($yes: Boolean!, $no: Boolean = false) {" + g.roots() + "}" + strings.Join(g.fragments, " ")
	return string(marshal(map[string]any{"query": query, "variables": map[string]any{"yes": true}}))
}

// documentMaker makes valid documents: with aliases, fragments, conditions, repetitions, and every type of the schema.
type documentMaker struct {
	dice      *rand.Rand
	names     int
	fragments []string
}

func (g *documentMaker) roots() string {
	var b strings.Builder
	for wrote, want := 0, 1+g.dice.IntN(2); wrote < want; {
		field := plan.Schema.Query.Fields[g.dice.IntN(len(plan.Schema.Query.Fields))]
		if g.field(&b, field, 4) {
			wrote++
		}
	}
	return b.String()
}

func (g *documentMaker) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *documentMaker) field(b *strings.Builder, f *ast.FieldDefinition, depth int) bool {
	target := plan.Schema.Types[f.Type.Name()]
	args, ok := g.args(f)
	if !ok || strings.HasPrefix(f.Name, "__") || f.Name == "_service" || (depth < 1 && !target.IsLeafType()) {
		return false
	}
	if args != "" || g.dice.IntN(5) == 0 {
		b.WriteString(g.name("a") + ": ")
	}
	b.WriteString(f.Name + args + g.condition())
	if !target.IsLeafType() {
		b.WriteString(g.selection(target, depth-1))
	}
	b.WriteString(" ")
	return true
}

func (g *documentMaker) condition() string {
	if g.dice.IntN(4) > 0 {
		return ""
	}
	return []string{" @include(if: $yes)", " @skip(if: $no)", " @include(if: $no)", " @skip(if: true)"}[g.dice.IntN(4)]
}

func (g *documentMaker) selection(on *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename ")
	fields := slices.Clone(on.Fields)
	g.dice.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for i, f := range fields {
		if i > 1 && g.dice.IntN(3) > 0 {
			break
		}
		if g.field(&b, f, depth) && g.dice.IntN(8) == 0 { // once more, with another selection
			g.field(&b, f, depth)
		}
	}
	for _, possible := range plan.Schema.GetPossibleTypes(on) {
		if depth > 0 && (on.IsAbstractType() || g.dice.IntN(6) == 0) && g.dice.IntN(3) == 0 {
			b.WriteString(g.fragment(possible, depth-1))
		}
	}
	b.WriteString("}")
	return b.String()
}

func (g *documentMaker) fragment(on *ast.Definition, depth int) string {
	inside := "on " + on.Name + g.condition() + g.selection(on, depth)
	if g.dice.IntN(2) == 0 {
		return "... " + inside + " "
	}
	name := g.name("F")
	g.fragments = append(g.fragments, "fragment "+name+" on "+on.Name+g.selection(on, depth))
	return "..." + name + g.condition() + " "
}

// args writes arguments; false for a field whose required ones this generator does not know.
func (g *documentMaker) args(f *ast.FieldDefinition) (string, bool) {
	var all []string
	for _, arg := range f.Arguments {
		value, known := g.argument(f, arg)
		if !known && arg.Type.NonNull {
			return "", false
		}
		if known && (arg.Type.NonNull || arg.Name == "ids" || arg.Name == "search" || g.dice.IntN(2) == 0) {
			all = append(all, arg.Name+": "+value)
		}
	}
	if len(all) == 0 {
		return "", true
	}
	return "(" + strings.Join(all, ", ") + ")", true
}

func (g *documentMaker) argument(f *ast.FieldDefinition, arg *ast.ArgumentDefinition) (value string, known bool) {
	named := plan.Schema.Types[arg.Type.Name()]
	switch {
	case arg.Name == "id":
		return g.id(f), true
	case arg.Name == "ids":
		return "[" + g.id(f) + ", " + g.id(f) + ", " + g.id(f) + "]", true
	case arg.Name == "representations":
		return `[{__typename: "IpAddress", id: "198.51.100.1"}, {__typename: "HostPort", id: "x"}, {__typename: "Nothing"}]`, true
	case arg.Name == "first":
		return fmt.Sprint(1 + g.dice.IntN(6)), true
	case named.Kind == ast.Enum:
		return named.EnumValues[g.dice.IntN(len(named.EnumValues))].Name, true
	case named.Name == "HostPortFilter":
		return []string{"{status: OPEN}", "{port: [1, 2, 3]}", `{bannerContains: "plain"}`, "{}", "{status: []}"}[g.dice.IntN(5)], true
	}
	return "", false
}

// id is one that the field's type may have, or that is refused.
func (g *documentMaker) id(f *ast.FieldDefinition) string {
	target := f.Type.Name()
	ids := []string{`"x"`, `"item-1"`, `"MTk4LjUxLjEwMC4xJCQ0NDM="`, `"contoso.com"`}
	switch target {
	case "Host":
		ids = []string{`"198.51.100.1"`, `"198.51.100.2"`, `"contoso.com"`, `"www.contoso.com"`, `"not a host"`}
	case "Node":
		ids = []string{`"198.51.100.1"`, `"HostPort:x"`, `"Article:y"`, `"nothing"`}
	}
	return ids[g.dice.IntN(len(ids))]
}
