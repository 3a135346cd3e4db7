package cache_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/cache"
	"portico/msgraph"
)

// A request says how old what it is served may be.
func TestWhatARequestDemands(t *testing.T) {
	const asn = "/hosts/a?$select=id,asn"
	atMost := func(age time.Duration) cache.Demand { return cache.Demand{MaxAge: age, HasMaxAge: true} }
	down := &msgraph.Error{Kind: msgraph.Unavailable}
	for name, tt := range map[string]struct {
		age      time.Duration
		demand   cache.Demand
		failure  error
		hit      bool
		sent     int
		failed   bool
		hitAfter bool // by a request that demands nothing
	}{
		"younger than demanded":                    {time.Minute, atMost(2 * time.Minute), nil, true, 0, false, true},
		"older than demanded":                      {3 * time.Minute, atMost(2 * time.Minute), nil, false, 1, false, true},
		"no age will do":                           {0, atMost(0), nil, false, 1, false, true},
		"an age beyond the lifetime":               {100 * time.Hour, atMost(1000 * time.Hour), nil, false, 1, false, true},
		"older than demanded, and a failure":       {3 * time.Minute, atMost(2 * time.Minute), down, false, 1, true, true},
		"past its time, and a failure":             {3 * time.Hour, atMost(4 * time.Hour), down, true, 1, false, false},
		"nothing is stored":                        {3 * time.Minute, cache.Demand{HasMaxAge: true, NoStore: true}, nil, false, 1, false, true},
		"nothing is stored in place of what ended": {100 * time.Hour, cache.Demand{HasMaxAge: true, NoStore: true}, nil, false, 1, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.get(t.Context(), asn)
			w.take()
			w.pass(tt.age)
			if tt.failure != nil {
				w.set(func() { w.failures["/hosts/a"] = tt.failure })
			}
			replies, use := w.get(cache.With(t.Context(), tt.demand), asn)
			if sent := slices.Concat(w.take()...); (use.Hits == 1) != tt.hit || len(sent) != tt.sent || (replies[0].err != nil) != tt.failed {
				t.Errorf("%d hits, sent %v, %v", use.Hits, sent, replies[0].err)
			}
			w.set(func() { delete(w.failures, "/hosts/a") })
			if _, use := w.get(t.Context(), asn); (use.Hits == 1) != tt.hitAfter {
				t.Errorf("then %d hits", use.Hits)
			}
		})
	}
}

func TestPastTheCache(t *testing.T) {
	w := newWorld(t)
	w.get(t.Context(), "/hosts/a?$select=id,asn")
	w.set(func() { w.version = 1 })
	w.take()
	if _, use := w.get(past(t), "/hosts/a?$select=id,asn"); use.Hits != 0 || len(w.take()) != 1 {
		t.Error("a request past the cache was answered from it")
	}
	replies, use := w.get(t.Context(), "/hosts/a?$select=id,asn")
	if diff := cmp.Diff(map[string]any{"asn": 1.0}, properties(t, replies[0])); diff != "" || use.Hits != 1 {
		t.Errorf("the new response was not stored: %d hits\n%s", use.Hits, diff)
	}
}
