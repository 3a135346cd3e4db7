package flight_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"portico/internal/flight"
)

func TestInlineCallersShareOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Inline[int]
		var runs, joined atomic.Int32
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				got, shared, err := g.Do(t.Context(), "a", func() (int, bool) {
					time.Sleep(time.Second)
					return int(runs.Add(1)), true
				})
				if got != 1 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
				if shared {
					joined.Add(1)
				}
			})
		}
		wg.Wait()
		if runs.Load() != 1 || joined.Load() != 49 {
			t.Errorf("%d runs, %d joined", runs.Load(), joined.Load())
		}
		if got, shared, _ := g.Do(t.Context(), "a", func() (int, bool) { return 7, true }); got != 7 || shared {
			t.Errorf("a later caller got %d, shared %v", got, shared)
		}
	})
}

func TestInlineFollowersStartAgainAfterAFailedLeader(t *testing.T) {
	for name, fail := range map[string]func() (int, bool){
		"its result is its own": func() (int, bool) { return 0, false },
		"it panics":             func() (int, bool) { panic("boom") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var g flight.Inline[int]
				var runs atomic.Int32
				go func() {
					defer func() { _ = recover() }()
					_, _, _ = g.Do(t.Context(), "a", func() (int, bool) { time.Sleep(time.Second); return fail() })
				}()
				synctest.Wait()
				var wg sync.WaitGroup
				for range 5 {
					wg.Go(func() {
						got, _, err := g.Do(t.Context(), "a", func() (int, bool) {
							time.Sleep(time.Second)
							return int(runs.Add(1)), true
						})
						if got != 1 || err != nil {
							t.Errorf("got %d, %v; want the result of one new run", got, err)
						}
					})
				}
				wg.Wait()
			})
		})
	}
}

func TestInlineFollowerLeavesWithItsOwnCause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Inline[int]
		go func() { _, _, _ = g.Do(t.Context(), "a", func() (int, bool) { time.Sleep(time.Hour); return 1, true }) }()
		synctest.Wait()
		reason := errors.New("late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, reason)
		defer cancel()
		start := time.Now()
		_, shared, err := g.Do(ctx, "a", func() (int, bool) { panic("started") })
		if !errors.Is(err, reason) || shared || time.Since(start) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(start))
		}
		time.Sleep(time.Hour) // let the leader end
	})
}

func BenchmarkInlineAlone(b *testing.B) {
	var g flight.Inline[string]
	b.ReportAllocs()
	for b.Loop() {
		_, _, _ = g.Do(b.Context(), "a", func() (string, bool) { return "", true })
	}
}
