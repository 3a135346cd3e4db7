package msgraph_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

type identityKey struct{}

func as(t testing.TB, identity string) context.Context {
	return context.WithValue(t.Context(), identityKey{}, identity)
}

func identityOf(ctx context.Context) string {
	identity, _ := ctx.Value(identityKey{}).(string)
	return identity
}

func TestEqualGetsInFlightAreOne(t *testing.T) {
	for sharing, want := range map[bool]int{true: 1, false: 20} {
		synctest.Test(t, func(t *testing.T) {
			s := &service{latency: time.Second}
			c := newClient(t, s, msgraph.WithSharing(sharing))
			var wg sync.WaitGroup
			for range 20 {
				wg.Go(func() {
					if got := fetch(t.Context(), t, c, one)[0]; got.body != entity(one) {
						t.Errorf("got %s, %v", got.body, got.err)
					}
				})
			}
			wg.Wait()
			if got := len(s.sent()); got != want {
				t.Errorf("sharing %v: %d requests, want %d", sharing, got, want)
			}
			fetch(t.Context(), t, c, one)
			if got := len(s.sent()); got != 1 {
				t.Errorf("sharing %v: a later call sent %d requests, want its own", sharing, got)
			}
		})
	}
}

// mirror answers with the identity that the request was made for.
type mirror struct{}

func (mirror) RoundTrip(req *http.Request) (*http.Response, error) {
	time.Sleep(time.Second)
	w := httptest.NewRecorder()
	reply{body: entity(identityOf(req.Context()))}.write(w)
	return w.Result(), nil
}

func TestTwoIdentitiesNeverShare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, mirror{}, msgraph.WithIdentity(identityOf))
		var wg sync.WaitGroup
		for caller := range 500 {
			identity := fmt.Sprintf("user %d", caller%100)
			wg.Go(func() {
				if got := fetch(as(t, identity), t, c, one)[0]; got.body != entity(identity) {
					t.Errorf("%s got %s, %v", identity, got.body, got.err)
				}
			})
		}
		wg.Wait()
	})
}

func TestASharedGetOutlivesItsFirstCaller(t *testing.T) {
	for name, row := range map[string]struct {
		replies []reply
		first   string
	}{
		"it times out":                  {nil, "timed out"},
		"its deadline forbids the wait": {[]reply{throttle("5"), {}}, "throttled 429"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{latency: 2 * time.Second, replies: map[string][]reply{one: row.replies}}
				if row.replies != nil {
					s.latency = time.Second
				}
				c := newClient(t, s)
				var wg sync.WaitGroup
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
					defer cancel()
					if got := fetch(ctx, t, c, one)[0]; got.verdict() != row.first {
						t.Errorf("first caller: %s", got.verdict())
					}
				})
				synctest.Wait()
				for range 3 {
					wg.Go(func() {
						if got := fetch(t.Context(), t, c, one)[0]; got.body != entity(one) {
							t.Errorf("follower: %v", got.err)
						}
					})
				}
				wg.Wait()
				if got := len(s.sent()); row.replies != nil && got != 2 {
					t.Errorf("%d requests, want 2", got)
				}
			})
		})
	}
}

func TestTraceRecordsWhatWasSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		urls := paths(4)
		s := &service{latency: time.Second, replies: map[string][]reply{
			urls[1]: {{status: 404, header: map[string]string{"request-id": "00000000-0000-4000-8000-000000000004"}, body: refusal}},
			urls[2]: {{status: 503, body: refusal}, {}},
		}}
		c := newClient(t, s, msgraph.WithBackoff(0))
		ctx, trace := msgraph.WithTrace(t.Context())
		fetch(ctx, t, c, urls...)
		var wg sync.WaitGroup
		wg.Go(func() { fetch(ctx, t, c, one) })
		synctest.Wait()
		other, follower := msgraph.WithTrace(t.Context())
		wg.Go(func() { fetch(other, t, c, one) })
		wg.Wait()

		const second = time.Second
		want := []msgraph.Exchange{
			{Method: "POST", URL: "/$batch", Status: 200, Duration: second, Attempt: 1, Items: []msgraph.Item{{urls[0], 200}, {urls[1], 404}, {urls[2], 503}, {urls[3], 200}}},
			{Method: "GET", URL: urls[2], Status: 200, Start: second, Duration: second, Attempt: 2},
			{Method: "GET", URL: one, Status: 200, Start: 2 * second, Duration: second, Attempt: 1},
		}
		if diff := cmp.Diff(want, trace.Exchanges()); diff != "" {
			t.Errorf("exchanges (-want +got):\n%s", diff)
		}
		if trace.Requests() != 3 || trace.Items() != 6 {
			t.Errorf("%d requests, %d items; want 3 and 6", trace.Requests(), trace.Items())
		}
		joined := []msgraph.Exchange{{Method: "GET", URL: one, Status: 200, Duration: second, Attempt: 1, Shared: true}}
		if diff := cmp.Diff(joined, follower.Exchanges()); diff != "" || follower.Requests() != 0 || follower.Items() != 0 {
			t.Errorf("follower's exchanges (-want +got):\n%s", diff)
		}
	})
}

func TestTraceCountsUnexpectedResponses(t *testing.T) {
	s := &service{twist: func(r []map[string]any) any {
		return map[string]any{"responses": append(r, map[string]any{"id": "99", "status": 200}, nil)}
	}}
	ctx, trace := msgraph.WithTrace(t.Context())
	fetch(ctx, t, newClient(t, s), paths(3)...)
	if got := trace.Exchanges()[0].Unasked; got != 2 {
		t.Errorf("got %d, want 2", got)
	}
}

func TestIdentitiesAreForgottenWhenIdle(t *testing.T) {
	c := newClient(t, &service{}, msgraph.WithIdentity(identityOf))
	for i := range 1000 {
		fetch(as(t, fmt.Sprint(i)), t, c, one)
	}
	if got := c.Lanes(); got > 130 {
		t.Errorf("%d identities remembered", got)
	}
}
