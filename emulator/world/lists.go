package world

import (
	"slices"
	"sync"

	"portico/emulator/odata"
)

// Lists hold the items of each list by its endpoint and the key of its owner.
type lists struct {
	mu    sync.RWMutex
	items map[listKey][]item
}

type listKey struct {
	endpoint *odata.Endpoint
	key      string
}

// An item is an entity of a list: the stored one with that id, or one that only this list has.
type item struct {
	id  string
	own *odata.Entity
}

func itemsOf(ids []string) []item {
	items := make([]item, len(ids))
	for i, id := range ids {
		items[i].id = id
	}
	return items
}

// find returns the items, and whether the list was set.
func (l *lists) find(e *odata.Endpoint, key string) ([]item, bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	items, ok := l.items[listKey{e, key}]
	return items, ok
}

// put sets the items of a list.
func (l *lists) put(e *odata.Endpoint, key string, items []item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.items[listKey{e, key}] = items
}

// offer sets the items of a list that was not set.
func (l *lists) offer(e *odata.Endpoint, key string, items []item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, set := l.items[listKey{e, key}]; !set {
		l.items[listKey{e, key}] = items
	}
}

// add appends an item unless the list has it.
func (l *lists) add(e *odata.Endpoint, key string, it item) {
	l.mu.Lock()
	defer l.mu.Unlock()
	items := l.items[listKey{e, key}]
	if !slices.ContainsFunc(items, func(other item) bool { return other.id == it.id }) {
		l.items[listKey{e, key}] = append(slices.Clip(items), it)
	}
}
