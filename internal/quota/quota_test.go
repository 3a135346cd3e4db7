package quota_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/internal/quota"
)

func TestABucketRefillsInAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := quota.NewMemory(60)
		for _, step := range []struct {
			what    string
			pause   time.Duration
			n       int
			forced  bool
			granted bool
			left    int
			wait    time.Duration
		}{
			{"a full bucket", 0, 50, false, true, 10, 50 * time.Second},
			{"more than is left", 0, 15, false, false, 10, 5 * time.Second},
			{"after the wait that was named", 5 * time.Second, 15, false, true, 0, time.Minute},
			{"nothing is left", 0, 1, false, false, 0, time.Second},
			{"a correction upwards may owe", 0, 30, true, true, -30, 90 * time.Second},
			{"a debt is paid first", 30 * time.Second, 1, false, false, 0, time.Second},
			{"a correction downwards gives back", 0, -20, true, true, 20, 40 * time.Second},
			{"it never holds more than the limit", time.Hour, 0, false, true, 60, 0},
			{"giving back to a full bucket", 0, -5, true, true, 60, 0},
			{"more than a full bucket holds", 0, 61, false, false, 60, 0},
		} {
			time.Sleep(step.pause)
			got, granted := store.Take(t.Context(), "ada", step.n, step.forced)
			if granted != step.granted || got.Left != step.left || got.Wait.Round(time.Millisecond) != step.wait || got.Limit != 60 {
				t.Errorf("%s: %v %+v", step.what, granted, got)
			}
		}
	})
}

func TestCallersDoNotShareABucket(t *testing.T) {
	store := quota.NewMemory(10)
	if _, granted := store.Take(t.Context(), "ada", 10, false); !granted {
		t.Error("ada has nothing")
	}
	if _, granted := store.Take(t.Context(), "ada", 5, false); granted {
		t.Error("ada has more than the limit")
	}
	if _, granted := store.Take(t.Context(), "bob", 10, false); !granted {
		t.Error("ada took from bob")
	}
}

func TestNoMoreIsGrantedThanTheBucketHolds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where no time passes
		store := quota.NewMemory(100)
		var granted sync.Map
		var all sync.WaitGroup
		for n := range 300 {
			all.Go(func() {
				if _, ok := store.Take(t.Context(), "ada", 1, false); ok {
					granted.Store(n, true)
				}
			})
		}
		all.Wait()
		count := 0
		granted.Range(func(any, any) bool { count++; return true })
		if count != 100 {
			t.Errorf("%d of 100", count)
		}
	})
}

func TestHeadersFollowTheDraft(t *testing.T) {
	policy, limit := quota.State{Limit: 600, Left: -3, Wait: 1500 * time.Millisecond}.Headers("items")
	if got := fmt.Sprint(policy, " ", limit); got != `"items";q=600;w=60 "items";r=0;t=2` {
		t.Errorf("got %s", got)
	}
}

func TestABucketGoesOnFromALevelThatItLearned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := quota.NewMemory(60)
		if got := store.Learn("ada", 10, 20, true); got.Left != 10 || got.Wait != 50*time.Second || got.Limit != 60 {
			t.Errorf("granted elsewhere: %+v", got)
		}
		if got := store.Learn("ada", 10, 15, false); got.Left != 10 || got.Wait != 5*time.Second {
			t.Errorf("refused elsewhere: %+v", got)
		}
		if got, granted := store.Take(t.Context(), "ada", 11, false); granted || got.Wait != time.Second {
			t.Errorf("taken here: %v %+v", granted, got)
		}
		time.Sleep(time.Second)
		if _, granted := store.Take(t.Context(), "ada", 11, false); !granted {
			t.Error("nothing flows into the bucket")
		}
		if got := store.Learn("ada", 1e9, 0, true); got.Left != 60 {
			t.Errorf("a level above the limit: %+v", got)
		}
	})
}
