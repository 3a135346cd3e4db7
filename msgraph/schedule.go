package msgraph

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// group is calls that leave together after a wait.
type group struct {
	calls []call
	wait  time.Duration
}

// together is how far apart the waits of calls may be that leave together: a request saved is worth that delay.
const together = time.Second

// groups sorts calls by when they may be sent. Those whose resource is held beyond the caller's deadline fail at once.
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
		if !one.due.IsZero() { // at least 1 ns: a call whose wait has just ended leaves with those that still wait
			wait = max(wait, one.due.Sub(now), 1)
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
