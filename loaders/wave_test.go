package loaders_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/loaders"
)

func TestASmallFirstWaveIsSentByTheFirstResolverThatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/a?$select=id": time.Second}}
		ctx, l := start(t, u, 10)
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), nil), loaders.Plan(get("b"), nil)}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		wantWire(t, u, nil)
		var all sync.WaitGroup
		for _, path := range []string{"b", "a", "b"} {
			all.Go(func() {
				if v, _, err := loaders.Get(ctx, l, get(path)); err != nil || v.ID != "x" {
					t.Errorf("%s: got %v, %v", path, v, err)
				}
			})
		}
		all.Wait()
		wantWire(t, u, [][]string{{"/a?$select=id", "/b?$select=id"}})
	})
}

func TestAHeldWaveIsSentWhenAnotherIsPlanned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		ctx, l := start(t, u, 10)
		for _, path := range []string{"a", "b"} {
			if err := l.Prefetch([]loaders.Step{loaders.Plan(get(path), nil)}); err != nil {
				t.Fatal(err)
			}
		}
		for _, path := range []string{"a", "b"} {
			if v, _, err := loaders.Get(ctx, l, get(path)); err != nil || v.ID != "x" {
				t.Errorf("%s: got %v, %v", path, v, err)
			}
		}
	})
}

func TestACallerThatLeavesEarlyIsNotHeldUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/a?$select=id": time.Minute}}
		ctx, l := start(t, u, 10)
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), nil)}); err != nil {
			t.Fatal(err)
		}
		began, reason := time.Now(), errors.New("gone")
		mine, cancel := context.WithTimeoutCause(ctx, time.Second, reason)
		defer cancel()
		if _, _, err := loaders.Get(mine, l, get("a")); !errors.Is(err, reason) || time.Since(began) != time.Second {
			t.Errorf("got %v after %v", err, time.Since(began))
		}
		if v, _, err := loaders.Get(ctx, l, get("a")); err != nil || v.ID != "x" || time.Since(began) != time.Minute {
			t.Errorf("who stayed got %v, %v after %v", v, err, time.Since(began))
		}
		wantWire(t, u, [][]string{{"/a?$select=id"}})
	})
}

func TestAResponseBeforeTheDeadlineIsThereAfterIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/slow?$select=id": time.Hour, "/fast?$select=id": time.Second}}
		late := errors.New("late")
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Minute, late)
		defer cancel()
		l := loaders.New(ctx, u, loaders.NewRefused(nil, nil, nil), 10)
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("slow"), nil), loaders.Plan(get("fast"), nil)}); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if _, _, err := loaders.Get(ctx, l, get("slow")); !errors.Is(err, late) || time.Since(began) != time.Minute {
			t.Errorf("slow: got %v after %v", err, time.Since(began))
		}
		if v, _, err := loaders.Get(ctx, l, get("fast")); err != nil || v.ID != "x" {
			t.Errorf("fast: got %v, %v", v, err)
		}
	})
}

// What other responses lead to does not wait for one that rarely leads anywhere. What that leads to is sent all the same.
func TestWhatIsRareHoldsUpNoWave(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/rare?$select=id": 100 * time.Millisecond, "/late?$select=id": 100 * time.Millisecond}}
		ctx, l := start(t, u, 10)
		to := func(path string) leads {
			return func(*thing) []loaders.Step { return []loaders.Step{loaders.Plan(get(path), nil)} }
		}
		rare, late := loaders.Plan(get("rare"), to("c")), loaders.Plan(get("late"), to("d"))
		rare.Rare, late.Rare = true, true
		began := time.Now()
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), to("b")), rare, late}); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"b", "c", "d"} {
			if _, _, err := loaders.Get(ctx, l, get(path)); err != nil {
				t.Error(err)
			}
			if waited := time.Since(began); path == "b" && waited != 0 {
				t.Errorf("b waited for %s", waited)
			}
		}
		wantWire(t, u, [][]string{
			{"/a?$select=id", "/late?$select=id", "/rare?$select=id"}, {"/b?$select=id"}, {"/c?$select=id", "/d?$select=id"},
		})
		if n := l.Unplanned(); n != 0 {
			t.Errorf("%d lookups were not planned", n)
		}
	})
}
