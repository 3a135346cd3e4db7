// Package gather collects what several callers find, so that it goes on together when the last of them has handed in.
package gather

import (
	"sync"
	"time"
)

// Gathering waits for a known number of callers. It waits no longer than Wait: then what is there goes on, and what
// comes later is gathered again, for those that are missing then.
type Gathering[T any] struct {
	// Missing is how many callers have not handed in.
	Missing int
	// Wait is how long the first that hands in waits for the others. If Renew is set, it is how long the last one does.
	Wait  time.Duration
	Renew bool
	// Next is called on a goroutine of its own, with what was handed in together, and by how many callers.
	Next func(found []T, callers int)

	mu    sync.Mutex
	round *round[T]
}

// round is what goes on together.
type round[T any] struct {
	found   []T
	callers int
	done    chan struct{}
	timer   *time.Timer
}

// HandIn adds what a caller found, which may be nothing. The channel is closed when Next has returned for it.
func (g *Gathering[T]) HandIn(found []T) (done <-chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	r := g.round
	switch {
	case r == nil:
		r = &round[T]{done: make(chan struct{})}
		g.round = r
		r.timer = time.AfterFunc(g.Wait, func() { g.end(r) })
	case g.Renew:
		r.timer.Reset(g.Wait)
	}
	r.found = append(r.found, found...)
	r.callers++
	g.Missing--
	if g.Missing == 0 {
		g.round = nil
		r.timer.Stop() // it would keep what is gathered in memory
		go g.next(r)
	}
	return r.done
}

// end ends a round that did not wait for all, unless it is over.
func (g *Gathering[T]) end(r *round[T]) {
	g.mu.Lock()
	open := g.round == r
	if open {
		g.round = nil
	}
	g.mu.Unlock()
	if open {
		g.next(r)
	}
}

func (g *Gathering[T]) next(r *round[T]) {
	defer close(r.done)
	g.Next(r.found, r.callers)
}
