// Package flight lets callers that ask for the same thing at the same time share one run of the work. It knows keys and
// functions, nothing of what is asked for, and keeps nothing once a run is over: it is not a cache.
package flight

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// Group shares runs by key. A run keeps the context values of the caller that started it, is not ended by the end of
// that caller's context, and is ended when its last waiting caller has left or its limit has passed. The zero value is
// ready for use; a Group must not be copied after first use.
type Group[V any] struct {
	mu   sync.Mutex
	runs map[string]*run[V]
}

type run[V any] struct {
	key    string
	ctx    context.Context //nolint:containedctx // of the run, which belongs to none of its callers
	cancel context.CancelFunc
	value  V
	err    error

	// Guarded by Group.mu.
	waiting int
	done    chan struct{} // closed when value and err are set; nil if nobody has to wait for that
}

// Panic is the error that every waiting caller gets from a run that panicked.
type Panic struct {
	Value any
	Stack []byte
}

// Error names the value that was passed to panic.
func (p *Panic) Error() string { return fmt.Sprintf("panic in shared run: %v", p.Value) }

// errExited is what callers get from a run that called runtime.Goexit.
var errExited = errors.New("shared run exited its goroutine")

// Do returns what the run under key returns, and whether another caller had started it; if there is none in flight, it
// starts one. The limit bounds the run, 0 meaning that only its callers do. When ctx ends first, Do returns its cause
// at once. The value is shared: callers must not change it.
func (g *Group[V]) Do(
	ctx context.Context, key string, limit time.Duration, work func(context.Context) (V, error),
) (value V, shared bool, err error) {
	if ctx.Err() != nil {
		return value, false, context.Cause(ctx)
	}
	r, shared := g.join(ctx, []byte(key), limit, true)
	if !shared {
		go g.fly(r, work)
	}
	value, err = g.wait(ctx, r)
	return value, shared, err
}

// DoHere is Do for callers whose context ends only when nobody reads the value any more. It saves a goroutine: the
// caller that starts a run does the work in its own goroutine. If its context ends, the run goes on for the others as
// after Do, and the caller returns when the run does, with the cause. A call of runtime.Goexit in the work ends the
// caller's goroutine. The key is copied if a run starts, so that callers who join one need no memory for it.
func (g *Group[V]) DoHere(
	ctx context.Context, key []byte, limit time.Duration, work func(context.Context) (V, error),
) (value V, shared bool, err error) {
	if ctx.Err() != nil {
		return value, false, context.Cause(ctx)
	}
	r, shared := g.join(ctx, key, limit, false)
	if shared {
		value, err = g.wait(ctx, r)
		return value, true, err
	}
	stay := context.AfterFunc(ctx, func() { g.leave(r) })
	defer stay()
	g.fly(r, work)
	if !stay() {
		return value, false, context.Cause(ctx)
	}
	return r.value, false, r.err
}

// wait returns what a run returns, or the cause of ctx, if that ends first.
func (g *Group[V]) wait(ctx context.Context, r *run[V]) (value V, err error) {
	select {
	case <-r.done:
		return r.value, r.err
	case <-ctx.Done():
		g.leave(r)
		return value, context.Cause(ctx)
	}
}

// join returns the run in flight, or a new one, which the caller has to do. waits says whether the caller of a new one
// waits for it.
func (g *Group[V]) join(ctx context.Context, key []byte, limit time.Duration, waits bool) (r *run[V], shared bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r, shared = g.runs[string(key)]
	if !shared {
		r = &run[V]{key: string(key)}
		r.ctx, r.cancel = detach(ctx, limit)
		if g.runs == nil {
			g.runs = make(map[string]*run[V])
		}
		g.runs[r.key] = r
	}
	r.waiting++
	if r.done == nil && (shared || waits) {
		r.done = make(chan struct{})
	}
	return r, shared
}

// detach returns a context with the values of ctx and an end of its own.
func detach(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	ctx = context.WithoutCancel(ctx)
	if limit > 0 {
		return context.WithTimeout(ctx, limit)
	}
	return context.WithCancel(ctx)
}

// leave ends the run if nobody else waits for it. Whoever comes next starts a new one rather than joining one that is
// about to fail.
func (g *Group[V]) leave(r *run[V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r.waiting--
	if r.waiting == 0 {
		g.forget(r)
		r.cancel()
	}
}

// forget makes room for the next run under the key. The caller holds g.mu.
func (g *Group[V]) forget(r *run[V]) {
	if g.runs[r.key] == r {
		delete(g.runs, r.key)
	}
}

// fly does the work and hands its result to all who wait.
func (g *Group[V]) fly(r *run[V], work func(context.Context) (V, error)) {
	r.err = errExited
	defer func() {
		if value := recover(); value != nil {
			r.err = &Panic{Value: value, Stack: debug.Stack()}
		}
		g.mu.Lock()
		g.forget(r)
		done := r.done
		g.mu.Unlock()
		if done != nil {
			close(done)
		}
		r.cancel()
	}()
	r.value, r.err = work(r.ctx)
}
