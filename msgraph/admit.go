package msgraph

import (
	"context"
	"math"
	"time"
)

// Admit reports whether an operation that begins with a number of lookups can finish before its deadline at the present
// rate, and if so returns what is to be called at its end. Otherwise the failure is of kind Overloaded and says when to
// come again. It is decided before anything is sent, so that requests do not pile up behind a pause or a slow service.
func (c *Client) Admit(ctx context.Context, lookups int) (leave func(), failure *Error) {
	if late := c.late(ctx, lookups); late > 0 {
		return nil, &Error{Kind: Overloaded, RetryAfter: late}
	}
	c.operations.Add(1)
	return func() { c.operations.Add(-1) }, nil
}

// late is by how much an operation would miss its deadline because there is no room. A pause that outlasts the deadline
// is not that: its requests fail at once, with a failure of their own.
func (c *Client) late(ctx context.Context, lookups int) time.Duration {
	deadline, bounded := ctx.Deadline()
	if !bounded || lookups == 0 {
		return 0
	}
	lane := c.lanes.enter(c.identity(ctx))
	defer c.lanes.leave(lane, c.now)
	left := time.Until(deadline) - max(lane.pause(c.now()), 0)
	late := c.expected(lookups) - left
	if left <= 0 || late <= 0 {
		return 0
	}
	return late
}

// expected is how long an operation takes at the present rate: its requests take turns with those of the other
// operations, or wait for all that came before, whichever is less.
func (c *Client) expected(lookups int) time.Duration {
	load := c.slots.Load()
	own := float64(c.requests(lookups))
	before := min(float64(load.Waiting)+float64(c.waiters.Load()), own*float64(c.operations.Load()))
	rounds := 1 + math.Floor((before+own-1)/float64(load.Limit))
	return time.Duration(rounds * float64(load.Latency)) // 0 while nothing is known
}

// requests returns the number of requests for n lookups.
func (c *Client) requests(lookups int) int {
	if lookups <= few {
		return lookups
	}
	return (lookups + MaxBatch - 1) / MaxBatch
}
