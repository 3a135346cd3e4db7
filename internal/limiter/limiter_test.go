package limiter_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"portico/internal/limiter"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A light request waits for about one round: one turn of each caller, whatever they have waiting, and no caller waits while
// a slot is free.
func TestALightCallerWaitsForAboutOneRound(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		limit, heavy, operations, requests := 1+random.IntN(20), 1+random.IntN(64), 1+random.IntN(4), 1+random.IntN(20)
		t.Run(fmt.Sprintf("%d: limit %d, %d callers of %d operations of %d requests", seed, limit, heavy, operations, requests), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := limiter.New(limit, limit, time.Now)
				var granted atomic.Int64
				var all sync.WaitGroup
				send := func(took time.Duration, keys ...any) {
					slot, err := l.Take(t.Context(), keys...)
					if err != nil {
						t.Error(err)
						return
					}
					granted.Add(1)
					time.Sleep(took)
					if load := l.Load(); load.Busy < load.Limit && load.Waiting > 0 || load.Busy > load.Limit {
						t.Errorf("%+v", load)
					}
					slot.Report(limiter.Served, limiter.Batch)
				}
				for caller := range heavy {
					for operation := range operations {
						for range requests {
							took := time.Duration(50+random.IntN(100)) * time.Millisecond
							all.Go(func() { send(took, caller, operation) })
						}
					}
				}
				for i := range 5 {
					time.Sleep(time.Duration(random.IntN(2000)) * time.Millisecond)
					before := granted.Load()
					synctest.Wait()
					slot, err := l.Take(t.Context(), "light", i)
					if err != nil {
						t.Fatal(err)
					}
					round := int64(heavy + heavy/3 + limit + 2)
					if waited := granted.Load() - before; waited > round {
						t.Errorf("%d requests of others went first, and a round is %d", waited, heavy)
					}
					slot.Report(limiter.Served, limiter.Get)
				}
				all.Wait()
			})
		})
	}
}

// Callers get about equal shares, however many operations and requests each has waiting.
func TestCallersGetAboutEqualShares(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 2))
			l := limiter.New(4, 4, time.Now)
			callers := 2 + random.IntN(10)
			counts := make([]atomic.Int64, callers)
			end := time.Now().Add(100 * time.Second)
			var all sync.WaitGroup
			for caller := range callers {
				for operation := range 1 + random.IntN(20) {
					for range 8 {
						all.Go(func() {
							for time.Now().Before(end) {
								slot, _ := l.Take(t.Context(), caller, operation)
								time.Sleep(100 * time.Millisecond)
								counts[caller].Add(1)
								slot.Report(limiter.Served, limiter.Batch)
							}
						})
					}
				}
			}
			all.Wait()
			fair := int64(4000 / callers)
			for caller := range counts {
				if got := counts[caller].Load(); got < fair*7/10 || got > fair*14/10+20 {
					t.Errorf("seed %d: caller %d of %d got %d slots, and its share is %d", seed, caller, callers, got, fair)
				}
			}
		})
	}
}
