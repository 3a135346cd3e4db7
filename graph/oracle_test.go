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
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"

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
	if got.Data != "" {
		got.wantErrorsAtNulls(tb, body)
	}
	return got
}

// wantErrorsAtNulls wants each error of a response to explain a null, and no two of them to be equal.
func (r replied) wantErrorsAtNulls(tb testing.TB, body string) {
	tb.Helper()
	for _, err := range r.Errors {
		if !r.isNullAt(tb, err) {
			tb.Errorf("%s\nnothing is null at the path of %s\n%.3000s", body, err, r.Data)
		}
	}
	if len(slices.Compact(slices.Clone(r.Errors))) < len(r.Errors) {
		tb.Errorf("%s\ntwo errors are equal: %q", body, r.Errors)
	}
}

// isNullAt reports whether an error explains a null of the response: that at its path, or one around it.
func (r replied) isNullAt(tb testing.TB, text string) bool {
	tb.Helper()
	var at any
	var err struct{ Path []any }
	if json.Unmarshal([]byte(r.Data), &at) != nil || json.Unmarshal([]byte(text), &err) != nil {
		tb.Fatal(text, r.Data)
	}
	for _, step := range err.Path {
		switch parent := at.(type) {
		case nil:
			return true
		case map[string]any:
			value, found := parent[step.(string)]
			if at = value; !found {
				return false
			}
		case []any:
			at = parent[int(step.(float64))]
		default:
			return false
		}
	}
	return at == nil
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
					if got.Status != http.StatusOK || got.Data == "" {
						t.Errorf("seed %d: the document was not executed: %+v", seed, got)
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
