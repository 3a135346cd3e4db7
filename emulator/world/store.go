package world

import (
	"fmt"
	"maps"
	"slices"
	"sync"

	"portico/emulator/odata"
)

// A store holds entities by set and id, and the lists of them. It makes nothing.
type store struct {
	model *odata.Model
	sets  map[string]*collection // by the name of the set
	lists lists
}

// newStore returns an empty store.
func newStore(m *odata.Model) *store {
	s := &store{model: m, sets: map[string]*collection{}, lists: lists{items: map[listKey][]item{}}}
	for _, name := range m.SetNames() {
		s.sets[name] = &collection{byID: map[string]*odata.Entity{}}
	}
	return s
}

// lookup returns the entity, or nil, and whether anything is known of the id. A removed entity is nil and known.
func (s *store) lookup(set, id string) (en *odata.Entity, known bool) {
	c := s.sets[set]
	c.mu.RLock()
	defer c.mu.RUnlock()
	en, known = c.byID[id]
	return en, known
}

// stored returns the entity, or nil.
func (s *store) stored(set, id string) *odata.Entity {
	en, _ := s.lookup(set, id)
	return en
}

// put stores an entity under an id, which may be another than its own. A nil entity is a removed one.
func (s *store) put(set, id string, en *odata.Entity) {
	c := s.sets[set]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byID[id] = en
}

// offer stores an entity unless something is known of the id, and returns what is stored.
func (s *store) offer(set, id string, en *odata.Entity) *odata.Entity {
	c := s.sets[set]
	c.mu.Lock()
	defer c.mu.Unlock()
	if old, known := c.byID[id]; known {
		return old
	}
	c.byID[id] = en
	return en
}

// all returns the stored entities of a set, sorted by id.
func (s *store) all(set string) []*odata.Entity {
	c := s.sets[set]
	c.mu.RLock()
	defer c.mu.RUnlock()
	entities := make([]*odata.Entity, 0, len(c.byID))
	for _, id := range slices.Sorted(maps.Keys(c.byID)) {
		if en := c.byID[id]; en != nil {
			entities = append(entities, en)
		}
	}
	return entities
}

// count returns how many ids of a set are known.
func (s *store) count(set string) int {
	c := s.sets[set]
	c.mu.RLock()
	defer c.mu.RUnlock()
	return len(c.byID)
}

// A collection holds the entities of one set.
type collection struct {
	mu   sync.RWMutex
	byID map[string]*odata.Entity // nil: removed
}

// listAt returns the list at a path such as "hosts/192.0.2.1/ports". Sets that can only be searched are not lists.
func (s *store) listAt(path string) (odata.Resource, bool) {
	at, ok := s.model.RouteBelow(path)
	return at, ok && !at.Count && !at.Endpoint.ByKey() && !at.Endpoint.NeedsSearch()
}

// putList sets the ids of the list at a path.
func (s *store) putList(path string, ids []string) (odata.Resource, error) {
	at, ok := s.listAt(path)
	if !ok {
		return at, fmt.Errorf("putting list: no list %q", path)
	}
	s.lists.put(at.Endpoint, at.Key, itemsOf(ids))
	return at, nil
}
