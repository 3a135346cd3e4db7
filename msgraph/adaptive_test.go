package msgraph_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

// capacity plays a service that serves a number of requests at a time, in simulated time. Latencies scatter.
type capacity struct {
	latency time.Duration
	atATime int  // 0: any number
	refuses bool // with 429 and Retry-After 1 what is beyond that; otherwise it waits

	mu       sync.Mutex
	random   *rand.Rand
	busy     int
	slots    chan struct{}
	throttle int // 429s sent
}

func (c *capacity) RoundTrip(req *http.Request) (*http.Response, error) {
	took, over := c.enter()
	defer c.leave()
	if over && c.refuses {
		return reply{status: 429, header: map[string]string{"Retry-After": "1"}, body: refusal}.response(req), nil
	}
	if c.slots != nil {
		select {
		case c.slots <- struct{}{}:
			defer func() { <-c.slots }()
		case <-req.Context().Done():
			return nil, req.Context().Err()
		}
	}
	select {
	case <-time.After(took):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	if req.Method == http.MethodGet {
		return reply{body: entity("x")}.response(req), nil
	}
	text, err := io.ReadAll(req.Body)
	return reply{body: batchText(bytes.Count(text, []byte(`"id"`)))}.response(req), err
}

func (c *capacity) enter() (took time.Duration, over bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.random == nil {
		c.random = rand.New(rand.NewPCG(1, 2))
	}
	if c.slots == nil && c.atATime > 0 && !c.refuses {
		c.slots = make(chan struct{}, c.atATime)
	}
	c.busy++
	if over = c.atATime > 0 && c.busy > c.atATime; over {
		c.throttle++
	}
	return time.Duration(float64(c.latency) * math.Exp(0.3*c.random.NormFloat64())), over
}

func (c *capacity) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy--
}

func batchText(items int) string {
	var b strings.Builder
	b.WriteString(`{"responses":[`)
	for i := range items {
		b.WriteString(strings.Repeat(",", min(i, 1)))
		fmt.Fprintf(&b, `{"id":"%d","status":200,"headers":{"Content-Type":"application/json"},"body":{"id":"x"}}`, i+1)
	}
	return b.String() + "]}"
}

func (r reply) response(req *http.Request) *http.Response {
	header := http.Header{"Content-Type": {"application/json"}}
	for name, value := range r.header {
		header.Set(name, value)
	}
	return &http.Response{
		StatusCode: cmp.Or(r.status, http.StatusOK), Header: header, Request: req,
		Body: io.NopCloser(strings.NewReader(r.body)), ContentLength: int64(len(r.body)),
	}
}

// run is what callers got from a service.
type run struct {
	operations, wrong int
	light             []time.Duration // how long queries for three ids took
	limits            []int           // once a second
}

func (r run) median() time.Duration {
	slices.Sort(r.light)
	return r.light[len(r.light)/2]
}

// drive has heavy callers send queries for 50 ids all the time, and a light one queries for three ids.
func drive(t *testing.T, service *capacity, heavy int, length time.Duration, opts ...msgraph.Option) (r run) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, service, append([]msgraph.Option{msgraph.WithCaller(identityOf)}, opts...)...)
		deadline := time.Now().Add(length)
		var mu sync.Mutex
		query := func(caller string, ids int) (failed bool, took time.Duration) {
			start := time.Now()
			ctx, cancel := context.WithTimeout(operation(as(t, caller)), 15*time.Second)
			defer cancel()
			for _, got := range fetch(ctx, t, c, paths(ids)...) {
				failed = failed || got.err != nil
			}
			mu.Lock()
			defer mu.Unlock()
			r.operations++
			if failed {
				r.wrong++
			}
			return failed, time.Since(start)
		}
		var wg sync.WaitGroup
		for i := range heavy {
			wg.Go(func() {
				for time.Now().Before(deadline) {
					query(fmt.Sprint("heavy ", i), 50)
				}
			})
		}
		wg.Go(func() {
			for time.Now().Before(deadline) {
				time.Sleep(77 * time.Millisecond)
				_, took := query("light", 3)
				r.light = append(r.light, took)
			}
		})
		wg.Go(func() {
			for time.Now().Before(deadline) {
				time.Sleep(time.Second)
				r.limits = append(r.limits, c.Status().Limit)
			}
		})
		wg.Wait()
	})
	return r
}

