package msgraph_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

// admitted is a query as the service sends it: it is admitted before, or not sent.
func admitted(ctx context.Context, t *testing.T, c *msgraph.Client, ids int) (refused *msgraph.Error, failed bool) {
	leave, refused := c.Admit(ctx, ids)
	if refused != nil {
		return refused, true
	}
	defer leave()
	for _, got := range fetch(ctx, t, c, paths(ids)...) {
		failed = failed || got.err != nil
	}
	return nil, failed
}

func TestAnOperationThatCannotFinishInTimeIsRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(10, 10)) // 10 requests a second
		fetch(t.Context(), t, c, one)                      // so that the latency is known
		var served, refused, late atomic.Int32
		var wg sync.WaitGroup
		for range 1000 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(operation(t.Context()), 15*time.Second)
				defer cancel()
				start := time.Now()
				switch err, failed := admitted(ctx, t, c, 20); {
				case err != nil:
					refused.Add(1)
					if err.Kind != msgraph.Overloaded || err.RetryAfter < time.Second || time.Since(start) != 0 {
						t.Errorf("refused after %v: %v", time.Since(start), err)
					}
				case failed:
					late.Add(1)
				default:
					served.Add(1)
				}
			})
			synctest.Wait() // it is refused, or its requests wait, before the next one arrives
		}
		wg.Wait()
		if served.Load() < 130 || served.Load() > 160 || late.Load() > 15 {
			t.Errorf("%d served, %d refused, %d admitted and late; 15 s are enough for 150", served.Load(), refused.Load(), late.Load())
		}
	})
}

func TestBehindAPauseOnlyAsManyWaitAsCanBeServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second, replies: map[string][]reply{one: {{}, throttle("10"), {}}}}
		c := newClient(t, s, msgraph.WithInFlight(10, 10), msgraph.WithSharing(false))
		fetch(t.Context(), t, c, one)
		var wg sync.WaitGroup
		wg.Go(func() { fetch(t.Context(), t, c, one) })
		time.Sleep(1100 * time.Millisecond)
		var waiting atomic.Int32
		for i := range 2000 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(operation(t.Context()), 15*time.Second)
				defer cancel()
				leave, refused := c.Admit(ctx, 1)
				if refused != nil {
					return
				}
				defer leave()
				waiting.Add(1)
				fetch(ctx, t, c, fmt.Sprintf("/hosts/p%d?$select=id", i))
			})
			synctest.Wait()
		}
		if got := waiting.Load(); got < 30 || got > 80 {
			t.Errorf("%d wait for the end of a pause of 10 s, and the rest of 15 s is enough for 50", got)
		}
		wg.Wait()
	})
}

func TestASmallOperationIsAdmittedBesideManyLargeOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(10, 10))
		fetch(t.Context(), t, c, one)
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(operation(t.Context()), time.Minute)
				defer cancel()
				admitted(ctx, t, c, 400)
			})
		}
		time.Sleep(500 * time.Millisecond)
		ctx, cancel := context.WithTimeout(operation(t.Context()), 15*time.Second)
		defer cancel()
		if err, failed := admitted(ctx, t, c, 3); err != nil || failed {
			t.Errorf("got %v, failed %v: it takes turns with 10 others", err, failed)
		}
		wg.Wait()
	})
}

func TestWhatIsNotKnownYetIsAdmitted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClient(t, &service{latency: time.Second})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for range 100 {
			if _, err := c.Admit(ctx, 400); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.Admit(t.Context(), 400); err != nil {
			t.Error("without a deadline:", err)
		}
	})
}
