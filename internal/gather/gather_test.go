package gather_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"portico/internal/gather"
)

type handed struct {
	found   []int
	callers int
	after   time.Duration
}

// start returns a gathering, and a function that returns what it passed on so far.
func start(missing int, renew bool) (*gather.Gathering[int], func() []handed) {
	rounds := make(chan handed, missing)
	begun := time.Now()
	g := &gather.Gathering[int]{Missing: missing, Wait: time.Second, Renew: renew, Next: func(found []int, callers int) {
		rounds <- handed{found, callers, time.Since(begun)}
	}}
	return g, func() (all []handed) {
		synctest.Wait()
		for len(rounds) > 0 {
			all = append(all, <-rounds)
		}
		return all
	}
}

func TestAllGoesOnWhenTheLastHasHandedIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g, rounds := start(3, false)
		g.HandIn([]int{1})
		first := g.HandIn(nil)
		if got := rounds(); got != nil {
			t.Fatalf("%v went on before the last had handed in", got)
		}
		last := g.HandIn([]int{2, 3})
		<-first
		<-last
		want(t, rounds(), handed{[]int{1, 2, 3}, 3, 0})
	})
}

func TestAStragglerIsNotWaitedForForEver(t *testing.T) {
	const pause = 700 * time.Millisecond
	for _, c := range []struct {
		name  string
		renew bool
		want  []handed
	}{
		{"from the first on", false, []handed{{[]int{1, 2}, 2, time.Second}, {[]int{3}, 1, 2 * pause}}},
		{"from the last on", true, []handed{{[]int{1, 2, 3}, 3, 2 * pause}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				g, rounds := start(3, c.renew)
				g.HandIn([]int{1})
				time.Sleep(pause)
				g.HandIn([]int{2})
				time.Sleep(pause)
				g.HandIn([]int{3})
				want(t, rounds(), c.want...)
			})
		})
	}
}

func want(t *testing.T, got []handed, want ...handed) {
	t.Helper()
	if !slices.EqualFunc(got, want, func(a, b handed) bool {
		return slices.Equal(a.found, b.found) && a.callers == b.callers && a.after == b.after
	}) {
		t.Errorf("got %v, want %v", got, want)
	}
}
