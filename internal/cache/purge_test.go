package cache_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestPurge(t *testing.T) {
	for name, tt := range map[string]struct {
		purge   func(*world) int
		removed int
		left    []string
	}{
		"all":                          {func(w *world) int { return w.PurgeAll() }, 4, nil},
		"one, and what is below it":    {func(w *world) int { return w.Purge("/hosts/a.b") }, 2, []string{"/hosts/a.bc?$select=id", "/hosts?$select=id&$top=5"}},
		"in other letters and escaped": {func(w *world) int { return w.Purge("/HOSTS/a%2Eb/") }, 2, []string{"/hosts/a.bc?$select=id", "/hosts?$select=id&$top=5"}},
		"one that is not there":        {func(w *world) int { return w.Purge("/hosts/z") }, 0, []string{"/hosts/a.b?$select=id", "/hosts/a.b/ports?$select=id", "/hosts/a.bc?$select=id", "/hosts?$select=id&$top=5"}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			urls := []string{"/hosts/a.b?$select=id", "/hosts/a.b/ports?$select=id", "/hosts/a.bc?$select=id", "/hosts?$select=id&$top=5"}
			w.get(t.Context(), urls...)
			if removed := tt.purge(w); removed != tt.removed {
				t.Errorf("removed %d entries, want %d", removed, tt.removed)
			}
			var left []string
			for _, url := range urls {
				if _, use := w.get(t.Context(), url); use.Hits == 1 {
					left = append(left, url)
				}
			}
			if diff := cmp.Diff(tt.left, left); diff != "" {
				t.Errorf("left, -want +got:\n%s", diff)
			}
		})
	}
}

func TestWhatIsUnderWayDuringAPurgeIsNotStored(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	w.set(func() { w.hold = hold })
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.get(t.Context(), "/hosts/a?$select=id")
	}()
	for len(w.take()) == 0 {
		time.Sleep(time.Millisecond)
	}
	w.PurgeAll()
	close(hold)
	<-done
	if _, use := w.get(t.Context(), "/hosts/a?$select=id"); use.Hits != 0 {
		t.Error("served from a response that was requested before the purge")
	}
}
