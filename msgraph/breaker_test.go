package msgraph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

// outage is a service that answers all requests in the same wrong way while it lasts.
type outage struct {
	answer func(req *http.Request) (*http.Response, error)
	well   atomic.Bool
	count  atomic.Int64
}

func (o *outage) RoundTrip(req *http.Request) (*http.Response, error) {
	o.count.Add(1)
	time.Sleep(20 * time.Millisecond)
	if !o.well.Load() {
		return o.answer(req)
	}
	if req.Method == http.MethodGet {
		return reply{body: entity("x")}.response(req), nil
	}
	text, err := io.ReadAll(req.Body)
	return reply{body: batchText(bytes.Count(text, []byte(`"id"`)))}.response(req), err
}

func status(code int) func(*http.Request) (*http.Response, error) {
	return func(req *http.Request) (*http.Response, error) {
		return reply{status: code, body: refusal}.response(req), nil
	}
}

// itemsUnavailable answers a batch with 200 and every item with 503.
func itemsUnavailable(req *http.Request) (*http.Response, error) {
	text, err := io.ReadAll(req.Body)
	body := strings.ReplaceAll(batchText(bytes.Count(text, []byte(`"id"`))), `"status":200`, `"status":503`)
	return reply{body: body}.response(req), err
}

var outages = map[string]func(*http.Request) (*http.Response, error){
	"503":    status(503),
	"500":    status(500),
	"resets": func(*http.Request) (*http.Response, error) { return nil, syscall.ECONNRESET },
	"timeouts": func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	},
	"503 of each item": itemsUnavailable,
}

func TestAnOutageCostsLittleMoreThanATryPerRequest(t *testing.T) {
	for name, answer := range outages {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outage{answer: answer}
				c := newClient(t, o, msgraph.WithTryLimit(time.Second))
				var requests atomic.Int64
				var wg sync.WaitGroup
				for range 30 * 20 { // 20 a second for 30 s
					time.Sleep(50 * time.Millisecond)
					wg.Go(func() {
						ctx, cancel := context.WithTimeout(operation(t.Context()), 15*time.Second)
						defer cancel()
						requests.Add(1)
						for _, got := range fetch(ctx, t, c, paths(3)...) {
							if got.err == nil {
								t.Error("served during an outage")
							}
						}
					})
				}
				wg.Wait()
				if tries := o.count.Load(); float64(tries) > 1.1*float64(requests.Load()) {
					t.Errorf("%d tries for %d requests", tries, requests.Load())
				}
			})
		})
	}
}

func TestTheBreakerOpensFailsAtOnceAndCloses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := &outage{answer: status(503)}
		c := newClient(t, o, msgraph.WithAttempts(1), msgraph.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		for range 20 {
			if got := fetch(t.Context(), t, c, one)[0]; got.verdict() != "unavailable 503" {
				t.Fatal(got.verdict())
			}
		}
		if !c.Status().Open() || o.count.Load() != 20 {
			t.Fatalf("%+v after %d failures", c.Status(), o.count.Load())
		}
		start := time.Now()
		for _, got := range append(fetch(t.Context(), t, c, paths(50)...), fetch(t.Context(), t, c, one)...) {
			if got.err == nil || got.err.Kind != msgraph.Unavailable || got.err.RetryAfter <= 0 {
				t.Errorf("while open: %v", got.err)
			}
		}
		if time.Since(start) != 0 || o.count.Load() != 20 {
			t.Errorf("%d requests in %v while open", o.count.Load()-20, time.Since(start))
		}
		time.Sleep(5100 * time.Millisecond)
		if got := fetch(t.Context(), t, c, one)[0]; got.err == nil || o.count.Load() != 21 || !c.Status().Open() {
			t.Errorf("half-open: %v, %d requests, %+v", got.err, o.count.Load(), c.Status())
		}
		o.well.Store(true)
		time.Sleep(5100 * time.Millisecond)
		for i := range 3 {
			if got := fetch(t.Context(), t, c, one)[0]; got.err != nil {
				t.Errorf("%d after the outage: %v", i, got.err)
			}
		}
		if got := c.Status(); got.Open() || strings.Count(log.String(), "level=WARN") < 3 {
			t.Errorf("%+v, log:\n%s", got, &log)
		}
	})
}

func TestTheBreakerStaysClosed(t *testing.T) {
	for name, row := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		every  int // how many requests fail
		total  int
	}{
		"after few requests":             {status(503), 1, 19},
		"when less than half fail":       {status(503), 3, 200},
		"when requests are refused":      {status(403), 1, 100},
		"when nothing is known of an id": {status(404), 1, 100},
		"when the service throttles":     {status(429), 1, 40},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := &outage{answer: row.answer}
				c := newClient(t, o, msgraph.WithAttempts(1))
				for i := range row.total {
					o.well.Store(i%row.every != 0)
					ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
					fetch(ctx, t, c, fmt.Sprintf("/hosts/%d?$select=id", i))
					cancel()
				}
				if c.Status().Open() {
					t.Error("it opened")
				}
			})
		})
	}
}

// The callers' leaving says nothing of the service.
func TestTheBreakerIgnoresCanceledCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outage{answer: outages["timeouts"]}
		c := newClient(t, o)
		for range 100 {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			if got := fetch(ctx, t, c, one)[0]; !errors.Is(got.err, context.DeadlineExceeded) {
				t.Fatal(got.err)
			}
			cancel()
		}
		if c.Status().Open() {
			t.Error("it opened")
		}
	})
}

func TestLoneFailuresAreRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := &outage{answer: status(503)}
		c := newClient(t, o)
		for i := range 500 {
			o.well.Store(true)
			if i%25 == 0 { // 4 % fail once
				o.well.Store(false)
				time.AfterFunc(30*time.Millisecond, func() { o.well.Store(true) })
			}
			if got := fetch(t.Context(), t, c, one)[0]; got.err != nil {
				t.Fatalf("request %d: %v", i, got.err)
			}
		}
	})
}
