package cache_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/internal/cache"
	"portico/msgraph"
)

func TestARefusalDropsWhatReplicasShare(t *testing.T) {
	a, b, _ := replicas(t)
	a.get(t.Context(), hostA)
	b.get(t.Context(), hostA)
	b.set(func() { b.failures["/denied"] = &msgraph.Error{Kind: msgraph.Refused, Status: 403} })
	other := as(t, cache.Identity{Key: "another"})
	a.get(other, hostA)
	a.take()
	b.get(t.Context(), "/denied?$select=id")
	b.take()
	eventually(t, "a has nothing in memory", func() bool {
		_, use := a.get(t.Context(), hostA)
		return use.Hits == 0
	})
	if sent := a.take(); len(sent) != 1 {
		t.Errorf("sent %v", sent)
	}
	if _, use := b.get(other, hostA); use.Hits != 1 {
		t.Error("the entries of another identity were dropped, too")
	}
	if _, use := b.get(t.Context(), hostA); use.Hits != 1 || len(b.take()) > 0 {
		t.Error("what was requested since is not shared")
	}
}

// While the store is away, a drop must not be forgotten.
func TestADropWaitsForTheStore(t *testing.T) {
	a, b, s := replicas(t)
	a.get(t.Context(), hostA)
	before := s.mark("app")
	s.change(func() { s.away = true })
	a.set(func() { a.failures["/denied"] = &msgraph.Error{Kind: msgraph.Refused, Status: 403} })
	a.get(t.Context(), "/denied?$select=id")
	s.change(func() { s.away = false })
	if _, use := a.get(t.Context(), hostA); use.Hits != 0 {
		t.Error("the replica that dropped the entries read them again")
	}
	eventually(t, "it is known to the others", func() bool { return s.mark("app") != before })
	b.get(t.Context(), hostA)
	if sent := b.take(); len(sent) != 1 {
		t.Errorf("sent %v", sent)
	}
}

// The store may lose the mark that says what was dropped, and keep the dropped entries: a Redis that is full does so.
func TestWhatWasDroppedStaysSoWhenTheStoreLosesMarks(t *testing.T) {
	for name, drop := range map[string]func(*world){
		"purged": func(w *world) { w.PurgeAll() },
		"refused": func(w *world) {
			w.set(func() { w.failures["/denied"] = &msgraph.Error{Kind: msgraph.Refused, Status: 403} })
			w.get(t.Context(), "/denied?$select=id")
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, b, s := replicas(t)
			a.get(t.Context(), hostA)
			for _, w := range []*world{a, b} {
				w.set(func() { w.version = 2 })
			}
			before := s.mark("app") + s.mark("\n")
			drop(a)
			eventually(t, "the mark is replaced", func() bool { return s.mark("app")+s.mark("\n") != before })
			s.lose("mark:")
			for _, w := range []*world{b, a} {
				if w.x(t) != 2.0 {
					t.Error("served what was dropped")
				}
			}
		})
	}
}

// Redis restarts empty. What replicas have in memory is still good, and they agree on it.
func TestAStoreThatLosesAllTakesNothingFromMemory(t *testing.T) {
	a, b, s := replicas(t)
	a.get(t.Context(), hostA)
	b.get(t.Context(), hostA)
	s.lose("")
	for _, w := range []*world{a, b, a} {
		w.get(t.Context(), "/hosts/b?$select=id,x") // reads the marks again
		if _, use := w.get(t.Context(), hostA); use.Hits != 1 {
			t.Error("memory was dropped")
		}
	}
	if sent := b.take(); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

// Somebody who sends many tokens that are not accepted fills no store.
func TestTokensThatAreNotAcceptedLeaveNoMark(t *testing.T) {
	a, _, s := replicas(t)
	a.set(func() { a.failures["/hosts/a"] = &msgraph.Error{Kind: msgraph.Refused, Status: 401} })
	for i := range 3 {
		a.get(as(t, cache.Identity{Key: fmt.Sprint("token:", i), Unverified: true}), hostA)
		if mark := s.mark(fmt.Sprint("token:", i)); mark != "" {
			t.Errorf("mark %q", mark)
		}
	}
}

func TestAPurgeReachesOtherReplicas(t *testing.T) {
	a, b, _ := replicas(t)
	a.get(t.Context(), hostA)
	b.get(t.Context(), hostA)
	b.take()
	if got := a.PurgeAll(); got != 1 {
		t.Errorf("%d entries were purged", got)
	}
	eventually(t, "b has nothing", func() bool {
		_, use := b.get(t.Context(), hostA)
		return use.Hits == 0
	})
}

// lose forgets all values whose names begin so, as a Redis that is full may do.
func (s *store) lose(prefix string) {
	s.change(func() {
		for name := range s.kept {
			if strings.HasPrefix(name, prefix) {
				delete(s.kept, name)
			}
		}
	})
}

// mark returns the mark of an identity.
func (s *store) mark(identity string) (mark string) {
	s.change(func() { mark = string(s.kept["mark:"+identity]) })
	return mark
}
