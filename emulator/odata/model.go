package odata

import (
	"cmp"
	"slices"
	"strings"
)

// A Model holds the entity sets and endpoints of the API.
type Model struct {
	sets  map[string]*Set
	below map[string][]*Endpoint // by owner; "" at the root
}

// NewModel returns the model. documented adds the options that a documentation page lists but the metadata rules out.
func NewModel(documented bool) *Model {
	m := &Model{sets: map[string]*Set{}, below: map[string][]*Endpoint{}}
	entityTypes() // completes the types
	targets := map[string]string{typeArtifact.Name: "hosts"}
	for _, e := range entities {
		targets[e.typ.Name] = cmp.Or(targets[e.typ.Name], e.set.Name)
	}
	for _, e := range entities {
		if e.set.Name != "" {
			m.add(e, targets, documented)
		}
	}
	m.sets["whoisHistoryRecord"] = m.sets["whoisHistoryRecords"] // its page has the singular
	return m
}

// add adds the set of an entity and its endpoints.
func (m *Model) add(e entity, targets map[string]string, documented bool) {
	set := e.set
	set.declared = e.typ
	set.compile(targets)
	m.sets[set.Name] = &set
	for _, at := range e.endpoints {
		at.Of = &set
		if documented && at.ifDocumented != nil {
			at.takes |= takesOrderBy
			at.orderBy = at.ifDocumented
		}
		at.complete()
		m.below[at.Owner] = append(m.below[at.Owner], &at)
	}
}

// Set returns the entity set of that name in any letter case, or nil.
func (m *Model) Set(name string) *Set {
	if s := m.sets[name]; s != nil {
		return s
	}
	for other, s := range m.sets {
		if strings.EqualFold(other, name) {
			return s
		}
	}
	return nil
}

// Endpoint returns the endpoint of that name below the entities of a set, or nil. Without an owner it is the list of a
// whole set.
func (m *Model) Endpoint(owner, name string) *Endpoint {
	for _, e := range m.below[owner] {
		if strings.EqualFold(e.Name, name) {
			return e
		}
	}
	return nil
}

// Below returns all endpoints below the entities of a set, those of lists and of single entities.
func (m *Model) Below(owner string) []*Endpoint { return m.below[owner] }

// SetNames returns the names of all entity sets, sorted.
func (m *Model) SetNames() []string {
	var names []string
	for name, s := range m.sets {
		if name == s.Name {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
