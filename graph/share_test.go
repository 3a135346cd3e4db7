package graph_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/graph"
	"portico/graph/limits"
	"portico/internal/quota"
	"portico/internal/telemetry"
	"portico/msgraph"
)

const portQuery = `{ hostPort(id: "` + exampleID + `") { port } }`

// caller marks a context with who asks.
type caller struct{}

func byCaller(o *graph.Options) {
	o.Identity = func(ctx context.Context) string {
		name, _ := ctx.Value(caller{}).(string)
		return name
	}
}

// held returns an upstream that answers once it is released.
func held() (u *upstream, release func()) {
	gate := make(chan struct{})
	wait := func(ctx context.Context) {
		select {
		case <-gate:
		case <-ctx.Done():
		}
	}
	return &upstream{port: wait, host: wait}, func() { close(gate) }
}

func TestEqualRequestsInFlightAreExecutedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, release := held()
		h := endpoint(u, byCaller)
		answers := make([]*httptest.ResponseRecorder, 100)
		records := make([]*telemetry.Record, len(answers))
		var all sync.WaitGroup
		for i := range answers {
			all.Go(func() {
				r := httptest.NewRequest("POST", "/graphql", strings.NewReader(asked(portQuery)))
				var ctx context.Context
				ctx, records[i] = telemetry.WithRecord(r.Context())
				answers[i] = send(r.WithContext(ctx), h, "Content-Type: application/json")
			})
		}
		synctest.Wait()
		release()
		all.Wait()
		if n := u.lookups.Load(); n != 1 {
			t.Errorf("%d lookups, want 1", n)
		}
		for _, w := range answers {
			if diff := cmp.Diff(`{"data":{"hostPort":{"port":21}}}`, uncharged(w.Body.String())); diff != "" || w.Code != 200 {
				t.Fatal(w.Code, diff)
			}
		}
	})
}

// A caller that gets the response to an equal request in flight still has its own log line, its own line in the audit
// log and its own charge. If its quota does not suffice, it is refused, whoever runs the operation.
func TestWhoSharesAResponseIsLoggedAuditedAndCharged(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		gate, sent := make(chan struct{}), 0
		client, err := msgraph.New("https://graph.example/v1.0", msgraph.WithHTTPClient(&http.Client{Transport: roundTrip(func(r *http.Request) *http.Response {
			sent++
			<-gate
			return &http.Response{
				StatusCode: http.StatusOK, Request: r, Header: http.Header{"Content-Type": {"application/json"}},
				Body: io.NopCloser(strings.NewReader(`{"port":21}`)), ContentLength: -1,
			}
		})}))
		if err != nil {
			t.Fatal(err)
		}
		left := map[string]int{"ada": 5, "bob": 5, "cy": 5, "poor": 0}
		var mu sync.Mutex
		charge := func(ctx context.Context, items int, forced bool) (quota.State, bool) {
			mu.Lock()
			defer mu.Unlock()
			who, _ := ctx.Value(caller{}).(string)
			granted := forced || left[who] >= items
			if granted {
				left[who] -= items
			}
			return quota.State{Limit: 5, Left: left[who]}, granted
		}
		var log, audited bytes.Buffer
		h := telemetry.Middleware(endpoint(nil, func(o *graph.Options) { o.Fetch, o.Quota = client, charge }),
			slog.New(slog.NewJSONHandler(&log, nil)), telemetry.NewAudit(&audited), nil, nil)
		var all sync.WaitGroup
		for _, who := range []string{"ada", "bob", "cy", "poor"} { // ada's request runs, for all
			all.Go(func() {
				r := httptest.NewRequest("POST", "/graphql", strings.NewReader(asked(portQuery)))
				w := send(r.WithContext(context.WithValue(r.Context(), caller{}, who)), h, "Content-Type: application/json")
				if refused := w.Code == http.StatusTooManyRequests; refused != (who == "poor") {
					t.Errorf("%s got %d %s", who, w.Code, w.Body)
				}
			})
			synctest.Wait()
		}
		close(gate)
		all.Wait()
		if diff := cmp.Diff(map[string]int{"ada": 4, "bob": 4, "cy": 4, "poor": 0}, left); diff != "" {
			t.Error("what is left of the quotas:", diff)
		}
		if sent != 1 {
			t.Errorf("%d requests were sent, want 1", sent)
		}
		for what, n := range map[string]int{
			`"shared":true`: 2, `"upstream_items":1`: 1, `"error_codes":"RATE_LIMITED"`: 1, `"msg":"request"`: 4,
		} {
			if got := strings.Count(log.String(), what); got != n {
				t.Errorf("%d log lines have %s, want %d:\n%s", got, what, n, &log)
			}
		}
		if n := strings.Count(audited.String(), `"entities":["hostPorts/`); n != 3 {
			t.Errorf("%d lines of the audit log name the port, want 3:\n%s", n, &audited)
		}
	})
}

