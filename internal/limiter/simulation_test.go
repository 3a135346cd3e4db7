package limiter

import (
	"container/heap"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// simulation runs callers and a service under a limiter, one event after another in simulated time and without
// goroutines, so that a seed decides everything.
type simulation struct {
	limiter *Limiter
	random  *rand.Rand
	start   time.Time
	now     time.Time
	events  events

	latency time.Duration
	atATime func(since time.Duration) int // how many requests the service serves at a time; 0: any number

	busy    int        // requests that the service serves
	backlog []*request // requests that wait in the service
	waiting []*request // requests that wait for a slot
	served  int
}

// request is one of an operation.
type request struct {
	of   *operation
	slot Slot
}

// operation is requests that a caller sends together.
type operation struct {
	caller, requests, left int
}

type event struct {
	at   time.Time
	then func()
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at.Before(e[j].at) }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	old := *e
	last := old[len(old)-1]
	*e = old[:len(old)-1]
	return last
}

func simulate(seed uint64, latency time.Duration, atATime func(time.Duration) int) *simulation {
	s := &simulation{random: rand.New(rand.NewPCG(seed, 3)), start: time.Unix(0, 0), latency: latency, atATime: atATime}
	s.now = s.start
	s.limiter = New(1, 256, func() time.Time { return s.now })
	return s
}

func (s *simulation) in(d time.Duration, then func()) {
	heap.Push(&s.events, event{s.now.Add(d), then})
}

// runUntil lets time pass.
func (s *simulation) runUntil(since time.Duration) {
	end := s.start.Add(since)
	for len(s.events) > 0 && !s.events[0].at.After(end) {
		next := heap.Pop(&s.events).(event)
		s.now = next.at
		next.then()
		s.sendGranted()
	}
	s.now = end
}

// call has a caller send an operation of some requests. When it ends, the caller sends the next one.
func (s *simulation) call(caller, requests int) {
	o := &operation{caller, requests, requests}
	for range requests {
		r := &request{of: o, slot: Slot{of: s.limiter}}
		s.limiter.join(&r.slot.waiter, []any{caller})
		s.waiting = append(s.waiting, r)
	}
	s.sendGranted()
}

func (s *simulation) sendGranted() {
	for i := 0; len(s.waiting) > s.limiter.waiting; {
		r := s.waiting[i]
		if !r.slot.granted {
			i++
			continue
		}
		s.waiting = slices.Delete(s.waiting, i, i+1)
		r.slot.begun = s.now
		s.backlog = append(s.backlog, r)
	}
	s.serve()
}

// serve begins with requests for which the service has room.
func (s *simulation) serve() {
	capacity := s.atATime(s.now.Sub(s.start))
	for len(s.backlog) > 0 && (capacity == 0 || s.busy < capacity) {
		r := s.backlog[0]
		s.backlog = s.backlog[1:]
		s.busy++
		s.in(time.Duration(float64(s.latency)*math.Exp(0.3*s.random.NormFloat64())), func() { s.end(r) })
	}
}

func (s *simulation) end(r *request) {
	s.busy--
	s.served++
	r.slot.Report(Served, Batch)
	if r.of.left--; r.of.left == 0 {
		s.call(r.of.caller, r.of.requests)
	}
}

// The limit ends near what the service serves at a time, also where the callers together need about as much as the limit
// that suited the service before.
func TestTheLimitFollowsTheService(t *testing.T) {
	const seeds, length, changeAt, settled = 3, 80, 20, 20 // times in seconds
	for _, row := range []struct {
		what              string
		before, after     int // requests that the service serves at a time; 0: any number
		callers, requests int // of each caller at a time
		least, most       int // where the limit has to settle
	}{
		{"the service stays small", 5, 5, 30, 3, 3, 10},
		{"the service stays the same", 20, 20, 32, 3, 14, 32},
		{"the service stays large", 50, 50, 32, 3, 38, 80},
		{"the service stays without a bound", 0, 0, 32, 3, 64, 256},
		{"the service shrinks, and the callers need a little more than before", 60, 10, 24, 3, 5, 20},
		{"the service shrinks, and the callers need less than before", 60, 10, 12, 3, 5, 20},
		{"the service shrinks, and the callers need more than before", 60, 10, 32, 3, 5, 20},
		{"the service shrinks, and the callers need far more than before", 60, 10, 100, 3, 5, 20},
		{"the service gets a bound", 0, 10, 30, 3, 5, 20},
		{"the service grows", 10, 40, 24, 3, 30, 80},
		{"the service loses its bound", 10, 0, 24, 3, 50, 256},
	} {
		for seed := range uint64(seeds) {
			s := simulate(seed, 100*time.Millisecond, func(since time.Duration) int {
				if since < changeAt*time.Second {
					return row.before
				}
				return row.after
			})
			for caller := range row.callers {
				s.call(caller, row.requests)
			}
			var limits []int
			for second := range length {
				s.runUntil(time.Duration(second+1) * time.Second)
				limits = append(limits, s.limiter.Load().Limit)
			}
			end := slices.Sorted(slices.Values(limits[length-settled:])) // some of these are trials
			if middle := end[settled/2]; middle < row.least || middle > row.most {
				t.Errorf("%s (seed %d): the limit settled at %d, want %d to %d: %v", row.what, seed, middle, row.least, row.most, limits)
			}
		}
	}
}

// A local service, or a proxy with a cache, responds so quickly that the latency is that of the own machine. The limit
// must not sink bit by bit because each step costs next to nothing.
func TestTheLimitStaysUpWhileResponsesAreQuick(t *testing.T) {
	for seed := range uint64(3) {
		s := simulate(seed, 400*time.Microsecond, func(time.Duration) int { return 2 })
		for caller := range 32 {
			s.call(caller, 1)
		}
		for second := range 8 {
			s.runUntil(time.Duration(second+1) * time.Second)
			if limit := s.limiter.Load().Limit; limit < firstLimit {
				t.Errorf("seed %d: the limit is %d after %d s, want %d or more", seed, limit, second+1, firstLimit)
			}
		}
	}
}
