package msgraph

import (
	"context"
	"net/http"
	"sync"
	"time"
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
		it.until = until
	}
}

// await waits for the end of the identity's pause, and of that of the resource
// at path, if there is one. What outlasts the caller's deadline fails at once.
func (f *fetch) await(ctx context.Context, path string) outcome {
	// Each round means that the pause was prolonged meanwhile.
	const rounds = 10
	var failure *Error
	for range rounds {
		if ctx.Err() != nil {
			return outcome{failure: stopped(ctx), cut: true}
		}
		if failure = f.paused(path); failure == nil {
			return outcome{}
		}
		if !fits(ctx, failure.RetryAfter) {
			break
		}
		_ = f.sleep(ctx, jitter(failure.RetryAfter)) // it fails with ctx
	}
	return outcome{failure: failure, cut: true}
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

// acquire waits for the identity's turn to send a batch, and for the end of a pause.
func (f *fetch) acquire(ctx context.Context) (release func(), out outcome) {
	if out := f.await(ctx, batchPath); out.failure != nil {
		return nil, out
	}
	if f.slots.take(ctx, f.lane.identity, f.operation()) != nil {
		return nil, outcome{failure: stopped(ctx), cut: true}
	}
	if out := f.await(ctx, batchPath); out.failure != nil {
		f.slots.give()
		return nil, out
	}
	return f.slots.give, outcome{}
}

// operation returns what the requests of one operation have in common: its trace, or else this call of Fetch alone.
func (f *fetch) operation() any {
	if f.trace != nil {
		return f.trace.journal
	}
	return f
}
