package tokens_test

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"portico/internal/service/servicetest"
)

// A caller is charged before anything is sent, and what was charged too much comes back.
func TestCallersHaveAQuotaOfItems(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_LIMIT_CALLER_ITEMS=10")
	ids := s.PutPorts(t, 8)
	q := servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, "ada")}
	a := s.Send(t, q)
	a.Want(t, servicetest.PortsData(ids))
	if policy, left := a.Header.Get("RateLimit-Policy"), a.Header.Get("RateLimit"); policy != `"items";q=10;w=60` || !strings.HasPrefix(left, `"items";r=2;t=`) {
		t.Errorf("RateLimit-Policy: %s, RateLimit: %s", policy, left)
	}
	s.Emulator.ResetLog()
	b := s.Send(t, q)
	wait, err := strconv.Atoi(b.Header.Get("Retry-After"))
	if b.Status != http.StatusTooManyRequests || b.Codes() != "RATE_LIMITED" || err != nil || wait < 30 || wait > 36 || b.Data != "" {
		t.Errorf("got %d, Retry-After %d, %s", b.Status, wait, b.Text)
	}
	if seconds := b.Errors[0].Extensions["retryAfterSeconds"]; seconds != float64(wait) {
		t.Errorf("retryAfterSeconds %v", seconds)
	}
	s.WantSent(t) // nothing
	s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, "bob")}).Want(t, servicetest.PortsData(ids))
	s.Send(t, servicetest.Operation{Query: "{ __typename }", Authorization: user(s, "ada")}).Want(t, `{"__typename":"Query"}`)
	c := s.Send(t, servicetest.Operation{Query: `{ host(id: "192.0.2.77") { ports(first: 9) { nodes { port } } } }`, Authorization: user(s, "eve")})
	if left := c.Header.Get("RateLimit"); c.Status != http.StatusOK || !strings.HasPrefix(left, `"items";r=9;`) && !strings.HasPrefix(left, `"items";r=8;`) {
		t.Errorf("a list of one request: %s, %s", left, c.Text)
	}
}

// Operations run once for all who share an identity, but one caller's empty quota must not refuse another's.
func TestAnExhaustedQuotaDoesNotAffectOtherCallers(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_LIMIT_CALLER_ITEMS=3", "PORTICO_EMULATOR_LATENCY=20ms")
	ids := s.PutPorts(t, 3)
	s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, "poor")}).Want(t, servicetest.PortsData(ids))
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			a := s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, "poor")})
			if a.Status != http.StatusTooManyRequests && a.Status != http.StatusOK { // a minute may have passed
				t.Errorf("the one without quota: %d %s", a.Status, a.Text)
			}
		})
		all.Go(func() {
			s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, fmt.Sprint("rich", n))}).Want(t, servicetest.PortsData(ids))
		})
	}
	all.Wait()
}
