package cache

import (
	"bytes"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"portico/msgraph"
)

// entry is what Microsoft Graph returned for one resource. It is one of three: the properties of an entity, a whole
// response, or a refusal because there is no such resource. It is never changed once it is stored.
type entry struct {
	// era is that of the identity for which it was stored; see identities.
	era uint64
	// at is when the last response arrived.
	at time.Time

	// head are the members of an entity that every response has: what says that it is an entity, and of which type. It is
	// not nil for an entity. The id is a property.
	head       []byte
	properties []property

	// whole is a response that is not taken apart, because it is a page of a list or its URL is fixed. query is what it
	// was requested with.
	whole []byte
	query msgraph.Query

	// absent reports that there is no such resource: unknown is the refusal, or nil if the response was null.
	absent  bool
	unknown *msgraph.Error

	rendered atomic.Pointer[rendering]
}

// property is one selected property, as the response had it.
type property struct {
	name     string // as it is selected, which may be qualified by a type
	expanded bool   // it is a navigation property, whole in place of a reference
	members  []byte // the members of the response: the property and its annotations. Empty: the response had none.
	at       time.Time
}

// rendering is the last response that was made of properties: most queries repeat.
type rendering struct {
	query msgraph.Query
	body  []byte
}

// isEntity reports whether the entry holds properties.
func (e *entry) isEntity() bool { return e.head != nil }

// property returns the newest property that answers a selected name; nil if there is none. Expanding includes the
// reference.
func (e *entry) property(name string, expanded bool) (found *property) {
	for i := range e.properties {
		p := &e.properties[i]
		if p.name == name && (p.expanded || !expanded) && (found == nil || p.at.After(found.at)) {
			found = p
		}
	}
	return found
}

// lack returns the part of a query that the entry does not have, or has only from before a time. It reports false if
// there is none.
func (e *entry) lack(query msgraph.Query, after time.Time) (msgraph.Query, bool) {
	if e.isEntity() {
		return e.lackProperties(query, after)
	}
	return query, !e.at.After(after) || !e.absent && !e.query.Covers(query)
}

func (e *entry) lackProperties(query msgraph.Query, after time.Time) (lack msgraph.Query, lacking bool) {
	if query.Page.Count {
		return query, true // of a list
	}
	lack.Keyless = query.Keyless || !e.lacks("id", false, after)
	lack.Select = e.lackNames(query.Select, false, after)
	lack.Expand = e.lackNames(query.Expand, true, after)
	lacking = lack != msgraph.Query{Keyless: true}
	lack.Keyless = lack.Keyless && lack.Select != "" // nothing else to select
	return lack, lacking
}

func (e *entry) lackNames(names msgraph.Names, expanded bool, after time.Time) (lack msgraph.Names) {
	names.Each(func(name string) {
		if !e.lacks(name, expanded, after) {
			return
		}
		if lack != "" {
			lack += ","
		}
		lack += msgraph.Names(name)
	})
	return lack
}

func (e *entry) lacks(name string, expanded bool, after time.Time) bool {
	p := e.property(name, expanded)
	return p == nil || !p.at.After(after)
}

// oldest returns when the oldest of what a query selects arrived.
func (e *entry) oldest(query msgraph.Query) time.Time {
	oldest := e.at
	each(query, func(name string, expanded bool) {
		if p := e.property(name, expanded); p != nil && p.at.Before(oldest) {
			oldest = p.at
		}
	})
	return oldest
}

// each calls yield with every name that a query selects or expands, the id among them.
func each(query msgraph.Query, yield func(name string, expanded bool)) {
	if !query.Keyless {
		yield("id", false)
	}
	query.Select.Each(func(name string) { yield(name, false) })
	query.Expand.Each(func(name string) { yield(name, true) })
}

// response returns what Microsoft Graph would return for a query that the entry does not lack: a body or an error. The
// body is shared and must not be changed.
func (e *entry) response(query msgraph.Query) ([]byte, error) {
	switch {
	case e.unknown != nil:
		refusal := *e.unknown
		return nil, &refusal
	case !e.isEntity():
		return e.whole, nil
	}
	last := e.rendered.Load()
	if last == nil || last.query != query {
		last = &rendering{query, e.render(query)}
		e.rendered.Store(last)
	}
	return last.body, nil
}

// render writes an object with the properties that a query selects.
func (e *entry) render(query msgraph.Query) []byte {
	body := append([]byte{'{'}, e.head...)
	var written []string
	each(query, func(name string, expanded bool) {
		p := e.property(name, expanded)
		if p == nil || len(p.members) == 0 {
			return
		}
		if member := memberOf(name); member != name {
			if slices.Contains(written, member) {
				return // two derived types have it
			}
			written = append(written, member)
		}
		if len(body) > 1 {
			body = append(body, ',')
		}
		body = append(body, p.members...)
	})
	return append(body, '}')
}

// memberOf returns the member of a response that a selected name leads to: the name without the type that it is
// qualified by.
func memberOf(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// sameAs reports whether two entries are about one entity, as far as they say: a part of a response must not be put
// together with another entity's.
func (e *entry) sameAs(other *entry) bool {
	if e == nil || other == nil || !e.isEntity() || !other.isEntity() {
		return false
	}
	id, otherID := e.property("id", false), other.property("id", false)
	return id == nil || otherID == nil || bytes.Equal(id.members, otherID.members)
}

// merge returns an entry with the properties of both, the newer one of each. Properties that arrived before a time are
// left out.
func (e *entry) merge(other *entry, after time.Time) *entry {
	if !e.sameAs(other) {
		return other
	}
	merged := &entry{era: other.era, at: later(e.at, other.at), head: other.head}
	merged.add(other.properties, after)
	merged.add(e.properties, after)
	return merged
}

// update returns the entry for a newer response to a request that was sent when a wave began.
func (e *entry) update(newer *entry, began, after time.Time) *entry {
	if page := e.beside(newer, began); page != nil {
		return page
	}
	return e.merge(newer, after)
}

func (e *entry) add(properties []property, after time.Time) {
	for _, p := range properties {
		if !p.at.After(after) {
			continue
		}
		if known := e.same(p); known == nil {
			e.properties = append(e.properties, p)
		} else if p.at.After(known.at) {
			*known = p
		}
	}
}

func (e *entry) same(p property) *property {
	for i := range e.properties {
		if known := &e.properties[i]; known.name == p.name && known.expanded == p.expanded {
			return known
		}
	}
	return nil
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// What an entry takes beside its bytes, estimated from the sizes of its parts, and of the key's and the memory's.
const (
	entryWeight    = 400
	propertyWeight = 100
)

// weight returns the number of bytes that an entry takes. Properties count twice, since they are kept once more in the
// last response made of them.
func (e *entry) weight() int {
	total := entryWeight + len(e.whole) + 2*len(e.head)
	for _, p := range e.properties {
		total += propertyWeight + len(p.name) + 2*len(p.members)
	}
	return total
}
