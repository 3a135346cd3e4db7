package cache

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

const (
	// markLife is longer than any entry is of use, so that no dropped entry outlives the mark that says so.
	markLife = 31 * 24 * time.Hour
	// markPause is how long to wait before another try to write a mark.
	markPause = time.Second
	// newsLife is how long the news of a drop is kept, which replicas are sent as it is written.
	newsLife = time.Minute
)

// dropping are the identities whose marks are to be replaced. Until that is done, this replica takes nothing from the
// second level for them.
type dropping struct {
	marks, drops Shared
	wake         chan struct{}
	end          context.CancelFunc
	ended        chan struct{}
	all          *sync.Map // new marks, by identity
}

func newDropping(marks, drops Shared) dropping {
	ctx, end := context.WithCancel(context.Background())
	d := dropping{
		marks: marks, drops: drops, wake: make(chan struct{}, 1), end: end, ended: make(chan struct{}), all: &sync.Map{},
	}
	go d.run(ctx)
	return d
}

func (d *dropping) has(identities ...string) bool {
	for _, identity := range identities {
		if _, found := d.all.Load(identity); found {
			return true
		}
	}
	return false
}

// begin has the mark of an identity replaced in the background.
func (d *dropping) begin(identity string) {
	d.all.Store(identity, rand.Text())
	select {
	case d.wake <- struct{}{}:
	default: // it is about to look
	}
}

// run replaces marks until ctx ends.
func (d *dropping) run(ctx context.Context) {
	defer close(d.ended)
	for {
		select {
		case <-ctx.Done():
			return
		case <-d.wake:
		}
		for d.replace(ctx) != nil && ctx.Err() == nil {
			select {
			case <-ctx.Done():
			case <-time.After(markPause):
			}
		}
	}
}

// replace replaces the marks that are due, and tells the other replicas, or returns why it cannot.
func (d *dropping) replace(ctx context.Context) (failed error) {
	d.all.Range(func(identity, mark any) bool {
		name := identity.(string)
		failed = d.marks.Put(ctx, d.marks.Name(name), []byte(mark.(string)), markLife)
		if failed == nil {
			failed = d.drops.Put(ctx, d.drops.Name(name), []byte(mark.(string)), newsLife)
		}
		if failed == nil {
			d.all.CompareAndDelete(identity, mark)
		}
		return failed == nil
	})
	return failed
}

func (d *dropping) close() {
	d.end()
	<-d.ended
}
