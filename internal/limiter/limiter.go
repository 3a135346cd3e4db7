// Package limiter bounds the requests in flight to a service by a limit that adapts to it, and deals free slots fairly.
//
// It knows requests by their latency and outcome alone.
package limiter

import (
	"context"
	"sync"
	"time"
)

// Limiter bounds the requests in flight by an adaptive limit, and deals free slots to flows in turn. It is safe for
// concurrent use.
type Limiter struct {
	now func() time.Time

	mu       sync.Mutex
	adaptive adaptive
	busy     int
	waiting  int           // those in queue that have not given up
	latency  time.Duration // moving average
	queue    flows
}

// waiter is one request that waits for a slot.
type waiter struct {
	ready    chan struct{}
	granted  bool // guarded by Limiter.mu, like the next
	gone     bool
	inFlight int // requests in flight when it was granted, itself included
	epoch    int // of the limit that it was granted under
}

// Slot is a request's right to be in flight. It ends with one call of Give or Report.
type Slot struct {
	of    *Limiter
	begun time.Time
	waiter
}

// New returns a limiter whose limit starts with 16 and stays between least and most. With both equal it is fixed.
func New(least, most int, now func() time.Time) *Limiter {
	return &Limiter{now: now, adaptive: newAdaptive(least, most)}
}

// Take waits for a slot until ctx ends. The keys name the flow that the request belongs to, from the outermost level
// in: flows of one level take turns, and so do the flows inside each of them.
func (l *Limiter) Take(ctx context.Context, keys ...any) (*Slot, error) {
	s := &Slot{of: l}
	if !l.join(&s.waiter, keys) {
		select {
		case <-s.ready:
		case <-ctx.Done():
			l.abandon(&s.waiter)
			return nil, context.Cause(ctx)
		}
	}
	s.begun = l.now()
	return s, nil
}

// join grants a waiter a slot at once, which it reports, where one is free and nobody waits; else the waiter queues.
func (l *Limiter) join(w *waiter, keys []any) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.waiting == 0 && l.busy < l.adaptive.opened {
		l.grant(w)
		return true
	}
	w.ready = make(chan struct{})
	l.queue.push(w, keys)
	l.waiting++
	l.deal()
	return false
}

func (l *Limiter) abandon(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.granted { // between the end of the context and now
		l.busy--
		l.deal()
		return
	}
	w.gone = true
	l.waiting--
}

// Give returns a slot whose request says nothing of the service.
func (s *Slot) Give() {
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	s.of.busy--
	s.of.deal()
}

// Report returns a slot and lets the limit learn from how the request fared.
func (s *Slot) Report(outcome Outcome, sort Sort) {
	now := s.of.now()
	s.of.mu.Lock()
	defer s.of.mu.Unlock()
	full := s.of.waiting > 0
	s.of.busy--
	s.of.observe(sample{
		outcome: outcome, sort: sort, latency: now.Sub(s.begun), inFlight: s.inFlight, epoch: s.epoch, full: full,
	}, now)
	s.of.deal()
}

// observe lets the limit learn from a request.
func (l *Limiter) observe(s sample, now time.Time) {
	const weight = 0.05
	if l.latency == 0 {
		l.latency = s.latency
	}
	l.latency += time.Duration(weight * float64(s.latency-l.latency))
	l.adaptive.observe(s, now)
}

// deal hands out the free slots.
func (l *Limiter) deal() {
	for l.busy < l.adaptive.opened && l.waiting > 0 {
		w := l.queue.pop()
		if w.gone {
			continue
		}
		l.waiting--
		l.grant(w)
		close(w.ready)
	}
	if l.waiting == 0 {
		l.queue = flows{} // without contention there is no turn to remember
	}
}

func (l *Limiter) grant(w *waiter) {
	l.busy++
	w.granted, w.inFlight, w.epoch = true, l.busy, l.adaptive.epoch
}

// Load is how busy a limiter is.
type Load struct {
	Limit   int
	Ceiling int // how many requests were in flight when the service last throttled, 0 if it never did
	Busy    int // requests in flight
	Waiting int // requests that wait for a slot
	Latency time.Duration
}

// Load returns how busy the limiter is.
func (l *Limiter) Load() Load {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Load{l.adaptive.limit, l.adaptive.ceiling.inFlight, l.busy, l.waiting, l.latency}
}
