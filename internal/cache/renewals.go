package cache

import (
	"context"
	"sync"
	"time"
)

const (
	// maxRenewals is how many waves of requests that renew entries may run at a time.
	maxRenewals = 16
	// renewalLimit is how long such a wave may take.
	renewalLimit = 15 * time.Second
)

// renewals are the requests that run behind responses that were served past their time, one at a time for an entry.
type renewals struct {
	ctx context.Context //nolint:containedctx // ends with the cache
	end context.CancelFunc

	mu     sync.Mutex
	keys   map[string]bool // of the entries that are being renewed
	waves  int
	closed bool
	ended  sync.WaitGroup
}

func newRenewals() *renewals {
	ctx, end := context.WithCancel(context.Background())
	return &renewals{ctx: ctx, end: end, keys: map[string]bool{}}
}

// begin returns those of the keys that nobody renews, for which the caller does. None if too many waves run already:
// the next query tries again.
func (r *renewals) begin(keys []string) (mine map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed || r.waves >= maxRenewals {
		return nil
	}
	mine = map[string]bool{}
	for _, key := range keys {
		if !r.keys[key] {
			r.keys[key], mine[key] = true, true
		}
	}
	if len(mine) > 0 {
		r.waves++
		r.ended.Add(1)
	}
	return mine
}

func (r *renewals) finish(mine map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.waves--
	for key := range mine {
		delete(r.keys, key)
	}
	r.ended.Done()
}

func (r *renewals) close() {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	r.end()
	r.ended.Wait()
}
