package cache

import (
	"math"
	"time"

	"github.com/maypok86/otter/v2"
)

// memory keeps entries in this process, by the identity and the resource. It forgets those that are of no use, and of
// the others the least used when there are too many bytes.
type memory struct {
	entries *otter.Cache[string, *entry]
	most    int64
}

// newMemory returns a memory of at most a number of bytes. lasts returns how long an entry is of use. gone is called
// with the key of each entry that is removed.
func newMemory(bytes int64, lasts func(key string, e *entry) time.Duration, gone func(key string)) *memory {
	return &memory{most: bytes, entries: otter.Must(&otter.Options[string, *entry]{
		MaximumWeight: uint64(max(bytes, 1)), //nolint:gosec // not negative
		Weigher: func(key string, e *entry) uint32 {
			return uint32(min(len(key)+e.weight(), math.MaxInt32)) //nolint:gosec // not negative
		},
		ExpiryCalculator: otter.ExpiryWritingFunc(func(o otter.Entry[string, *entry]) time.Duration {
			return lasts(o.Key, o.Value)
		}),
		OnAtomicDeletion: func(e otter.DeletionEvent[string, *entry]) {
			if e.Cause != otter.CauseReplacement {
				gone(e.Key)
			}
		},
	})}
}

func (m *memory) get(key string) *entry {
	e, _ := m.entries.GetIfPresent(key)
	return e
}

// update stores what next makes of the stored entry, which is nil if there is none, as one step: who stores at the same
// time gets the result. It returns what is stored now; nil if that alone would take a large part of the memory.
func (m *memory) update(key string, next func(stored *entry) *entry) *entry {
	updated, _ := m.entries.Compute(key, func(stored *entry, _ bool) (*entry, otter.ComputeOp) {
		e := next(stored)
		if int64(e.weight()) > m.most/8 {
			return nil, otter.InvalidateOp
		}
		return e, otter.WriteOp
	})
	return updated
}

// remove removes the entries whose keys match, and returns how many.
func (m *memory) remove(matches func(key string) bool) (removed int) {
	for key := range m.entries.Keys() {
		if matches(key) {
			if _, found := m.entries.Invalidate(key); found {
				removed++
			}
		}
	}
	return removed
}

func (m *memory) size() (entries int, bytes int64) {
	return m.entries.EstimatedSize(), int64(min(m.entries.WeightedSize(), math.MaxInt64)) //nolint:gosec // bounded
}

func (m *memory) close() {
	m.entries.InvalidateAll()
	m.entries.StopAllGoroutines()
}
