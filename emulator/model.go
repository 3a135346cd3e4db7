package emulator

import "slices"

// The namespace of every type that is served.
// https://learn.microsoft.com/graph/api/resources/security-api-overview
const namespace = "microsoft.graph.security."

// An entityType is one entity type of the published metadata.
type entityType struct {
	name       string
	base       *entityType
	properties []string
	references []reference
}

// A reference is a navigation property that appears inline as {"id":…}.
type reference struct {
	name string
	set  string // where its target is kept
}

// An endpoint is one entity set and what its page documents for a GET of a single entity.
type endpoint struct {
	set      string
	declared *entityType
	concrete []*entityType // what may really be answered
	expand   []string      // navigation properties that $expand takes
	wrapped  bool          // whether the page's example wraps the entity in "value"

	kinds  []kind           // one for each concrete type
	terms  map[string]masks // what $select takes
	shapes shapeCache
}

// A kind numbers the members of a concrete type.
type kind struct {
	bits  map[string]int
	sets  map[string]string // target set of each reference
	types string            // the value of @odata.type
}

// masks has one bit set for each selected member, per concrete type.
type masks []uint64

var (
	typeEntity = &entityType{properties: []string{"id"}}
	typeHost   = &entityType{
		name: "host", base: typeEntity, properties: []string{"firstSeenDateTime", "lastSeenDateTime"},
	}
	typeHostname  = &entityType{name: "hostname", base: typeHost, properties: []string{"registrar", "registrant"}}
	typeIPAddress = &entityType{
		name: "ipAddress", base: typeHost,
		properties: []string{"autonomousSystem", "countryOrRegion", "hostingProvider", "netblock"},
	}
	typeHostPort = &entityType{
		name: "hostPort", base: typeEntity,
		properties: []string{
			"port", "firstSeenDateTime", "lastSeenDateTime", "lastScanDateTime", "timesObserved", "status", "protocol",
			"banners", "services",
		},
		references: []reference{{"mostRecentSslCertificate", "sslCertificates"}, {"host", "hosts"}},
	}
	typeHostComponent = &entityType{
		name: "hostComponent", base: typeEntity,
		properties: []string{"firstSeenDateTime", "lastSeenDateTime", "name", "version", "category"},
		references: []reference{{"host", "hosts"}},
	}
	typeSSLCertificate = &entityType{
		name: "sslCertificate", base: typeEntity,
		properties: []string{
			"firstSeenDateTime", "lastSeenDateTime", "fingerprint", "expirationDateTime", "issueDateTime", "sha1",
			"serialNumber", "subject", "issuer",
		},
	}
)

// endpoints returns the rows that make up the API; to widen it is to add rows.
func endpoints() []*endpoint {
	rows := []*endpoint{
		// https://learn.microsoft.com/graph/api/security-hostport-get
		{set: "hostPorts", declared: typeHostPort, expand: []string{"mostRecentSslCertificate"}, wrapped: true},
		// https://learn.microsoft.com/graph/api/security-host-get
		{set: "hosts", declared: typeHost, concrete: []*entityType{typeHostname, typeIPAddress}},
		// https://learn.microsoft.com/graph/api/security-sslcertificate-get
		{set: "sslCertificates", declared: typeSSLCertificate, wrapped: true},
		// https://learn.microsoft.com/graph/api/security-hostcomponent-get
		{set: "hostComponents", declared: typeHostComponent},
	}
	for _, row := range rows {
		row.compile()
	}
	return rows
}

// compile derives the numbering of members and the terms of $select from the types.
func (p *endpoint) compile() {
	if p.concrete == nil {
		p.concrete = []*entityType{p.declared}
	}
	p.terms = map[string]masks{}
	for i, t := range p.concrete {
		p.kinds = append(p.kinds, t.number())
		for _, name := range p.declared.members() {
			p.allow(name, i, name)
		}
		// A property of a derived type is written with that type before it; so may be any other.
		// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html#sec_SystemQueryOptionselect
		for _, name := range t.members() {
			p.allow(namespace+t.name+"/"+name, i, name)
		}
		for _, name := range p.declared.members() {
			p.allow(namespace+p.declared.name+"/"+name, i, name)
		}
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
func (t *entityType) number() kind {
	k := kind{bits: map[string]int{}, sets: map[string]string{}, types: "#" + namespace + t.name}
	for i, name := range t.members() {
		k.bits[name] = i
	}
	for at := t; at != nil; at = at.base {
		for _, r := range at.references {
			k.sets[r.name] = r.set
		}
	}
	return k
}

// members lists the names of all properties and inline references, inherited ones first.
func (t *entityType) members() []string {
	if t == nil {
		return nil
	}
	names := append(t.base.members(), t.properties...)
	for _, r := range t.references {
		names = append(names, r.name)
	}
	return names
}

// find returns the type of that full name among the declared and the concrete ones.
func (p *endpoint) find(fullName string) *entityType {
	for _, t := range append([]*entityType{p.declared}, p.concrete...) {
		if namespace+t.name == fullName {
			return t
		}
	}
	return nil
}

// defined reports whether the metadata has a type of that full name at all.
func defined(fullName string) bool {
	known := []*entityType{
		typeHost, typeHostname, typeIPAddress, typeHostPort, typeHostComponent, typeSSLCertificate,
	}
	return slices.ContainsFunc(known, func(t *entityType) bool { return namespace+t.name == fullName })
}

func (p *endpoint) reference(name string) bool {
	_, ok := p.kinds[0].sets[name]
	return ok
}
