package service

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// A caller is charged before anything is sent, and what was charged too much comes back.
func TestCallersHaveAQuotaOfItems(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_LIMIT_CALLER_ITEMS=10")
	ids := s.putPorts(t, 8)
	q := asking{text: listOf(ids...), authorization: s.user("ada")}
	a := s.hear(t, q)
	a.want(t, listed(ids))
	if policy, left := a.header.Get("RateLimit-Policy"), a.header.Get("RateLimit"); policy != `"items";q=10;w=60` || !strings.HasPrefix(left, `"items";r=2;t=`) {
		t.Errorf("RateLimit-Policy: %s, RateLimit: %s", policy, left)
	}
	s.emulator.ResetLog()
	b := s.hear(t, q)
	wait, err := strconv.Atoi(b.header.Get("Retry-After"))
	if b.status != http.StatusTooManyRequests || codes(b.answered) != "RATE_LIMITED" || err != nil || wait < 30 || wait > 36 || b.data != "" {
		t.Errorf("got %d, Retry-After %d, %s", b.status, wait, b.text)
	}
	if seconds := b.errors[0].Extensions["retryAfterSeconds"]; seconds != float64(wait) {
		t.Errorf("retryAfterSeconds %v", seconds)
	}
	s.wantAsked(t) // nothing
	s.hear(t, asking{text: listOf(ids...), authorization: s.user("bob")}).want(t, listed(ids))
	s.hear(t, asking{text: "{ __typename }", authorization: s.user("ada")}).want(t, `{"__typename":"Query"}`)
	c := s.hear(t, asking{text: `{ host(id: "192.0.2.77") { ports(first: 9) { nodes { port } } } }`, authorization: s.user("eve")})
	if left := c.header.Get("RateLimit"); c.status != http.StatusOK || !strings.HasPrefix(left, `"items";r=9;`) && !strings.HasPrefix(left, `"items";r=8;`) {
		t.Errorf("a list of one request: %s, %s", left, c.text)
	}
}

// Operations run once for all who share an identity, but one caller's empty quota must not refuse another's.
func TestACallersEmptyQuotaRefusesNobodyElse(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_LIMIT_CALLER_ITEMS=3", "PORTICO_EMULATOR_LATENCY=20ms")
	ids := s.putPorts(t, 3)
	s.hear(t, asking{text: listOf(ids...), authorization: s.user("poor")}).want(t, listed(ids))
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			a := s.hear(t, asking{text: listOf(ids...), authorization: s.user("poor")})
			if a.status != http.StatusTooManyRequests && a.status != http.StatusOK { // another's run may serve it
				t.Errorf("the one without quota: %d %s", a.status, a.text)
			}
		})
		all.Go(func() {
			s.hear(t, asking{text: listOf(ids...), authorization: s.user(fmt.Sprint("rich", n))}).want(t, listed(ids))
		})
	}
	all.Wait()
}
