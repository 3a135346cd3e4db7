package graph_test

import (
	"context"
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
	"portico/internal/telemetry"
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
				if got := answers[leaver]; got == nil || got.Code != 499 {
					t.Fatalf("who left got %v", got)
				}
				release()
				both.Wait()
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
