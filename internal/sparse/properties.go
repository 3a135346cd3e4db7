package sparse

import "sync"

// Properties is a set of property names that somebody reads, inside whatever object. It is safe for concurrent use.
type Properties struct {
	names map[string]struct{}
	masks sync.Map // *table -> uint64: the fields of the type that are in the set
}

// always are the names that are read without being selected: the key, and what a reference to an entity holds.
var always = [...]string{"id", "@odata.type", "kind", "value"}

// NewProperties returns a set of names. What identifies an entity is in every set.
func NewProperties() *Properties {
	p := &Properties{names: map[string]struct{}{}}
	for _, name := range always {
		p.names[name] = struct{}{}
	}
	return p
}

// Add adds a name. All are added before the set is used.
func (p *Properties) Add(name string) { p.names[name] = struct{}{} }

// Has reports whether a property is read. Nil is the set of all.
func (p *Properties) Has(name string) bool {
	if p == nil {
		return true
	}
	_, has := p.names[name]
	return has
}

// mask returns which fields of a type are read: all, where there is no set.
func (p *Properties) mask(t *table) uint64 {
	if p == nil {
		return all
	}
	if known, ok := p.masks.Load(t); ok {
		return known.(uint64) //nolint:forcetypeassert // nothing else is stored
	}
	var mask uint64
	for i, f := range t.fields {
		if p.Has(f.name) {
			mask |= 1 << i
		}
	}
	p.masks.Store(t, mask)
	return mask
}

// all is the mask of all fields.
const all = ^uint64(0)
