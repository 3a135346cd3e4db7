package redis

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"portico/internal/pause"
)

// link is the connection to Redis. It is away at first, until Redis has answered a probe, and again from the first
// command that is not answered in time. While it is away no request waits for it, and a goroutine sends probes. So it
// is a circuit breaker that opens at the first failure: what does not answer at once is not worth waiting for.
type link struct {
	option  rueidis.ClientOption
	timeout time.Duration
	joined  []func() // called after each connection
	wire    atomic.Pointer[wire]
	up      atomic.Bool
	probe   chan struct{}
	reports reports
	counts  *counts
}

// wire is a client of rueidis, which connects again by itself.
type wire struct{ rueidis.Client }

var (
	// errAway is returned for commands that are not sent because Redis did not answer before.
	errAway   = errors.New("away")
	errAnswer = errors.New("answer of an unknown form")
)

// ask sends commands that a request waits for.
func (l *link) ask(ctx context.Context, send func(context.Context, rueidis.Client) error) error {
	return l.within(ctx, l.timeout, send)
}

// within sends commands whose answers may take as long as limit.
func (l *link) within(
	ctx context.Context, limit time.Duration, send func(context.Context, rueidis.Client) error,
) error {
	if !l.up.Load() {
		return errAway
	}
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := send(bounded, l.wire.Load())
	if lost(err) && ctx.Err() == nil {
		l.away(err)
	}
	return err
}

// lost reports whether an error is not an answer of Redis.
func lost(err error) bool {
	_, answered := rueidis.IsRedisErr(err)
	return err != nil && !answered && !rueidis.IsParseErr(err) && !errors.Is(err, errAway) && !errors.Is(err, errAnswer)
}

// away has no request wait for Redis until it has answered a probe.
func (l *link) away(err error) {
	if l.up.CompareAndSwap(true, false) {
		l.counts.lost.Add(1)
		l.reports.away(err)
	}
	l.check()
}

// check has Redis probed soon.
func (l *link) check() {
	select {
	case l.probe <- struct{}{}:
	default: // a probe is due already
	}
}

// close ends the connection.
func (l *link) close() {
	if w := l.wire.Load(); w != nil {
		w.Close()
	}
}

const (
	// probePause is how long a replica waits between two attempts to reach a Redis that is away. The pause doubles, up to
	// longProbePause, each time that Redis answers a probe and is away again within steady.
	probePause, longProbePause = 500 * time.Millisecond, 8 * time.Second
	steady                     = 10 * time.Second
)

// watch connects, and connects again, until ctx ends.
func (l *link) watch(ctx context.Context) {
	rest := probePause
	for ctx.Err() == nil {
		if err := l.connect(ctx); err != nil {
			l.up.Store(false)
			l.reports.unreachable(err)
			_ = pause.For(ctx, rest) // the loop looks at ctx
			continue
		}
		since := time.Now()
		l.join()
		select {
		case <-ctx.Done():
			return
		case <-l.probe:
		}
		if l.up.Load() { // the connection was lost before any request noticed
			continue
		}
		if rest = min(2*rest, longProbePause); time.Since(since) > steady {
			rest = probePause
		}
		_ = pause.For(ctx, rest)
	}
}

// join lets requests ask Redis.
func (l *link) join() {
	if !l.up.Swap(true) {
		l.reports.reached()
	}
	for _, joined := range l.joined {
		joined()
	}
}

// connect returns nil once Redis has answered.
func (l *link) connect(ctx context.Context) error {
	w := l.wire.Load()
	if w == nil {
		client, err := rueidis.NewClient(l.option)
		if err != nil {
			if client != nil {
				client.Close()
			}
			if errors.Is(err, rueidis.ErrNoCache) && !l.option.DisableCache {
				l.option.DisableCache = true
				l.reports.log.Warn("Redis does not support CLIENT TRACKING, or its ACL forbids it: " +
					"a replica notices what others wrote only when its own copies expire")
				return l.connect(ctx)
			}
			return err
		}
		w = &wire{client}
		l.wire.Store(w)
	}
	ctx, cancel := context.WithTimeout(ctx, dialLimit)
	defer cancel()
	return w.Do(ctx, w.B().Ping().Build()).Error()
}
