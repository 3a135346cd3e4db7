package emulator

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// A faultQueue holds faults in the order in which they were queued. A request takes the first one that matches.
type faultQueue struct {
	pending atomic.Int32
	mu      sync.Mutex
	faults  []*Fault
}

// add queues faults.
func (q *faultQueue) add(faults []Fault) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, f := range faults {
		if f.Count == 0 {
			f.Count = 1
		}
		if onItemsOnly[f.Effect] {
			f.Kind = Item
		}
		q.faults = append(q.faults, &f)
	}
	q.pending.Store(int32(len(q.faults)))
}

// clear drops all faults.
func (q *faultQueue) clear() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.faults = nil
	q.pending.Store(0)
}

// list returns the faults, with the number of requests left to each.
func (q *faultQueue) list() []Fault {
	q.mu.Lock()
	defer q.mu.Unlock()
	left := make([]Fault, 0, len(q.faults))
	for _, f := range q.faults {
		left = append(left, *f)
	}
	return left
}

// take returns the fault for one request, or nil. It costs one load while the queue is empty.
func (q *faultQueue) take(kind Kind, url string) *Fault {
	if q.pending.Load() == 0 {
		return nil
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.IndexFunc(q.faults, func(f *Fault) bool { return f.matches(kind, url) })
	if i < 0 {
		return nil
	}
	f := *q.faults[i]
	switch left := &q.faults[i].Count; {
	case *left == 1:
		q.faults = slices.Delete(q.faults, i, i+1)
		q.pending.Store(int32(len(q.faults)))
	case *left > 1:
		*left--
	}
	return &f
}

func (f *Fault) matches(kind Kind, url string) bool {
	any := f.Kind == AnyResource && (kind == LoneGet || kind == Item)
	return (any || f.Kind == kind) && strings.Contains(url, f.Match)
}
