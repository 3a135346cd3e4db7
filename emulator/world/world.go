package world

import (
	"fmt"
	"sync"

	"github.com/go-json-experiment/json/jsontext"

	"portico/emulator/odata"
)

// A World holds all data: the published examples, the generated world, and what was put there. All methods are safe for
// concurrent use.
type World struct {
	generator
	answers answers

	mu      sync.Mutex
	indexes map[*odata.Endpoint]*odata.Index // made at the first search, dropped when the set changes
}

// New returns the world of a model with that many generated hosts. Another seed gives another world. documented
// generates certificates in the form of their documentation page, with alternateName.
func New(m *odata.Model, hosts int, seed uint64, documented bool) *World {
	w := &World{
		generator: generator{
			numbers: newNumbers(hosts), store: newStore(m), seed: seed, documented: documented, made: map[task]bool{},
		},
		answers: answers{byURL: map[string][]byte{}},
		indexes: map[*odata.Endpoint]*odata.Index{},
	}
	if hosts > 0 {
		w.makeIntel()
	}
	p := publisher{&w.generator, &w.answers}
	p.publish()
	return w
}

// Find returns the entity of a set with that id, or nil.
func (w *World) Find(set, id string) *odata.Entity {
	en, known := w.lookup(set, id)
	if known || !w.makeEntity(set, id) {
		return en
	}
	return w.stored(set, id)
}

// itemsIn returns the items of a list, made now if need be.
func (w *World) itemsIn(e *odata.Endpoint, key string) []item {
	items, ok := w.lists.find(e, key)
	if !ok && w.makeList(e, key) {
		items, _ = w.lists.find(e, key)
	}
	return items
}

// Items returns the entities of a list. A single entity below another is a list of one.
func (w *World) Items(e *odata.Endpoint, key string) []*odata.Entity {
	items := w.itemsIn(e, key)
	found := make([]*odata.Entity, 0, len(items))
	for _, it := range items {
		if en := it.own; en != nil {
			found = append(found, en)
		} else if en := w.Find(e.Of.Name, it.id); en != nil {
			found = append(found, en)
		}
	}
	return found
}

// Has reports whether a list has the entity with that id.
func (w *World) Has(e *odata.Endpoint, key, id string) bool {
	for _, it := range w.itemsIn(e, key) {
		if it.id == id {
			return true
		}
	}
	return false
}

// Search returns the entities that a $search by property finds.
func (w *World) Search(e *odata.Endpoint, q *odata.Query) []*odata.Entity {
	w.makeAll(e.Of.Name)
	w.mu.Lock()
	defer w.mu.Unlock()
	x := w.indexes[e]
	if x == nil {
		x = odata.NewIndex(w.all(e.Of.Name), e.SearchFields())
		w.indexes[e] = x
	}
	return q.Search(x)
}

// Answer returns the published response to a request, letter for letter, or nil. url is the path as in
// [odata.Resource.Path] with the decoded query string.
func (w *World) Answer(url string) []byte { return w.answers.find(url) }

// Put adds an entity to a set, or replaces the one with the same id. set is the name of an entity set, such as
// "hostPorts", "vulnerabilityComponents" or "hostReputations"; text is a JSON object with an id. Its other members are
// stored as they are, whether they agree with the metadata or not. Lists do not change, see [World.PutList], except
// that articles and intelProfiles list what is put.
func (w *World) Put(set, text string) error {
	s := w.model.Set(set)
	if s == nil {
		return fmt.Errorf("putting entity: no set %q", set)
	}
	compact := jsontext.Value(text)
	if err := compact.Compact(); err != nil {
		return fmt.Errorf("reading entity: %w", err)
	}
	en, err := odata.NewEntity(s, compact)
	if err != nil {
		return err
	}
	w.changed(s, en.ID)
	if e := w.model.Endpoint("", s.Name); e != nil && !e.NeedsSearch() {
		w.lists.add(e, "", item{id: en.ID})
	}
	w.put(s.Name, en.ID, en)
	w.dropIndex(s)
	return nil
}

// Remove takes the entity with that id out of a set, and so out of every list.
func (w *World) Remove(set, id string) {
	s := w.model.Set(set)
	if s == nil {
		return
	}
	w.put(s.Name, id, nil)
	w.changed(s, id)
	w.dropIndex(s)
}

// changed drops the published responses that an entity is part of.
func (w *World) changed(s *odata.Set, id string) {
	w.answers.drop(s.Path(id))
	w.answers.dropWith(id)
	if e := w.model.Endpoint("", s.Name); e != nil {
		w.answers.drop(e.Path(""))
	}
}

func (w *World) dropIndex(s *odata.Set) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.indexes, w.model.Endpoint("", s.Name))
}

// Entity returns all members of an entity as a JSON object, or "" if the set or the id does not exist.
func (w *World) Entity(set, id string) string {
	s := w.model.Set(set)
	if s == nil {
		return ""
	}
	en := w.Find(s.Name, id)
	if en == nil {
		return ""
	}
	return en.JSON()
}

// PutList sets the entities of a list, in that order. path is relative to the API and escaped as in a URL, such as
// "hosts/192.0.2.1/ports" or "articles"; ids that the list's set does not have are left out of responses. A single
// entity below another, such as "hosts/192.0.2.1/whois", is a list of one; without ids it does not exist.
func (w *World) PutList(path string, ids ...string) error {
	at, err := w.putList(path, ids)
	if err == nil {
		w.answers.drop(at.Path())
	}
	return err
}

// List returns the ids of the entities in a list, in the order of the world. path is as for [World.PutList]. A list
// that does not exist has none.
func (w *World) List(path string) []string {
	at, ok := w.listAt(path)
	if !ok {
		return nil
	}
	var ids []string
	for _, en := range w.Items(at.Endpoint, at.Key) {
		ids = append(ids, en.ID)
	}
	return ids
}
