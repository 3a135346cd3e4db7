package emulator

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bits of members that no $select names.
const (
	bitAnnotation = -1 // @odata.type: in each answer
	bitUndeclared = -2 // not in the metadata: only where nothing is selected
)

// An entity is its rendered members, so that a projection is a concatenation.
type entity struct {
	id      string
	kind    int    // which concrete type of its endpoint
	raw     []byte // members, comma separated, without braces
	members []member
	asPaged bool // served as its page shows it: wrapped, without a context
}

// A member is where `"name":value` stands in the rendered entity.
type member struct {
	from, to int32
	bit      int8
	ref      string // key of the referenced entity, empty where there is none
}

// A collection holds the entities of one set.
type collection struct {
	mu    sync.RWMutex
	byKey map[string]*entity
}

func (c *collection) find(key string) *entity {
	en, _ := c.lookup(key)
	return en
}

// lookup returns the entity, or nil, and whether anything is known of the key: a removed entity is nil, and known.
func (c *collection) lookup(key string) (en *entity, known bool) {
	c.mu.RLock()
	defer c.mu.RUnlock()
	en, known = c.byKey[key]
	return en, known
}

func (c *collection) put(en *entity) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byKey[en.id] = en
}

// offer puts an entity unless something is known of its key. It returns what is kept.
func (c *collection) offer(key string, en *entity) *entity {
	c.mu.Lock()
	defer c.mu.Unlock()
	if kept, known := c.byKey[key]; known {
		return kept
	}
	c.byKey[key] = en
	return en
}

func (c *collection) remove(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byKey[key] = nil
}

// newEntity renders text, a compact JSON object, as an entity of the endpoint.
func newEntity(p *endpoint, text []byte) (*entity, error) {
	en := &entity{raw: make([]byte, 0, len(text)), members: make([]member, 0, 13)}
	type named struct {
		name  string
		value jsontext.Value
	}
	var found []named
	var id, odataType jsontext.Value
	err := eachMember(text, func(name string, value jsontext.Value) error {
		found = append(found, named{name, value})
		switch name {
		case "id":
			id = value
		case "@odata.type":
			odataType = value
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading entity: %w", err)
	}
	if err := json.Unmarshal(id, &en.id); err != nil || en.id == "" {
		return nil, fmt.Errorf("reading entity: member %q must be a text", "id")
	}
	en.kind = p.kindOf(en.id, string(odataType))
	if len(p.kinds) > 1 && odataType == nil {
		en.add(p, "@odata.type", jsontext.Value(`"`+p.kinds[en.kind].types+`"`))
	}
	for _, m := range found {
		en.add(p, m.name, m.value)
	}
	return en, nil
}

// add renders one more member.
func (en *entity) add(p *endpoint, name string, value jsontext.Value) {
	if len(en.raw) > 0 {
		en.raw = append(en.raw, ',')
	}
	m := member{from: int32(len(en.raw)), bit: bitUndeclared}
	if strings.HasPrefix(name, "@") {
		m.bit = bitAnnotation
	}
	if bit, ok := p.kinds[en.kind].bits[name]; ok {
		m.bit = int8(bit)
	}
	if _, ok := p.kinds[en.kind].sets[name]; ok {
		m.ref = keyOf(value)
	}
	en.raw = appendText(en.raw, name)
	en.raw = append(en.raw, ':')
	en.raw = append(en.raw, value...)
	m.to = int32(len(en.raw))
	en.members = append(en.members, m)
}

// kindOf tells which concrete type an entity has: by its @odata.type, else by whether its key is an address.
func (p *endpoint) kindOf(id, odataType string) int {
	for i, k := range p.kinds {
		if strings.EqualFold(odataType, `"`+k.types+`"`) {
			return i
		}
	}
	_, err := netip.ParseAddr(id)
	if err == nil && len(p.kinds) > 1 {
		return 1
	}
	return 0
}

// keyOf returns the id inside a reference, or "".
func keyOf(value jsontext.Value) string {
	var ref struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(value, &ref) != nil {
		return ""
	}
	return ref.ID
}

// eachMember calls do for each member of a JSON object, in order. Values are parts of the object's text.
func eachMember(text []byte, do func(name string, value jsontext.Value) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return fmt.Errorf("not a JSON object")
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		end := int(d.InputOffset())
		if err := do(key, text[end-len(value):end:end]); err != nil {
			return err
		}
	}
	return nil
}

func appendText(dst []byte, text string) []byte {
	out, err := jsontext.AppendQuote(dst, text)
	if err != nil {
		return append(dst, `""`...) // invalid UTF-8: nothing that is kept here
	}
	return out
}

// find returns the entity of that key, made now if it is one of the generated world, or nil.
func (e *Emulator) find(p *endpoint, key string) *entity {
	c := e.sets[p.set]
	en, known := c.lookup(key)
	if known || !e.make(p.set, key) {
		return en
	}
	return c.find(key)
}

// Put adds an entity to a set, or replaces the one with the same id. set is the name of an entity set, "hostPorts",
// "vulnerabilityComponents" or "hostReputations"; text is a JSON object with an id. Other members are kept as they are,
// true to the metadata or not. Lists do not change: see [Emulator.PutList]; articles and intelProfiles alone list what
// is put.
func (e *Emulator) Put(set, text string) error {
	p := e.endpoint(set)
	if p == nil {
		return fmt.Errorf("putting entity: no set %q", set)
	}
	compact := jsontext.Value(text)
	if err := compact.Compact(); err != nil {
		return fmt.Errorf("reading entity: %w", err)
	}
	en, err := newEntity(p, compact)
	if err != nil {
		return err
	}
	e.changed(p, en.id)
	if r := e.rootRow(p.set); r != nil && r.fields == nil {
		e.lists.add(r, "", listItem{key: en.id})
	}
	e.sets[p.set].put(en)
	return nil
}

// changed forgets what was derived from the entities of a set.
func (e *Emulator) changed(p *endpoint, id string) {
	e.forget(p.byKey.path(id))
	e.forgetEntity(id)
	if r := e.rootRow(p.set); r != nil {
		e.forget(r.path(""))
		if x := e.indexes[r]; x != nil {
			x.drop()
		}
	}
}

// Remove takes the entity with that id out of a set, and so out of every list.
func (e *Emulator) Remove(set, id string) {
	if p := e.endpoint(set); p != nil {
		e.sets[p.set].remove(id)
		e.changed(p, id)
	}
}

// Entity returns all members of an entity as a JSON object, or "" where the set or the id is unknown.
func (e *Emulator) Entity(set, id string) string {
	p := e.endpoint(set)
	if p == nil {
		return ""
	}
	en := e.find(p, id)
	if en == nil {
		return ""
	}
	return "{" + string(en.raw) + "}"
}