func TestTheAdaptiveLimitDoesAlmostAsWellAsTheBestFixedOne(t *testing.T) {
	const length = 25 * time.Second
	services := map[string]*capacity{
		"throttles beyond 20":  {latency: 100 * time.Millisecond, atATime: 20, refuses: true},
		"serves 20 and queues": {latency: 100 * time.Millisecond, atATime: 20},
	}
	if thorough {
		services["free"] = &capacity{latency: 200 * time.Millisecond}
		services["throttles beyond 50"] = &capacity{latency: 100 * time.Millisecond, atATime: 50, refuses: true}
		services["serves 50 and queues"] = &capacity{latency: 100 * time.Millisecond, atATime: 50}
	}
	for name, service := range services {
		t.Run(name, func(t *testing.T) {
			fresh := func() *capacity {
				return &capacity{latency: service.latency, atATime: service.atATime, refuses: service.refuses}
			}
			best := 0
			for _, limit := range []int{16, cmp.Or(service.atATime, 128)} {
				best = max(best, drive(t, fresh(), 32, length, msgraph.WithInFlight(limit, limit)).operations)
			}
			alone := drive(t, fresh(), 0, length).median()
			got := drive(t, fresh(), 32, length)
			t.Logf("%d operations, %d with the best fixed limit; light %v, alone %v; limits %v", got.operations, best, got.median(), alone, got.limits)
			if got.operations*10 < best*8 {
				t.Errorf("%d operations, and %d with the best fixed limit", got.operations, best)
			}
			if got.wrong*100 > got.operations {
				t.Errorf("%d of %d failed", got.wrong, got.operations)
			}
			if got.median() > 2*alone {
				t.Errorf("a small query takes %v, and %v alone", got.median(), alone)
			}
		})
	}
}

// The service becomes better or worse while it is used.
func TestTheLimitFollowsTheService(t *testing.T) {
	type change struct {
		before, after int
		least, most   int // where the limit has to settle
	}
	changes := map[string]change{"it serves less": {60, 10, 5, 20}}
	if thorough {
		changes["it serves more"] = change{10, 40, 30, 80}
		changes["it serves any number"] = change{10, 0, 50, 256}
	}
	for name, row := range changes {
		t.Run(name, func(t *testing.T) {
			limits := limitsWhile(t, row.before, row.after)
			end := slices.Sorted(slices.Values(limits[len(limits)-20:])) // some of these are trials
			if middle := end[len(end)/2]; middle < row.least || middle > row.most {
				t.Errorf("the limit settled at %d, want %d to %d: %v", middle, row.least, row.most, limits)
			}
		})
	}
}

// limitsWhile returns the limit at each second while a service changes after 20 of 80 seconds.
func limitsWhile(t *testing.T, before, after int) (limits []int) {
	service := &changing{capacity{latency: 100 * time.Millisecond, atATime: before}, capacity{latency: 100 * time.Millisecond, atATime: after}, time.Time{}}
	synctest.Test(t, func(t *testing.T) {
		service.at = time.Now().Add(20 * time.Second)
		c := newClient(t, service)
		deadline := time.Now().Add(80 * time.Second)
		var wg sync.WaitGroup
		for range 24 {
			wg.Go(func() {
				for time.Now().Before(deadline) {
					fetch(operation(t.Context()), t, c, paths(60)...)
				}
			})
		}
		for time.Now().Before(deadline) {
			time.Sleep(time.Second)
			limits = append(limits, c.Status().Limit)
		}
		wg.Wait()
	})
	return limits
}

// changing is one service before a time, and another one after it.
type changing struct {
	before, after capacity
	at            time.Time
}

func (c *changing) RoundTrip(req *http.Request) (*http.Response, error) {
	if time.Now().Before(c.at) {
		return c.before.RoundTrip(req)
	}
	return c.after.RoundTrip(req)
}
