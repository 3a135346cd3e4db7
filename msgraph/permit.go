package msgraph

import (
	"context"
	"errors"
	"net/http"
	"time"

	"portico/internal/breaker"
	"portico/internal/limiter"
)

// await waits for the end of the identity's pause, and of that of the resource at path, if there is one. What outlasts
// the caller's deadline fails at once.
func (f *fetch) await(ctx context.Context, path string) outcome {
	// Each round means that the pause was prolonged meanwhile.
	const rounds = 10
	var failure *Error
	ramped := false
	for range rounds {
		if ctx.Err() != nil {
			return outcome{failure: stopped(ctx), cut: true}
		}
		now := f.now()
		if failure = f.paused(path, now); failure == nil {
			ramp := f.lane.ramp(now)
			if ramp == 0 || ramped {
				return outcome{}
			}
			ramped = true
			f.rest(ctx, ramp)
			continue
		}
		if !fits(ctx, failure.RetryAfter) {
			break
		}
		f.rest(ctx, jitter(failure.RetryAfter))
	}
	return outcome{failure: failure, cut: true}
}

// rest waits, or until ctx ends, as one that Admit counts.
func (f *fetch) rest(ctx context.Context, wait time.Duration) {
	f.waiters.Add(1)
	defer f.waiters.Add(-1)
	_ = f.sleep(ctx, wait) // whoever calls looks at ctx
}

// paused returns the failure of a request that would have to wait now, and nil where nothing is paused.
func (f *fetch) paused(path string, now time.Time) *Error {
	pause := f.lane.pause(now)
	if wait, failure := f.lane.held(path, now); failure != nil && wait > pause {
		return failure
	}
	if pause <= 0 {
		return nil
	}
	return &Error{Kind: Throttled, Status: http.StatusTooManyRequests, RetryAfter: pause}
}

// errOpen is why a request was not sent.
var errOpen = errors.New("not sent: the circuit breaker is open, because most requests failed")

func notSent() *Error {
	return &Error{Kind: Unavailable, Status: http.StatusServiceUnavailable, RetryAfter: breaker.Pause, Err: errOpen}
}

// permit is the right to send one request.
type permit struct {
	client *Client
	slot   *limiter.Slot
	try    breaker.Try
}

// acquire waits until a request to path may be sent: for the end of a pause, and for its turn.
func (f *fetch) acquire(ctx context.Context, path string) (permit, outcome) {
	const rounds = 10 // each means that a pause began while the request waited for its turn
	var out outcome
	for range rounds {
		if f.breaker.Open() {
			return permit{}, outcome{failure: notSent()}
		}
		if out = f.await(ctx, path); out.failure != nil {
			return permit{}, out
		}
		slot, err := f.slots.Take(ctx, f.caller, f.operation())
		if err != nil {
			return permit{}, outcome{failure: stopped(ctx), cut: true}
		}
		if out.failure = f.paused(path, f.now()); out.failure == nil {
			return f.permit(slot)
		}
		slot.Give() // a request that is paused must not keep others waiting
	}
	return permit{}, outcome{failure: out.failure, cut: true}
}

func (f *fetch) permit(slot *limiter.Slot) (permit, outcome) {
	try, ok := f.breaker.Allow()
	if !ok {
		slot.Give()
		return permit{}, outcome{failure: notSent()}
	}
	return permit{f.Client, slot, try}, outcome{}
}

// end is called once for each permit, with how its request fared.
func (p permit) end(f fared, sort limiter.Sort) {
	judged := [...]breaker.Outcome{
		served: breaker.Succeeded, throttled: breaker.Succeeded, overloaded: breaker.Failed, failing: breaker.Failed,
		unknown: breaker.Unknown,
	}[f]
	p.try.Report(judged)
	if f != throttled {
		p.client.budget.Count(judged)
	}
	switch f {
	case served:
		p.slot.Report(limiter.Served, sort)
	case throttled:
		p.slot.Report(limiter.Throttled, sort)
	case overloaded:
		p.slot.Report(limiter.Overloaded, sort)
	default:
		p.slot.Give()
	}
}

// operation returns what the requests of one operation have in common: its trace, or else this call of Fetch alone.
func (f *fetch) operation() any {
	if f.trace != nil {
		return f.trace.journal
	}
	return f
}
