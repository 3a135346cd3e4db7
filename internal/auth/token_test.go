package auth_test

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/graph/code"
	"portico/internal/auth"
)

var errRefusedConnection = errors.New("dial tcp 192.0.2.1:443: connection refused")

// wantCode checks that err is an *auth.Error with the code and returns it.
func wantCode(t *testing.T, err error, code string) *auth.Error {
	t.Helper()
	var e *auth.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error %v, want code %s", err, code)
	}
	return e
}

func TestColdCallersShareOneTokenRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{slow: 100 * time.Millisecond}
		source := newSource(t, c, settings(auth.App))
		var wg sync.WaitGroup
		for range 200 {
			wg.Go(func() {
				if got, err := ask(t.Context(), source, c); err != nil || got != "graph-token-1" {
					t.Errorf("got %q, %v", got, err)
				}
			})
		}
		wg.Wait()
		if c.tokenRequests() != 1 || c.discoveries.Load() != 1 {
			t.Errorf("%d token requests and %d discoveries, want 1 and 1", c.tokenRequests(), c.discoveries.Load())
		}
	})
}

func TestCanceledCallerDoesNotCancelTheFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{slow: 5 * time.Second}
		source := newSource(t, c, settings(auth.App))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if _, err := ask(ctx, source, c); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
		if _, err := ask(t.Context(), source, c); err != nil || time.Since(start) != 5*time.Second || c.tokenRequests() != 1 {
			t.Errorf("after %v and %d token requests: %v", time.Since(start), c.tokenRequests(), err)
		}
	})
}

func TestFetchIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{slow: time.Hour}
		source := newSource(t, c, settings(auth.App))
		start := time.Now()
		e := wantCode(t, source.Ready(t.Context()), code.UpstreamAuth)
		if took := time.Since(start); took != 10*time.Second || !strings.Contains(e.Message, "did not respond in time") {
			t.Errorf("after %v: %v", took, e)
		}
	})
}

func TestTokenIsRenewedAheadOfItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{}
		source := newSource(t, c, settings(auth.App))
		c.slow = time.Second
		for range 3 * 60 { // three hours, a request each minute
			start := time.Now()
			if _, err := ask(t.Context(), source, c); err != nil {
				t.Fatal(err)
			}
			if took := time.Since(start); took != 0 && c.tokenRequests() > 1 {
				t.Fatalf("a caller waited %v for a renewal", took)
			}
			time.Sleep(time.Minute)
		}
		if got := c.tokenRequests(); got != 4 {
			t.Errorf("%d token requests in three hours, want 4", got)
		}
	})
}

func TestEndpointDownAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{token: func(int, url.Values) answer { return answer{err: errRefusedConnection} }}
		source := newSource(t, c, settings(auth.App))
		e := wantCode(t, source.Ready(t.Context()), code.UpstreamAuth)
		if e.Message != "getting a token: the token endpoint cannot be reached" || e.Err != nil {
			t.Errorf("got %+v", e)
		}
		start := time.Now()
		for range 300 { // thirty seconds of ten callers a second
			if _, err := ask(t.Context(), source, c); err == nil {
				t.Fatal("served without a token")
			}
			time.Sleep(100 * time.Millisecond)
		}
		for i, gap := range c.gaps() {
			if gap < time.Second {
				t.Errorf("token request %d came after %v", i+2, gap)
			}
		}
		if c.graphRequests.Load() > 0 {
			t.Error("Microsoft Graph received a request without a token")
		}
		c.token = nil
		time.Sleep(5 * time.Second)
		if err := source.Ready(t.Context()); err != nil {
			t.Errorf("still not ready %v after the start: %v", time.Since(start), err)
		}
	})
}

func TestEndpointDownWithAValidToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{}
		source := newSource(t, c, settings(auth.App))
		if err := source.Ready(t.Context()); err != nil {
			t.Fatal(err)
		}
		time.Sleep(50 * time.Minute)
		c.token = func(int, url.Values) answer { return answer{status: 503} }
		for range 9 * 60 { // until a minute before the end
			start := time.Now()
			if got, err := ask(t.Context(), source, c); err != nil || got != "graph-token-1" || time.Since(start) != 0 {
				t.Fatalf("after %v: %q, %v", time.Since(start), got, err)
			}
			time.Sleep(time.Second)
		}
		time.Sleep(2 * time.Minute)
		start := time.Now()
		_, err := ask(t.Context(), source, c)
		if wantCode(t, err, code.UpstreamAuth); time.Since(start) != 0 {
			t.Errorf("failed only after %v", time.Since(start))
		}
		for i, gap := range c.gaps() {
			if gap < time.Second {
				t.Errorf("token request %d came after %v", i+2, gap)
			}
		}
	})
}

func TestThrottledEndpointIsLeftAlone(t *testing.T) {
	tests := []struct {
		name  string
		pause int
		// wait is how long the first callers wait, and whether they get a token.
		wait    time.Duration
		granted bool
	}{
		{"a short pause is waited for", 3, 3 * time.Second, true},
		{"a pause longer than a fetch fails at once", 60, 0, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { throttled(t, test.pause, test.wait, test.granted) })
		})
	}
}

func throttled(t *testing.T, pause int, wait time.Duration, succeeds bool) {
	c := &cloud{token: func(n int, _ url.Values) answer {
		if n > 1 {
			return granted(n)
		}
		a := refused(429, "temporarily_unavailable", "AADSTS50196: The server terminated an operation because it encountered a loop.\r\nTrace ID: x")
		a.header = retryAfter(pause)
		return a
	}}
	source := newSource(t, c, settings(auth.App))
	start := time.Now()
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			_, err := ask(t.Context(), source, c)
			if (err == nil) != succeeds || time.Since(start) != wait {
				t.Errorf("after %v: %v", time.Since(start), err)
			}
		})
	}
	wg.Wait()
	if succeeds {
		if c.tokenRequests() != 2 {
			t.Errorf("%d token requests, want 2", c.tokenRequests())
		}
		return
	}
	for range pause - 1 {
		time.Sleep(time.Second)
		_, err := ask(t.Context(), source, c)
		if e := wantCode(t, err, code.UpstreamAuth); e.RetryAfter <= 0 || !strings.Contains(e.Message, "AADSTS50196") {
			t.Fatalf("got %+v", e)
		}
	}
	if c.tokenRequests() != 1 {
		t.Errorf("%d token requests during the pause, want 1", c.tokenRequests())
	}
	time.Sleep(2 * time.Second)
	if _, err := ask(t.Context(), source, c); err != nil {
		t.Errorf("after the pause: %v", err)
	}
}

func TestRetryAfterForms(t *testing.T) {
	now := time.Date(2030, 1, 1, 12, 0, 0, 0, time.UTC)
	date := func(d time.Duration) string { return now.Add(d).Format("Mon, 02 Jan 2006 15:04:05 GMT") }
	tests := []struct {
		name, value string
		least, most time.Duration
	}{
		{"seconds", "2", 2 * time.Second, 2 * time.Second},
		{"seconds with decimals", "2.5", 2500 * time.Millisecond, 2500 * time.Millisecond},
		{"a date, by the endpoint's own clock", date(4 * time.Second), 4 * time.Second, 4 * time.Second},
		{"a date that has passed", date(-time.Hour), 100 * time.Millisecond, 100 * time.Millisecond},
		{"nothing", "", time.Second, 1250 * time.Millisecond},
		{"a word", "soon", time.Second, 1250 * time.Millisecond},
		{"a negative number", "-3", time.Second, 1250 * time.Millisecond},
		{"no number", "NaN", time.Second, 1250 * time.Millisecond},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{token: func(n int, _ url.Values) answer {
					if n > 1 {
						return granted(n)
					}
					return answer{status: 503, header: map[string]string{"Retry-After": test.value, "Date": date(0)}}
				}}
				source := newSource(t, c, settings(auth.App))
				start := time.Now()
				if err := source.Ready(t.Context()); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); took < test.least || took > test.most {
					t.Errorf("waited %v, want %v to %v", took, test.least, test.most)
				}
			})
		})
	}
}
