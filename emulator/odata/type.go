package odata

import "strings"

// namespace is that of every type but two.
// https://learn.microsoft.com/graph/api/resources/security-api-overview
const namespace = "microsoft.graph.security."

// FullName returns a type's name with the namespace of threat intelligence.
func FullName(name string) string { return namespace + name }

// A Type is an entity type or a complex type of the published metadata.
type Type struct {
	Name string // without its namespace

	base     *Type
	abstract bool
	members  []member // its own, without those of its base
}

// An enum is an enumeration of the published metadata.
type enum struct {
	name    string
	members []string // in the order of their values
}

// A member is a property or a navigation property.
type member struct {
	name       string
	kind       string // name of its type; types of Edm and of the namespace above have no prefix
	many       bool
	required   bool
	navigation navigation
}

type navigation int

const (
	property  navigation = iota
	reference            // a navigation property that is part of the entity, as {"id":…}
	linked               // a navigation property with a URL of its own
	contained            // … whose target exists nowhere else
)

// typeEntity is the base of everything that has a key.
var typeEntity = abstract("entity", nil, "id String!")

// typePhysicalAddress is in Microsoft Graph's main namespace, like typeEntity.
var typePhysicalAddress = declare("physicalAddress", nil,
	"city String", "countryOrRegion String", "postalCode String", "state String", "street String")

// declare reads a type from lines: "banners hostPortBanner[]", "port Int32!" (required), "& host host!" (a reference
// that is part of the entity), "-> ports hostPort[]" (linked) and "=> reputation hostReputation" (contained).
func declare(name string, base *Type, members ...string) *Type {
	t := &Type{Name: name, base: base}
	for _, line := range members {
		t.members = append(t.members, readMember(line))
	}
	return t
}

func abstract(name string, base *Type, members ...string) *Type {
	t := declare(name, base, members...)
	t.abstract = true
	return t
}

func readMember(line string) member {
	var m member
	for mark, n := range map[string]navigation{"& ": reference, "-> ": linked, "=> ": contained} {
		if rest, ok := strings.CutPrefix(line, mark); ok {
			line, m.navigation = rest, n
		}
	}
	m.name, m.kind, _ = strings.Cut(line, " ")
	m.kind, m.required = strings.CutSuffix(m.kind, "!")
	m.kind, m.many = strings.CutSuffix(m.kind, "[]")
	return m
}

// fullName returns the name with its namespace.
func (t *Type) fullName() string {
	if t == typeEntity || t == typePhysicalAddress {
		return strings.TrimSuffix(namespace, "security.") + t.Name
	}
	return FullName(t.Name)
}

// inline returns all members that are part of an entity: properties and references, those of the base first.
func (t *Type) inline() []member {
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

// has reports whether the type has a member of that name, of its own or of its base.
func (t *Type) has(name string) bool {
	for at := t; at != nil; at = at.base {
		for _, m := range at.members {
			if m.name == name {
				return true
			}
		}
	}
	return false
}
