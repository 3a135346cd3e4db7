package msgraph

import (
	"context"
	"sync"
)

// limiter bounds the requests in flight and deals free slots to flows in turn.
type limiter struct {
	mu      sync.Mutex
	limit   int
	busy    int
	waiting int // those in queue that have not given up
	queue   flows
}

// waiter is one request that waits for a slot.
type waiter struct {
	ready         chan struct{}
	granted, gone bool // guarded by limiter.mu
}

// take waits for a slot until ctx ends. The keys name the flow that the request belongs to, from the outermost level
// in: flows of one level take turns, and so do the flows inside each of them.
func (l *limiter) take(ctx context.Context, keys ...any) error {
	w := l.join(keys)
	select {
	case <-w.ready:
		return nil
	case <-ctx.Done():
		l.abandon(w)
		return context.Cause(ctx)
	}
}

// join returns a waiter that is granted at once where a slot is free and nobody waits.
func (l *limiter) join(keys []any) *waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	w := &waiter{ready: make(chan struct{})}
	l.queue.push(w, keys)
	l.waiting++
	l.deal()
	return w
}

func (l *limiter) abandon(w *waiter) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.granted { // between the end of the context and now
		l.busy--
		l.deal()
		return
	}
	w.gone = true
	l.waiting--
}

// give returns a slot.
func (l *limiter) give() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.busy--
	l.deal()
}

// deal hands out the free slots.
func (l *limiter) deal() {
	for l.busy < l.limit && l.waiting > 0 {
		w := l.queue.pop()
		if w.gone {
			continue
		}
		w.granted = true
		l.waiting--
		l.busy++
		close(w.ready)
	}
	if l.waiting == 0 {
		l.queue = flows{} // without contention there is no turn to remember
	}
}

// flows are queues that take turns, one waiter at a time. A flow that begins to wait goes before those that have
// waited for longer, but once only: so a small operation does not queue behind large ones, and an operation that
// comes back again and again gains nothing. This is the order of RFC 8290 (FQ-CoDel), except that one turn in four
// belongs to the old flows: an endless supply of fresh ones does not starve them.
type flows struct {
	byKey      map[any]*flow
	fresh, old []*flow
	inRow      int // fresh flows served since the last old one
}

// flow is the queue of one key: of waiters, or of the flows one level in.
type flow struct {
	key     any
	inner   flows
	waiters []*waiter
}

// freshInRow is how many fresh flows may go before an old one that waits.
const freshInRow = 3

func (q *flows) push(w *waiter, keys []any) {
	if q.byKey == nil {
		q.byKey = make(map[any]*flow)
	}
	f, known := q.byKey[keys[0]]
	if !known {
		f = &flow{key: keys[0]}
		q.byKey[f.key] = f
		q.fresh = append(q.fresh, f)
	}
	if len(keys) > 1 {
		f.inner.push(w, keys[1:])
		return
	}
	f.waiters = append(f.waiters, w)
}

// pop returns the next waiter, nil if there is none.
func (q *flows) pop() *waiter {
	for {
		f, fresh := q.next()
		if f == nil {
			return nil
		}
		w := f.pop()
		if w == nil && !fresh {
			delete(q.byKey, f.key)
			continue
		}
		// A flow that ran empty stays for one more turn: otherwise it could come back as a fresh one at once.
		q.old = append(q.old, f)
		if w != nil {
			q.count(fresh)
			return w
		}
	}
}

func (q *flows) count(fresh bool) {
	if q.inRow++; !fresh {
		q.inRow = 0
	}
}

func (q *flows) next() (f *flow, fresh bool) {
	switch {
	case len(q.fresh) > 0 && (q.inRow < freshInRow || len(q.old) == 0):
		f, q.fresh = q.fresh[0], q.fresh[1:]
		return f, true
	case len(q.old) > 0:
		f, q.old = q.old[0], q.old[1:]
		return f, false
	}
	return nil, false
}

func (f *flow) pop() *waiter {
	if len(f.waiters) == 0 {
		return f.inner.pop()
	}
	w := f.waiters[0]
	f.waiters = f.waiters[1:]
	return w
}
