package faults_test

import (
	"sync"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

const cachedPort = `{ hostPort(id: "` + servicetest.ExampleID + `") { port status } }`

// startStale starts the service with a response in the cache that is past its time by now, and too old to be served
// while it is renewed.
func startStale(t *testing.T) *servicetest.Service {
	t.Helper()
	s := servicetest.StartSmall(t, "PORTICO_CACHE=memory", "PORTICO_CACHE_FRESH_PORTS=1ms", "PORTICO_LIMIT_DEADLINE=3s")
	s.Ask(t, cachedPort).WantNoErrors(t)
	time.Sleep(3 * time.Millisecond)
	s.Emulator.ResetLog()
	return s
}

func TestTheCacheAnswersWhileMicrosoftGraphFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault emulator.Fault
		codes string // none: served
	}{
		"503":                 {emulator.Fault{Effect: emulator.EffectError, Status: 503}, ""},
		"500":                 {emulator.Fault{Effect: emulator.EffectError, Status: 500}, ""},
		"429 for a minute":    {emulator.Fault{Effect: emulator.EffectError, Status: 429, RetryAfter: "60"}, ""},
		"a broken connection": {emulator.Reset(), ""},
		"400":                 {emulator.Fault{Effect: emulator.EffectError, Status: 400}, "UPSTREAM_BAD_REQUEST"},
		"403":                 {emulator.Fault{Effect: emulator.EffectError, Status: 403}, "UPSTREAM_FORBIDDEN"},
		"401":                 {emulator.Fault{Effect: emulator.EffectError, Status: 401}, "UPSTREAM_AUTH"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := startStale(t)
			s.Emulator.Fail(tt.fault.Times(-1))
			a := s.Ask(t, cachedPort)
			if a.Codes() != tt.codes {
				t.Fatalf("codes %q, want %q: %s", a.Codes(), tt.codes, a.Text)
			}
			if served := tt.codes == ""; served != (a.Data == `{"hostPort":{"port":21,"status":"OPEN"}}`) ||
				served != (a.Cost.CacheStale == 1 && a.Cost.CacheHits == 1) {
				t.Errorf("%s", a.Text)
			}
		})
	}
}

// Once most requests failed, nothing more is sent, and what is cached is served still.
func TestTheCacheAnswersWhileTheCircuitBreakerIsOpen(t *testing.T) {
	t.Parallel()
	s := startStale(t)
	s.Emulator.Fail(emulator.Fault{Effect: emulator.EffectError, Status: 503}.Times(-1))
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() { s.Askf(t, `{ host(id: "198.51.100.%d") { lastSeenDateTime } }`, i) })
	}
	all.Wait()
	for range 200 {
		a := s.Ask(t, cachedPort)
		if a.Cost.Items == 0 {
			if a.Codes() != "" || a.Cost.CacheStale != 1 {
				t.Errorf("with an open breaker: %s", a.Text)
			}
			return
		}
	}
	t.Error("the circuit breaker did not open")
}

// A refusal is not covered, and drops what was cached.
func TestARefusalDropsTheCache(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_CACHE=memory")
	s.Ask(t, cachedPort).WantNoErrors(t)
	s.Emulator.Fail(emulator.Fault{Effect: emulator.EffectError, Status: 403}.Times(1))
	if a := s.Ask(t, `{ host(id: "contoso.com") { lastSeenDateTime } }`); a.Codes() != "UPSTREAM_FORBIDDEN" {
		t.Fatal(a.Text)
	}
	if a := s.Ask(t, cachedPort); a.Cost.CacheHits != 0 || a.Cost.Items != 1 {
		t.Errorf("served from the cache: %s", a.Text)
	}
}
