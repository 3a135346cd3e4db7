package msgraph

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"net/http"
	"sync"
	"time"

	"portico/internal/breaker"
	"portico/internal/limiter"
)

// lanes keeps what has to be remembered of each identity while it has
// requests under way or is told to pause.
type lanes struct {
	mu      sync.Mutex
	all     map[string]*lane
	sweepAt int
}

// idleLanes is how many identities may be remembered without need. Sweeping
// only beyond it keeps the common case, one identity, free of allocations.
const idleLanes = 64

// lane is the state of one identity.
type lane struct {
	identity string
	users    int // guarded by lanes.mu

	mu    sync.Mutex
	until time.Time       // nothing is sent before
	freed int             // requests that left since, in the ramp
	holds map[string]hold // pauses of single resources, by path
}

// enter returns the lane of an identity and keeps it until leave.
func (l *lanes) enter(identity string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	it, ok := l.all[identity]
	if !ok {
		if l.all == nil {
			l.all = make(map[string]*lane)
		}
		it = &lane{identity: identity}
		l.all[identity] = it
	}
	it.users++
	return it
}

// leave lets go of a lane.
func (l *lanes) leave(it *lane, now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	it.users--
	if it.users == 0 && len(l.all) > max(l.sweepAt, idleLanes) {
		l.sweep(now)
	}
}

// sweep drops all that is idle. Its cost is spread: the next one comes when
// the number of lanes has doubled.
func (l *lanes) sweep(now time.Time) {
	for identity, it := range l.all {
		if it.users == 0 && it.idle(now) {
			delete(l.all, identity)
		}
	}
	l.sweepAt = 2 * len(l.all)
}

// pause returns how long nothing may be sent.
func (it *lane) pause(now time.Time) time.Duration {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.until.IsZero() {
		return 0
	}
	return it.until.Sub(now)
}

// stop makes the pause last at least until then.
func (it *lane) stop(until time.Time) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if until.After(it.until) {
		it.until, it.freed = until, 0
	}
}

// rampTime is how long after a pause requests are released one by one, ever faster.
const rampTime = 500 * time.Millisecond

// ramp returns how long a request waits for its release after the pause: those that waited together do not leave together.
func (it *lane) ramp(now time.Time) time.Duration {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.until.IsZero() || now.Sub(it.until) >= rampTime {
		return 0
	}
	offset := time.Duration(float64(rampTime) * (1 - math.Pow(0.9, float64(it.freed))))
	it.freed++
	return max(it.until.Add(offset).Sub(now), 0)
}

// await waits for the end of the identity's pause, and of that of the resource
// at path, if there is one. What outlasts the caller's deadline fails at once.
func (f *fetch) await(ctx context.Context, path string) outcome {
	// Each round means that the pause was prolonged meanwhile.
	const rounds = 10
	var failure *Error
	ramped := false
	for range rounds {
		if ctx.Err() != nil {
			return outcome{failure: stopped(ctx), cut: true}
		}
		if failure = f.paused(path); failure == nil {
			ramp := f.lane.ramp(f.now())
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

// paused returns the failure of a request that would have to wait, and nil
// where nothing is paused.
func (f *fetch) paused(path string) *Error {
	now := f.now()
	pause := f.lane.pause(now)
	if wait, failure := f.lane.held(path, now); failure != nil && wait > pause {
		return failure
	}
	if pause <= 0 {
		return nil
	}
	return &Error{Kind: Throttled, Status: http.StatusTooManyRequests, RetryAfter: pause}
}

// warnOfPause logs the begin of a pause: one line, however many requests and identities it stops.
func (c *Client) warnOfPause(until time.Time, failure *Error) {
	now := c.now()
	last := c.pauseLogged.Load()
	if last != nil && now.Before(*last) || !c.pauseLogged.CompareAndSwap(last, &until) {
		return
	}
	c.log.Warn("Microsoft Graph throttles: all requests of an identity wait",
		slog.Float64("pause_seconds", until.Sub(now).Seconds()), slog.String("request_id", failure.RequestID))
}

// fared is how a request fared.
type fared int

const (
	served     fared = iota // with a response that is no sign of load
	throttled               // 429
	overloaded              // 502, 503 or 504, no response in time, or a broken connection
	failing                 // another 5xx, which is no sign of load
	unknown                 // its caller left, or it was not sent
)

// fared returns what a failure says of the service.
func (e *Error) fared() fared {
	switch {
	case e == nil:
		return served
	case e.Kind == TimedOut, unsent(e.Err):
		return unknown
	case e.Kind == Throttled:
		return throttled
	case e.Kind == Unavailable:
		return overloaded
	case e.Status >= http.StatusInternalServerError:
		return failing
	}
	return served
}

// fared returns how a batch fared: like most of its items, where they agree.
func (b batchAnswer) fared() fared {
	if b.failure != nil {
		return b.failure.fared()
	}
	var throttles, outages int
	for i := range b.items {
		switch b.items[i].status {
		case http.StatusTooManyRequests:
			throttles++
		case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			outages++
		}
	}
	switch half := len(b.items) / 2; {
	case throttles > half:
		return throttled
	case outages > half:
		return overloaded
	}
	return served
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
	report func(breaker.Outcome)
}

// acquire waits until a request to path may be sent: for the end of a pause, and for its turn.
func (f *fetch) acquire(ctx context.Context, path string) (*permit, outcome) {
	const rounds = 10 // each means that a pause began while the request waited for its turn
	var out outcome
	for range rounds {
		if f.breaker.Open() {
			return nil, outcome{failure: notSent()}
		}
		if out = f.await(ctx, path); out.failure != nil {
			return nil, out
		}
		slot, err := f.slots.Take(ctx, f.caller, f.operation())
		if err != nil {
			return nil, outcome{failure: stopped(ctx), cut: true}
		}
		if out.failure = f.paused(path); out.failure == nil {
			return f.permit(slot)
		}
		slot.Give() // a request that is paused must not keep others waiting
	}
	return nil, outcome{failure: out.failure, cut: true}
}

func (f *fetch) permit(slot *limiter.Slot) (*permit, outcome) {
	report, ok := f.breaker.Allow()
	if !ok {
		slot.Give()
		return nil, outcome{failure: notSent()}
	}
	return &permit{f.Client, slot, report}, outcome{}
}

// end is called once for each permit, with how its request fared.
func (p *permit) end(f fared, sort limiter.Sort) {
	judged := [...]breaker.Outcome{
		served: breaker.Succeeded, throttled: breaker.Succeeded, overloaded: breaker.Failed, failing: breaker.Failed, unknown: breaker.Unknown,
	}[f]
	p.report(judged)
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
