package cache

import (
	"context"
	"crypto/rand"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// second is the level behind memory, which replicas share. The nil second has nothing.
//
// Each entry is kept with the mark of its identity and that of all identities, as they were when its request was sent.
// A mark is a random text; it is replaced when the entries of the identity, or all, are dropped. Entries with another
// mark are not served, by any replica. So no entry has to be found to be dropped, and a response that was under way
// meanwhile is of no use either.
//
// The store may lose a mark at any time, as a Redis that is full does, and keep entries that are older. A lost mark is
// therefore replaced, by the one that this replica knows to be in force or else by a new one. It never counts as the
// mark that entries had before they were dropped.
type second struct {
	entries, marks, drops Shared
	names                 names
	dropping              dropping
	everyone              lastRead
}

func newSecond(entries, marks, drops Shared) *second {
	if entries == nil {
		return nil
	}
	return &second{
		entries: entries, marks: marks, drops: drops, names: names{keys: map[string]string{}},
		dropping: newDropping(marks, drops),
	}
}

// everyone is what the mark of all identities is for. The key of no identity has a line break.
const everyone = "\n"

// read returns the values under some names, and the mark of an identity. known is that mark as far as this replica
// knows, empty if it does not. A mark that is lost is replaced by one that is kept for a time, or by none for 0. It
// reports false if there is no answer or no mark, or entries of the identity are being dropped.
func (s *second) read(
	ctx context.Context, identity, known string, life time.Duration, names []string,
) (values [][]byte, mark string, ok bool) {
	if s.dropping.has(identity, everyone) {
		return nil, "", false
	}
	own, all := s.marks.Name(identity), s.marks.Name(everyone)
	found, ok := s.entries.Get(ctx, append([]string{own, all}, names...)...)
	if !ok {
		return nil, "", false
	}
	known, _, _ = strings.Cut(known, "\n")
	ofOwn, hasOwn := s.inForce(ctx, own, found[0], known, life)
	ofAll, hasAll := s.inForce(ctx, all, found[1], s.everyone.get(), markLife)
	if !hasOwn || !hasAll {
		return nil, "", false
	}
	s.everyone.set(ofAll)
	return found[2:], ofOwn + "\n" + ofAll, true
}

// inForce returns the mark under a name: the one that was found there, or else the one that is kept in its place.
func (s *second) inForce(
	ctx context.Context, name string, found []byte, known string, life time.Duration,
) (mark string, ok bool) {
	switch {
	case len(found) > 0:
		return string(found), true
	case life < time.Millisecond:
		return "", false
	case known == "":
		known = rand.Text()
	}
	kept, ok := s.marks.Add(ctx, name, []byte(known), life)
	return string(kept), ok && len(kept) > 0
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
	if s == nil {
		return
	}
	if identity == everyone {
		s.everyone.set("")
	}
	s.dropping.begin(identity)
}

func (s *second) close() {
	if s != nil {
		s.dropping.close()
	}
}

// lastRead is the mark of all identities that was read last; empty if it has been replaced since.
type lastRead struct{ mark atomic.Pointer[string] }

func (l *lastRead) set(mark string) { l.mark.Store(&mark) }

func (l *lastRead) get() string {
	if mark := l.mark.Load(); mark != nil {
		return *mark
	}
	return ""
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
