package limiter

import (
	"math"
	"time"
)

// Sort is what requests are compared by: a batch takes longer than a GET.
type Sort int

// The sorts of request.
const (
	Get Sort = iota
	Batch
	sorts
)

// Outcome is what the end of a request says of the service's load.
type Outcome int

// The outcomes.
const (
	Served     Outcome = iota // with a response that is not a sign of load
	Throttled                 // 429
	Overloaded                // 502, 503 or 504, no response in time, or a broken connection
)

// sample is one request that ended.
type sample struct {
	outcome  Outcome
	sort     Sort
	latency  time.Duration
	inFlight int  // when it was sent, itself included
	epoch    int  // when it was sent
	full     bool // whether others waited for its slot
}

// spread is what is known of the latencies of one sort of request.
type spread struct {
	count, mean, variance float64 // seconds; a count of 0 means that nothing is known
}

// level is what was measured under one limit.
type level struct {
	inFlight float64
	latency  [sorts]spread
}

// approach follows slow changes of the service.
func (l *level) approach(here level) {
	const weight, memory = 0.1, 20
	l.inFlight += weight * (here.inFlight - l.inFlight)
	for i := range l.latency {
		old, now := &l.latency[i], here.latency[i]
		switch {
		case now.count == 0:
		case old.count == 0:
			*old = now
		default:
			old.mean += weight * (now.mean - old.mean)
			old.variance += weight * (now.variance - old.variance)
			old.count = min(old.count+now.count, memory*now.count)
		}
	}
}

// window sums up samples of one epoch.
type window struct {
	samples, full, failed int
	inFlight              float64
	latency               [sorts]struct{ count, sum, squares float64 }
}

func (w *window) add(s sample) {
	w.samples++
	if s.full {
		w.full++
	}
	if s.outcome == Overloaded {
		w.failed++
		return
	}
	w.inFlight += float64(s.inFlight)
	of, seconds := &w.latency[s.sort], s.latency.Seconds()
	of.count++
	of.sum += seconds
	of.squares += seconds * seconds
}

// inUse reports whether about as many requests were in flight as the limit allows: then a lower one can be tried.
func (w *window) inUse(limit int) bool { return w.inFlight >= 0.8*float64(limit*(w.samples-w.failed)) }

// isFull reports whether a limit was in use, and requests waited for more: then a higher one can be tried.
func (w *window) isFull(limit int) bool { return 2*w.full >= w.samples && w.inUse(limit) }

// quick reports whether the responses were so quick that it does not matter where a request waits.
func (w *window) quick() bool {
	var count, sum float64
	for _, of := range w.latency {
		count, sum = count+of.count, sum+of.sum
	}
	return count > 0 && sum < count*quick.Seconds()
}

// failing reports whether more than one in n requests failed.
func (w *window) failing(oneIn int) bool { return w.failed*oneIn > w.samples }

// level is the mean of the samples.
func (w *window) level() level {
	var l level
	for i, of := range w.latency {
		if of.count > 0 {
			mean := of.sum / of.count
			l.latency[i] = spread{of.count, mean, max(of.squares/of.count-mean*mean, 0)}
		}
	}
	l.inFlight = w.inFlight / max(float64(w.samples-w.failed), 1)
	return l
}

// slower is by which factor latencies here are longer than there, with the relative standard error of that: the two
// levels may differ by chance. It is 1 where nothing can be compared.
func (l level) slower(there level) (factor, uncertain float64) {
	var took, before, errors float64
	for i, here := range l.latency {
		there := there.latency[i]
		if here.count > 0 && there.count > 0 {
			took += here.count * here.mean
			before += here.count * there.mean
			errors += here.count*here.variance + here.count*here.count*there.variance/there.count
		}
	}
	if before == 0 || took == 0 {
		return 1, 0
	}
	return took / before, math.Sqrt(errors) / min(took, before)
}
