package graph_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"portico/graph"
	"portico/graph/limits"
)

const exampleID = "ODUuMTMuMTM5LjE4JCQyMQ=="

// upstream is a Microsoft Graph of one port and one host, that may wait before it tells of the host.
type upstream struct {
	lookups atomic.Int64
	host    func(ctx context.Context) // nil answers at once
	port    func(ctx context.Context)
}

// Fetch answers every lookup from memory.
func (u *upstream) NextPage(string, string) (string, bool) { return "", false }

func (u *upstream) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	for i, url := range urls {
		u.lookups.Add(1)
		wait, body := u.port, `{"id":"`+exampleID+`","port":21,"status":"open","host":{"@odata.type":`+
			`"#microsoft.graph.security.ipAddress","id":"85.13.139.18"}}`
		if strings.Contains(url, "/hosts/") {
			wait, body = u.host, `{"@odata.type":"#microsoft.graph.security.ipAddress","id":"85.13.139.18",`+
				`"firstSeenDateTime":"2016-07-13T08:43:41Z"}`
		}
		if wait != nil {
			wait(ctx)
		}
		if ctx.Err() != nil {
			done(i, nil, context.Cause(ctx))
			continue
		}
		done(i, []byte(body), nil)
	}
}

// endpoint is the GraphQL endpoint in front of an upstream.
func endpoint(u *upstream, change ...func(*graph.Options)) http.Handler {
	o := graph.Options{
		Fetch:    u,
		Identity: func(context.Context) string { return "app" },
		Limits:   limits.Default(),
		Log:      slog.New(slog.DiscardHandler),
	}
	for _, c := range change {
		c(&o)
	}
	return graph.NewHandler(o)
}

// post sends a body with headers given as "name: value", and returns what came back.
func post(t *testing.T, h http.Handler, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	return send(r, h, headers...)
}

func get(t *testing.T, h http.Handler, query string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return send(httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql?"+query, nil), h, headers...)
}

func send(r *http.Request, h http.Handler, headers ...string) *httptest.ResponseRecorder {
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// asked is the body of a POST for a query.
func asked(query string) string {
	text, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		panic(err)
	}
	return string(text)
}

// result is a GraphQL response.
type result struct {
	Data   json.RawMessage
	Errors []struct {
		Message    string
		Extensions struct{ Code string }
	}
}

// read parses a response that must be GraphQL's.
func read(t *testing.T, w *httptest.ResponseRecorder) result {
	t.Helper()
	var r result
	if err := json.Unmarshal(w.Body.Bytes(), &r); err != nil {
		t.Fatalf("no GraphQL response: %v\n%s", err, w.Body)
	}
	return r
}

// uncharged removes extensions.upstream, which every response has, from the text of one without other extensions.
func uncharged(text string) string { return costText.ReplaceAllString(text, "") }

var costText = regexp.MustCompile(`,"extensions":\{"upstream":\{[^{}]*\}\}`)

// code returns the code of the first error, if there is one.
func (r result) code() string {
	if len(r.Errors) == 0 {
		return ""
	}
	return r.Errors[0].Extensions.Code
}

// sendBody posts a body and looks at nothing.
func sendBody(tb testing.TB, h http.Handler, body string) *httptest.ResponseRecorder {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}
