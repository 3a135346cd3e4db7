package graph

import (
	"context"
	"fmt"
	"time"

	"portico/graph/transport"
	"portico/internal/quota"
)

// Quota charges the caller of a context with items. It reports false, and charges nothing, if the caller's quota has
// less left; what is forced is charged in any case, and negative items are given back. A State whose Limit is 0 means
// that the caller has no quota.
type Quota func(ctx context.Context, items int, forced bool) (quota.State, bool)

// quotaError refuses an operation whose estimated cost is more than its caller has left.
type quotaError struct {
	wanted int
	state  quota.State
}

func (e *quotaError) Error() string {
	if e.wanted > e.state.Limit {
		return fmt.Sprintf("The operation may request %d items, and a caller may request %d in a minute. Split the query.",
			e.wanted, e.state.Limit)
	}
	return fmt.Sprintf("The operation may request %d items, and %d of the %d that a caller may request in a minute are "+
		"left. Retry in %d seconds.",
		e.wanted, max(0, e.state.Left), e.state.Limit, e.wait())
}

// wait is in whole seconds.
func (e *quotaError) wait() int { return quota.Seconds(max(e.state.Wait, time.Second)) }

// charge charges an operation's estimated cost before anything is sent.
func (q Quota) charge(ctx context.Context, op *operation, items int) error {
	if q == nil || items == 0 {
		return nil
	}
	if state, granted := q(ctx, items, false); !granted {
		return &quotaError{items, state}
	}
	op.charged = items
	return nil
}

// correct charges what an operation cost beyond its estimate, or gives back what it cost less.
func (q Quota) correct(ctx context.Context, op *operation, items int) {
	if q != nil && items != op.charged {
		_, _ = q(context.WithoutCancel(ctx), items-op.charged, true)
		op.charged = items
	}
}

// follower returns what charges callers whose operation another one runs, nil without quotas.
func (q Quota) follower() transport.Charge {
	if q == nil {
		return nil
	}
	return func(ctx context.Context, items int) bool {
		_, granted := q(ctx, items, false)
		return granted
	}
}

// reader returns what reads the state of a caller's quota, nil without quotas.
func (q Quota) reader() func(context.Context) quota.State {
	if q == nil {
		return nil
	}
	return func(ctx context.Context) quota.State {
		state, _ := q(ctx, 0, true)
		return state
	}
}