type roundTrip func(*http.Request) *http.Response

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

func TestCallersNeverShareResponses(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name             string
		first, second    string // the body, or a query string after "?"
		caller1, caller2 string
		accept1, accept2 string
		want             int64
	}{
		{name: "the same", want: 1},
		{name: "other identity", caller1: "a", caller2: "b", want: 2},
		{name: "other media type", accept1: "application/graphql-response+json", want: 2},
		{name: "the same media type by other words", accept1: "*/*", want: 1},
		{name: "other text", second: asked(portQuery + " "), want: 2},
		{name: "by GET and by POST", second: "?query=" + url.QueryEscape(portQuery), want: 2},
		{name: "by GET", first: "?query=" + url.QueryEscape(portQuery), second: "?query=" + url.QueryEscape(portQuery), want: 1},
		{
			name: "what could be a mutation", first: `{"query":"` + strings.ReplaceAll(portQuery, `"`, `\"`) + `","operationName":"","mutation":1}`,
			second: `{"query":"` + strings.ReplaceAll(portQuery, `"`, `\"`) + `","operationName":"","mutation":1}`, want: 2,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				u, release := held()
				h := endpoint(u, byCaller)
				ask := func(body, who, accept string) {
					if body == "" {
						body = asked(portQuery)
					}
					r := httptest.NewRequest("POST", "/graphql", strings.NewReader(body))
					if strings.HasPrefix(body, "?") {
						r = httptest.NewRequest("GET", "/graphql"+body, nil)
					}
					r = r.WithContext(context.WithValue(r.Context(), caller{}, who))
					if w := send(r, h, "Content-Type: application/json", "Accept: "+accept); w.Code != 200 {
						t.Errorf("got %d %s", w.Code, w.Body)
					}
				}
				var both sync.WaitGroup
				both.Go(func() { ask(row.first, row.caller1, row.accept1) })
				both.Go(func() { ask(row.second, row.caller2, row.accept2) })
				synctest.Wait()
				release()
				both.Wait()
				if n := u.lookups.Load(); n != row.want {
					t.Errorf("%d lookups, want %d", n, row.want)
				}
			})
		})
	}
}

func TestACanceledLookupDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	for name, leaver := range map[string]int{"the first leaves": 0, "the second leaves": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				u, release := held()
				h := endpoint(u)
				var answers [2]*httptest.ResponseRecorder
				var leave [2]context.CancelFunc
				var both sync.WaitGroup
				for i := range answers {
					var ctx context.Context
					ctx, leave[i] = context.WithCancel(t.Context())
					defer leave[i]()
					both.Go(func() {
						r := httptest.NewRequestWithContext(ctx, "POST", "/graphql", strings.NewReader(asked(portQuery)))
						answers[i] = send(r, h, "Content-Type: application/json")
					})
					synctest.Wait()
				}
				leave[leaver]()
				synctest.Wait()
				// Who runs the operation for others stays until it ends, which a client that has left cannot notice.
				if got := answers[leaver]; leaver > 0 && (got == nil || got.Code != 499) {
					t.Fatalf("who left got %v", got)
				}
				release()
				both.Wait()
				if w := answers[leaver]; w.Code != 499 {
					t.Errorf("who left got %d %s", w.Code, w.Body)
				}
				if w := answers[1-leaver]; w.Code != 200 || u.lookups.Load() != 1 {
					t.Errorf("who stayed got %d %s, %d lookups", w.Code, w.Body, u.lookups.Load())
				}
			})
		})
	}
}

func TestAnOperationEndsWhenAllHaveLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, _ := held()
		ended := make(chan struct{})
		wait := u.port
		u.port = func(ctx context.Context) { wait(ctx); close(ended) }
		ctx, leave := context.WithCancel(t.Context())
		go send(httptest.NewRequestWithContext(ctx, "POST", "/graphql", strings.NewReader(asked(portQuery))), endpoint(u),
			"Content-Type: application/json")
		synctest.Wait()
		leave()
		<-ended
	})
}

func TestAnOperationEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u, _ := held()
		start := time.Now()
		r := read(t, post(t, endpoint(u), asked(portQuery)))
		if took := time.Since(start); took != limits.Default().Deadline {
			t.Errorf("took %v", took)
		}
		if r.code() != "DEADLINE_EXCEEDED" {
			t.Errorf("got %v", r)
		}
	})
}

func BenchmarkSharing(b *testing.B) {
	body := asked("{ __typename }")
	for name, change := range map[string]func(*graph.Options){
		"on":  func(*graph.Options) {},
		"off": func(o *graph.Options) { o.Identity = nil },
	} {
		b.Run(name, func(b *testing.B) {
			h := endpoint(&upstream{}, change)
			b.ReportAllocs()
			for b.Loop() {
				sendBody(b, h, body)
			}
		})
	}
}
