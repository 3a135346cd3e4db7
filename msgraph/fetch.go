package msgraph

import (
	"context"
)

// Fetch gets the resources at urls, which are relative to the version root and in escaped form, as Lookup.URL returns
// them. One or two leave as plain GETs side by side, more as JSON batches, a remainder of one as a GET.
//
// It calls done exactly once for every url, by its index, as answers arrive and from any goroutine, and returns when
// all are done. The error is an *Error, or a *Notice about the body; without an *Error, body is the answer as it came,
// to be read by Entity. Bodies may share memory with each other and must not be changed.
func (c *Client) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	if len(urls) == 0 {
		return
	}
	lane := c.lanes.enter(c.identity(ctx))
	defer c.lanes.leave(lane, c.now)
	f := &fetch{Client: c, lane: lane, caller: c.callerOf(ctx), trace: traceOf(ctx), done: done}
	if len(urls) == 1 {
		f.get(ctx, call{url: urls[0]})
		return
	}
	calls := make([]call, len(urls))
	for i, u := range urls {
		calls[i] = call{index: i, url: u}
	}
	if len(calls) <= few {
		f.getAll(ctx, calls)
		return
	}
	f.batches(ctx, calls)
}
