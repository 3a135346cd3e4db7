package odata

import (
	"net/netip"
	"strings"
)

// A Set is an entity set: what it holds, and what $select may name.
type Set struct {
	Name    string
	Hidden  bool // there is no such set at the root: its entities are reached through others
	Upper   bool // keys match in any letter case, and are stored in capitals
	Wrapped bool // the example on the page of one entity is {"value":{…}}

	declared *Type
	concrete []*Type  // the types that its entities have; only declared, if empty
	expand   []string // navigation properties that $expand accepts

	kinds []kind           // one for each concrete type
	terms map[string]masks // what $select accepts
	byKey *Endpoint        // GET of one entity
}

// A kind is a concrete type with its members numbered, so that a selection is a bit mask.
type kind struct {
	bits  map[string]int
	refs  map[string]string // target set of each reference
	mark  string            // the value of @odata.type
	empty []byte            // all members but @odata.type and id, as null
}

// masks has one bit for each selected member, by kind.
type masks []uint64

// compile numbers the members of the types and collects the terms of $select. targets holds the sets of references by
// type.
func (s *Set) compile(targets map[string]string) {
	if s.concrete == nil {
		s.concrete = []*Type{s.declared}
	}
	s.terms = map[string]masks{}
	for i, t := range s.concrete {
		s.kinds = append(s.kinds, numbered(t, targets))
		for _, m := range s.declared.inline() {
			s.allow(m.name, i, m.name)
			s.allow(s.declared.fullName()+"/"+m.name, i, m.name)
		}
		// A property of a derived type must be qualified with that type; any other property may be.
		// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionselect
		for _, m := range t.inline() {
			s.allow(t.fullName()+"/"+m.name, i, m.name)
		}
	}
	s.byKey = &Endpoint{Of: s, takes: takesSelect, context: "security/threatIntelligence/" + s.Name, Single: true}
	if len(s.expand) > 0 {
		s.byKey.takes |= takesExpand
	}
}

func (s *Set) allow(term string, concrete int, member string) {
	m := s.terms[term]
	if m == nil {
		m = make(masks, len(s.concrete))
		s.terms[term] = m
	}
	m[concrete] |= 1 << s.kinds[concrete].bits[member]
}

// numbered gives each member of a type its bit. targets holds the sets of references by type.
func numbered(t *Type, targets map[string]string) kind {
	k := kind{bits: map[string]int{}, refs: map[string]string{}, mark: "#" + t.fullName()}
	for i, m := range t.inline() {
		k.bits[m.name] = i
		if m.navigation == reference {
			k.refs[m.name] = targets[m.kind]
		} else if m.name != "id" {
			k.empty = append(k.empty, `,"`+m.name+`":null`...)
		}
	}
	return k
}

// kindOf returns the index of an entity's concrete type: by its @odata.type, else by whether its id is an address.
func (s *Set) kindOf(id, mark string) int {
	for i, k := range s.kinds {
		if strings.EqualFold(mark, `"`+k.mark+`"`) {
			return i
		}
	}
	if _, err := netip.ParseAddr(id); err == nil && len(s.kinds) > 1 {
		return 1
	}
	return 0
}

// TypeMark returns the value of @odata.type of the entity with that id.
func (s *Set) TypeMark(id string) string { return s.kinds[s.kindOf(id, "")].mark }

// Unknown returns an entity of which only the id is known, as a JSON object: every other property is null.
func (s *Set) Unknown(id string) []byte {
	k := s.kinds[s.kindOf(id, "")]
	text := AppendString([]byte(`{"@odata.type":"`+k.mark+`","id":`), id)
	return append(append(text, k.empty...), '}')
}

// find returns the type of that full name among the declared and the concrete ones, or nil.
func (s *Set) find(fullName string) *Type {
	for _, t := range append([]*Type{s.declared}, s.concrete...) {
		if t.fullName() == fullName {
			return t
		}
	}
	return nil
}

func (s *Set) isReference(name string) bool {
	_, ok := s.kinds[0].refs[name]
	return ok
}

// TypeName returns the name of the declared type of its entities, such as "hostPort".
func (s *Set) TypeName() string { return s.declared.Name }

// Path returns the URL of the entity with that id, relative to the version of the API.
func (s *Set) Path(id string) string { return s.byKey.Path(id) }
