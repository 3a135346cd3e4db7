package msgraph

import (
	"cmp"
	"context"
	"math/rand/v2"
	"slices"
	"strings"
	"time"
)

// maxHolds bounds the resources that are paused one by one. An identity with
// more of them is throttled as a whole.
const maxHolds = 1000

// hold is the pause of one resource, with the failure that called for it.
type hold struct {
	until   time.Time
	failure Error
}

// path returns the resource of a call, whatever is selected of it.
func (one call) path() string {
	path, _, _ := strings.Cut(one.url, "?")
	return path
}

// hold has a resource not sent for before until.
func (it *lane) hold(path string, until time.Time, failure *Error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.holds == nil {
		it.holds = make(map[string]hold)
	}
	if len(it.holds) >= maxHolds {
		it.until = maxTime(it.until, until)
		return
	}
	it.holds[path] = hold{maxTime(it.holds[path].until, until), *failure}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// held returns how long a resource may not be sent for, and why.
func (it *lane) held(path string, now time.Time) (time.Duration, *Error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	found, ok := it.holds[path]
	if !ok {
		return 0, nil
	}
	wait := found.until.Sub(now)
	if wait <= 0 {
		delete(it.holds, path)
		return 0, nil
	}
	found.failure.RetryAfter = wait
	return wait, &found.failure
}

// idle reports whether nothing has to be remembered. It forgets holds that
// have ended.
func (it *lane) idle(now time.Time) bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	for path, found := range it.holds {
		if !found.until.After(now) {
			delete(it.holds, path)
		}
	}
	return len(it.holds) == 0 && !it.until.After(now)
}

// holding reports whether any resource may be held.
func (it *lane) holding() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	return len(it.holds) > 0
}

// group is calls that leave together after a wait.
type group struct {
	calls []call
	wait  time.Duration
}

// together is how far apart the waits of calls may be that leave together: a
// request saved is worth that delay.
const together = time.Second

// groups sorts calls by when they may be sent. Those whose resource is held
// beyond the caller's deadline fail at once.
func (f *fetch) groups(ctx context.Context, calls []call) []group {
	if !f.lane.holding() && !slices.ContainsFunc(calls, func(one call) bool { return !one.due.IsZero() }) {
		return []group{{calls: calls}}
	}
	now := f.now()
	var waiting []group
	for _, one := range calls {
		wait, failure := f.lane.held(one.path(), now)
		if failure != nil && !fits(ctx, wait) {
			f.settle(one, outcome{failure: failure, cut: true})
			continue
		}
		if !one.due.IsZero() {
			wait = max(wait, one.due.Sub(now))
		}
		one.due = time.Time{}
		waiting = append(waiting, group{[]call{one}, max(wait, 0)})
	}
	return gathered(waiting)
}

// gathered joins groups of single calls whose waits are close.
func gathered(single []group) (joined []group) {
	slices.SortStableFunc(single, func(a, b group) int { return cmp.Compare(a.wait, b.wait) })
	var from time.Duration
	for _, one := range single {
		if n := len(joined); n > 0 && (one.wait == 0 || from > 0 && one.wait <= from+together) {
			joined[n-1].calls, joined[n-1].wait = append(joined[n-1].calls, one.calls...), one.wait
			continue
		}
		from = one.wait
		joined = append(joined, one)
	}
	for _, one := range joined {
		slices.SortFunc(one.calls, func(a, b call) int { return cmp.Compare(a.index, b.index) })
	}
	return joined
}

// jitter spreads those who waited together, so that they do not leave together.
func jitter(wait time.Duration) time.Duration {
	return wait + rand.N(min(wait/10, time.Second/5)+1)
}
