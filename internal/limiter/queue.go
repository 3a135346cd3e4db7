package limiter

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
