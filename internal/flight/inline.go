package flight

import (
	"context"
	"sync"
)

// Inline is a Group for work that is too small for a goroutine and a context of its own: the first caller does it where
// it stands, under its own context, and the others wait. The price is that they depend on it: when the first caller had
// to give up, one of the others starts again. The zero value is ready for use; an Inline must not be copied after first
// use.
type Inline[V any] struct {
	mu   sync.Mutex
	runs map[string]*inlineRun[V]
}

type inlineRun[V any] struct {
	done  chan struct{} // created by the first waiter, guarded by Inline.mu
	value V             // as keep, set before done is closed
	keep  bool
}

// Do returns what the work under key returns, and whether another caller did it. With keep false, or after a panic, a
// result is its caller's alone, and those who waited start again. The error is the cause of ctx, for a caller whose
// context ended while it waited.
func (g *Inline[V]) Do(
	ctx context.Context, key string, work func() (value V, keep bool),
) (value V, shared bool, err error) {
	for {
		r, done := g.join(key)
		if done == nil {
			return g.lead(key, r, work), false, nil
		}
		select {
		case <-done:
			if r.keep {
				return r.value, true, nil
			}
		case <-ctx.Done():
			return value, false, context.Cause(ctx)
		}
	}
}

// join returns the run under key, and a channel to wait on unless the run is the caller's to do.
func (g *Inline[V]) join(key string) (*inlineRun[V], <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if r, ok := g.runs[key]; ok {
		if r.done == nil {
			r.done = make(chan struct{})
		}
		return r, r.done
	}
	if g.runs == nil {
		g.runs = make(map[string]*inlineRun[V])
	}
	r := &inlineRun[V]{}
	g.runs[key] = r
	return r, nil
}

// lead does the work and hands its result to those who wait.
func (g *Inline[V]) lead(key string, r *inlineRun[V], work func() (V, bool)) V {
	defer func() {
		g.mu.Lock()
		delete(g.runs, key)
		done := r.done
		g.mu.Unlock()
		if done != nil {
			close(done)
		}
	}()
	r.value, r.keep = work()
	return r.value
}
