package emulator

import "strings"

// The namespace of every type that is served.
// https://learn.microsoft.com/graph/api/resources/security-api-overview
const namespace = "microsoft.graph.security."

// A structured type is an entity type or a complex type of the published metadata.
type structured struct {
	name     string
	base     *structured
	abstract bool
	members  []declared // its own, as published
}

// An enumType is an enumeration of the published metadata.
type enumType struct {
	name    string
	members []string
}

// A declared member is a property or a navigation property.
type declared struct {
	name       string
	kind       string // type name; that of Edm and of this namespace stand without it
	many       bool
	required   bool
	navigation navigation
}

type navigation int

const (
	property  navigation = iota
	reference            // a navigation property that appears inline, as {"id":…}
	linked               // a navigation property with a URL of its own
	contained            // … whose target is nowhere else
)

// typeEntity is the base of all that has a key.
var typeEntity = abstract("entity", nil, "id String!")

// typePhysicalAddress lives beside the entity, in Microsoft Graph's main namespace.
var typePhysicalAddress = declare("physicalAddress", nil,
	"city String", "countryOrRegion String", "postalCode String", "state String", "street String")

// declare reads a type from lines such as "banners hostPortBanner[]", "port Int32!", "& host host!" (a reference that
// appears inline), "-> ports hostPort[]" (one with a URL) and "=> reputation hostReputation" (contained).
func declare(name string, base *structured, members ...string) *structured {
	t := &structured{name: name, base: base}
	for _, line := range members {
		t.members = append(t.members, readMember(line))
	}
	return t
}

func abstract(name string, base *structured, members ...string) *structured {
	t := declare(name, base, members...)
	t.abstract = true
	return t
}

func readMember(line string) declared {
	var d declared
	for mark, n := range map[string]navigation{"& ": reference, "-> ": linked, "=> ": contained} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			line, d.navigation = rest, n
		}
	}
	d.name, d.kind, _ = strings.Cut(line, " ")
	d.kind, d.required = strings.CutSuffix(d.kind, "!")
	d.kind, d.many = strings.CutSuffix(d.kind, "[]")
	return d
}

// fullName is the name of the type with its namespace.
func (t *structured) fullName() string {
	if t == typeEntity || t == typePhysicalAddress {
		return strings.TrimSuffix(namespace, "security.") + t.name
	}
	return namespace + t.name
}

// inline lists all members that an entity shows: properties and inline references, inherited ones first.
func (t *structured) inline() []declared {
	if t == nil {
		return nil
	}
	all := t.base.inline()
	for _, m := range t.members {
		if m.navigation == property || m.navigation == reference {
			all = append(all, m)
		}
	}
	return all
}

// own returns the declaration of a member, inherited or not, or nil.
func (t *structured) own(name string) *declared {
	for at := t; at != nil; at = at.base {
		for i := range at.members {
			if at.members[i].name == name {
				return &at.members[i]
			}
		}
	}
	return nil
}

// targetSets holds where the targets of references are kept, by their type.
var targetSets = map[string]string{
	"host": "hosts", "sslCertificate": "sslCertificates", "hostComponent": "hostComponents", "artifact": "hosts",
}

// An endpoint is one entity set: what it holds, and what $select may name.
type endpoint struct {
	set      string
	declared *structured
	concrete []*structured // what may really be answered
	expand   []string      // navigation properties that $expand takes
	wrapped  bool          // whether the page's example wraps the entity in "value"
	hidden   bool          // whether there is no such set at the root
	upper    bool          // whether keys match in any letter case; they are kept in capitals

	kinds []kind           // one for each concrete type
	terms map[string]masks // what $select takes
	byKey row              // GET of one entity
}

// A kind numbers the members of a concrete type.
type kind struct {
	bits  map[string]int
	sets  map[string]string // target set of each reference
	types string            // the value of @odata.type
	empty []byte            // all members but @odata.type and id, as null
}

// masks has one bit set for each selected member, per concrete type.
type masks []uint64

// compile derives the numbering of members and the terms of $select from the types.
func (p *endpoint) compile() {
	if p.concrete == nil {
		p.concrete = []*structured{p.declared}
	}
	p.terms = map[string]masks{}
	for i, t := range p.concrete {
		p.kinds = append(p.kinds, t.number())
		for _, m := range p.declared.inline() {
			p.allow(m.name, i, m.name)
			p.allow(namespace+p.declared.name+"/"+m.name, i, m.name)
		}
		// A property of a derived type is written with that type before it; so may be any other.
		// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionselect
		for _, m := range t.inline() {
			p.allow(namespace+t.name+"/"+m.name, i, m.name)
		}
	}
	p.byKey = row{of: p, takes: takesSelect, context: "security/threatIntelligence/" + p.set, entity: true}
	if len(p.expand) > 0 {
		p.byKey.takes |= takesExpand
	}
}

func (p *endpoint) allow(term string, concrete int, member string) {
	m := p.terms[term]
	if m == nil {
		m = make(masks, len(p.concrete))
		p.terms[term] = m
	}
	m[concrete] |= 1 << p.kinds[concrete].bits[member]
}

// number gives each member of the type its bit.
func (t *structured) number() kind {
	k := kind{bits: map[string]int{}, sets: map[string]string{}, types: "#" + namespace + t.name}
	for i, m := range t.inline() {
		k.bits[m.name] = i
		if m.navigation == reference {
			k.sets[m.name] = targetSets[m.kind]
		} else if m.name != "id" {
			k.empty = append(k.empty, `,"`+m.name+`":null`...)
		}
	}
	return k
}

// find returns the type of that full name among the declared and the concrete ones.
func (p *endpoint) find(fullName string) *structured {
	for _, t := range append([]*structured{p.declared}, p.concrete...) {
		if t.fullName() == fullName {
			return t
		}
	}
	return nil
}

// defined reports whether the metadata has a type of that full name at all.
func defined(fullName string) bool {
	for _, t := range append(entityTypes, complexTypes...) {
		if t.fullName() == fullName {
			return true
		}
	}
	return false
}

func (p *endpoint) reference(name string) bool {
	_, ok := p.kinds[0].sets[name]
	return ok
}
