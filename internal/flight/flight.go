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
	done   chan struct{} // closed when value and err are set
	value  V
	err    error
	cancel context.CancelFunc

	waiting int // guarded by Group.mu
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
	r, shared := g.join(ctx, key, limit, work)
	select {
	case <-r.done:
		return r.value, shared, r.err
	case <-ctx.Done():
		g.leave(key, r)
		return value, shared, context.Cause(ctx)
	}
}

// join returns the run in flight, or starts one.
func (g *Group[V]) join(
	ctx context.Context, key string, limit time.Duration, work func(context.Context) (V, error),
) (r *run[V], shared bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r, shared = g.runs[key]; shared {
		r.waiting++
		return r, true
	}
	runCtx, cancel := detach(ctx, limit)
	r = &run[V]{done: make(chan struct{}), cancel: cancel, waiting: 1}
	if g.runs == nil {
		g.runs = make(map[string]*run[V])
	}
	g.runs[key] = r
	go g.fly(runCtx, key, r, work)
	return r, false
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
func (g *Group[V]) leave(key string, r *run[V]) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r.waiting--
	if r.waiting == 0 {
		g.forget(key, r)
		r.cancel()
	}
}

// forget makes room for the next run under key. The caller holds g.mu.
func (g *Group[V]) forget(key string, r *run[V]) {
	if g.runs[key] == r {
		delete(g.runs, key)
	}
}

// fly does the work and hands its result to all who wait.
func (g *Group[V]) fly(ctx context.Context, key string, r *run[V], work func(context.Context) (V, error)) {
	r.err = errExited
	defer func() {
		if value := recover(); value != nil {
			r.err = &Panic{Value: value, Stack: debug.Stack()}
		}
		g.mu.Lock()
		g.forget(key, r)
		g.mu.Unlock()
		close(r.done)
		r.cancel()
	}()
	r.value, r.err = work(ctx)
}
