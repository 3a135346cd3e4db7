package cache

import (
	"context"
	"crypto/rand"
	"sync"
	"time"
)

// Shared is a place where replicas keep something for each other. It never fails: what it cannot return in time is not
// there. What it returns may have been written by others than Portico.
type Shared interface {
	// Name returns the name under which something is kept.
	Name(of string) string
	// Get returns the values under some names, by place, nil for those that are not there; false if there is no answer.
	Get(ctx context.Context, names ...string) (values [][]byte, ok bool)
	// Set keeps a value for a time, without waiting.
	Set(name string, value []byte, life time.Duration)
	// Put keeps a value for a time, and waits until it is kept.
	Put(ctx context.Context, name string, value []byte, life time.Duration) error
	// Delete drops what is kept under some names, without waiting.
	Delete(names ...string)
	// OnChange has a function called with each name that another replica wrote.
	OnChange(changed func(name string))
}

// second is the level behind memory, which replicas share. The nil second has nothing.
//
// Each entry is kept with the mark of its identity and that of all identities, as they were when its request was sent.
// A mark is a random text, or none; it is replaced when the entries of the identity, or all, are dropped. Entries with
// another mark are not served, by any replica. So no entry has to be found to be dropped, and a response that was under
// way meanwhile is of no use either.
type second struct {
	entries, marks Shared
	names          names
	dropping       dropping
}

func newSecond(entries, marks Shared) *second {
	if entries == nil {
		return nil
	}
	s := &second{entries: entries, marks: marks, names: names{keys: map[string]string{}}}
	s.dropping = newDropping(marks)
	return s
}

// everyone is what the mark of all identities is for. The key of no identity has a line break.
const everyone = "\n"

// read returns the values under some names, and the mark of an identity. It reports false if there is no answer, or
// entries of the identity are being dropped.
func (s *second) read(ctx context.Context, identity string, names []string) (values [][]byte, mark string, ok bool) {
	own, all := s.marks.Name(identity), s.marks.Name(everyone)
	if s.dropping.has(own, all) {
		return nil, "", false
	}
	found, ok := s.entries.Get(ctx, append([]string{own, all}, names...)...)
	if !ok {
		return nil, "", false
	}
	return found[2:], string(found[0]) + "\n" + string(found[1]), true
}

// write keeps an entry for other replicas. One that is too long is not kept.
func (s *second) write(key string, e *entry, mark string, life time.Duration) {
	name := s.entries.Name(key)
	s.names.add(name, key)
	if text, err := encode(key, mark, e); err == nil {
		s.entries.Set(name, text, life)
	}
}

// unname forgets the name of an entry that is not in memory any more.
func (s *second) unname(key string) {
	if s != nil {
		s.names.remove(s.entries.Name(key))
	}
}

// forget drops single entries.
func (s *second) forget(keys []string) {
	if s == nil || len(keys) == 0 {
		return
	}
	all := make([]string, len(keys))
	for i, key := range keys {
		all[i] = s.entries.Name(key)
	}
	s.entries.Delete(all...)
}

// drop drops all entries of an identity, or of everyone.
func (s *second) drop(identity string) {
	if s != nil {
		s.dropping.begin(s.marks.Name(identity))
	}
}

func (s *second) close() {
	if s != nil {
		s.dropping.close()
	}
}

// names finds the keys of the entries in memory by the names that they have in the second level.
type names struct {
	mu   sync.Mutex
	keys map[string]string
}

func (n *names) add(name, key string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.keys[name] = key
}

func (n *names) remove(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.keys, name)
}

func (n *names) key(name string) (key string, found bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	key, found = n.keys[name]
	return key, found
}

const (
	// markLife is longer than any entry is of use, so that no dropped entry outlives the mark that says so.
	markLife = 31 * 24 * time.Hour
	// markPause is how long to wait before another try to write a mark.
	markPause = time.Second
)

// dropping are the marks that are to be replaced. Until that is done, this replica takes nothing from the second level
// for the identity.
type dropping struct {
	marks Shared
	wake  chan struct{}
	end   context.CancelFunc
	ended chan struct{}
	all   *sync.Map // names of marks
}

func newDropping(marks Shared) dropping {
	ctx, end := context.WithCancel(context.Background())
	d := dropping{marks: marks, wake: make(chan struct{}, 1), end: end, ended: make(chan struct{}), all: &sync.Map{}}
	go d.run(ctx)
	return d
}

func (d *dropping) has(names ...string) bool {
	for _, name := range names {
		if _, found := d.all.Load(name); found {
			return true
		}
	}
	return false
}

// begin has a mark replaced in the background.
func (d *dropping) begin(name string) {
	d.all.Store(name, rand.Text())
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

// replace replaces the marks that are due, or returns why it cannot.
func (d *dropping) replace(ctx context.Context) (failed error) {
	d.all.Range(func(name, mark any) bool {
		failed = d.marks.Put(ctx, name.(string), []byte(mark.(string)), markLife)
		if failed == nil {
			d.all.CompareAndDelete(name, mark)
		}
		return failed == nil
	})
	return failed
}

func (d *dropping) close() {
	d.end()
	<-d.ended
}
