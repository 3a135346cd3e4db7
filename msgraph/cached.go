package msgraph

import (
	"context"
	"time"
)

// Cached is how a cache in front of the client answered one request, or what it did beside answering.
type Cached struct {
	// Hit reports that nothing was requested. Stale reports that the response was past its time.
	Hit, Stale bool
	// Age is how old the response is, Left how long it stays fresh. Left is 0 for what cannot be stored.
	Age, Left time.Duration
	// Renewals are requests that were sent behind a stale response to renew it. They are no part of the trace.
	Renewals int
}

// CacheUse is what a cache did for the requests under one context.
type CacheUse struct {
	// Answers is the number of requests that went by the cache, Hits of those that it answered, Stale of those among the
	// hits that were past their time, Renewals of the requests to renew them.
	Answers, Hits, Stale, Renewals int
	// Age is the age of the oldest answer; Left is how long all answers stay fresh.
	Age, Left time.Duration
}

// NoteCached records what a cache did for a request under a context with a trace.
func NoteCached(ctx context.Context, c Cached) {
	t := traceOf(ctx)
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cached.add(c)
}

func (u *CacheUse) add(c Cached) {
	if c.Renewals > 0 {
		u.Renewals += c.Renewals
		return
	}
	if u.Answers == 0 || c.Left < u.Left {
		u.Left = c.Left
	}
	u.Answers++
	u.Age = max(u.Age, c.Age)
	if c.Hit {
		u.Hits++
	}
	if c.Stale {
		u.Stale++
	}
}

// CacheUse returns what was recorded so far. Without a cache there are no answers.
func (t *Trace) CacheUse() CacheUse {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cached
}

// WithoutTrace returns a context whose requests are not recorded.
func WithoutTrace(ctx context.Context) context.Context {
	return context.WithValue(ctx, traceKey{}, (*Trace)(nil))
}
