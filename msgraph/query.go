package msgraph

import (
	"bytes"
	"slices"
	"strings"
)

// Names is a canonical set of property names: sorted, separated by commas,
// without duplicates and without "id", which every query selects anyway. A
// name may be qualified by a derived type, as in
// "microsoft.graph.security.hostname/registrar". The zero value is the empty
// set; two sets are equal when their strings are.
type Names string

// NamesOf returns the set of the given names. Empty names and "id" are left
// out.
func NamesOf(names ...string) Names {
	set := make([]string, 0, len(names))
	for _, name := range names {
		if name != "" && name != "id" {
			set = append(set, name)
		}
	}
	slices.Sort(set)
	return Names(strings.Join(slices.Compact(set), ","))
}

// cut splits the first name off.
func (a Names) cut() (name string, rest Names) {
	first, others, _ := strings.Cut(string(a), ",")
	return first, Names(others)
}

// Each calls yield with every name, in order.
func (a Names) Each(yield func(name string)) {
	for a != "" {
		var name string
		name, a = a.cut()
		yield(name)
	}
}

// Has reports whether the set holds name; every set holds "id".
func (a Names) Has(name string) bool {
	return name == "id" || (name != "" && a.Covers(Names(name)))
}

// Covers reports whether every name of b is in a.
func (a Names) Covers(b Names) bool {
	if b == "" || a == b {
		return true
	}
	if len(a) < len(b) {
		return false
	}
	want, b := b.cut()
	for a != "" {
		var have string
		have, a = a.cut()
		if have > want {
			return false
		}
		if have < want {
			continue
		}
		if b == "" {
			return true
		}
		want, b = b.cut()
	}
	return false
}

// Union returns the names that are in a, in b, or in both. It allocates only
// when neither set covers the other.
func (a Names) Union(b Names) Names {
	if a.Covers(b) {
		return a
	}
	if b.Covers(a) {
		return b
	}
	merged := make([]byte, 0, len(a)+1+len(b))
	for a != "" || b != "" {
		merged = append(merged, next(&a, &b)...)
		merged = append(merged, ',')
	}
	return Names(merged[:len(merged)-1])
}

// next takes the smallest name off the two sets.
func next(a, b *Names) string {
	x, restX := a.cut()
	y, restY := b.cut()
	switch {
	case y == "" || (x != "" && x < y):
		*a = restX
		return x
	case x == "" || y < x:
		*b = restY
		return y
	default:
		*a, *b = restX, restY
		return x
	}
}

// without returns the names of a that are not in b.
func (a Names) without(b Names) Names {
	if !a.meets(b) {
		return a
	}
	var kept []byte
	a.Each(func(name string) {
		if !b.Has(name) {
			kept = append(append(kept, name...), ',')
		}
	})
	return Names(bytes.TrimSuffix(kept, []byte(",")))
}

// meets reports whether the two sets have a name in common.
func (a Names) meets(b Names) bool {
	for a != "" && b != "" {
		x, restX := a.cut()
		y, restY := b.cut()
		switch {
		case x == y:
			return true
		case x < y:
			a = restX
		default:
			b = restY
		}
	}
	return false
}

// Query holds the system query options of a request for one entity. It is
// comparable, and two queries that ask for the same are equal as long as no
// name stands both in Select and in Expand, which Union sees to. The key "id"
// is always selected.
type Query struct {
	// Select names properties, and navigation properties of which the
	// reference is enough.
	Select Names
	// Expand names navigation properties to be answered inline. Expanding
	// includes the reference.
	Expand Names
}

// Union returns the narrowest query that covers both. A name that is expanded
// is not selected as well.
func (q Query) Union(other Query) Query {
	expand := q.Expand.Union(other.Expand)
	return Query{Select: q.Select.Union(other.Select).without(expand), Expand: expand}
}

// Covers reports whether an answer to q holds all that other asks for.
func (q Query) Covers(other Query) bool {
	if q == other {
		return true
	}
	return q.Expand.Covers(other.Expand) && q.holds(other.Select)
}

// holds reports whether every name is selected or expanded.
func (q Query) holds(names Names) bool {
	if q.Select.Covers(names) {
		return true
	}
	if q.Expand == "" {
		return false
	}
	for names != "" {
		var name string
		name, names = names.cut()
		if !q.Select.Has(name) && !q.Expand.Has(name) {
			return false
		}
	}
	return true
}

// String returns the canonical query string, such as
// "$select=id,port,status&$expand=mostRecentSslCertificate". Dollar signs,
// commas and slashes stand as they are, which RFC 3986 permits in a query.
func (q Query) String() string {
	var b strings.Builder
	q.write(&b)
	return b.String()
}

func (q Query) write(b *strings.Builder) {
	b.WriteString("$select=id")
	if names := q.Select.without(q.Expand); names != "" {
		b.WriteByte(',')
		b.WriteString(string(names))
	}
	if q.Expand != "" {
		b.WriteString("&$expand=")
		b.WriteString(string(q.Expand))
	}
}

// Lookup is one GET of one resource as a comparable value.
type Lookup struct {
	// Path is escaped and relative to the version root, with a leading slash:
	// "/security/threatIntelligence/hostPorts/ODU…".
	Path string
	// Query says what of the resource is asked for.
	Query Query
}

// URL returns the address relative to the version root, in the one form that
// is used on the wire, in batch items and as a key.
func (l Lookup) URL() string {
	var b strings.Builder
	b.Grow(len(l.Path) + len("?$select=id,&$expand=") + len(l.Query.Select) + len(l.Query.Expand))
	b.WriteString(l.Path)
	b.WriteByte('?')
	l.Query.write(&b)
	return b.String()
}

// Request is a lookup together with the way its answer is read. T can be nil:
// a pointer or an interface, nil standing for "there is none".
type Request[T any] struct {
	Lookup
	// Decode reads the body of a successful answer. It reports values that
	// could not be read beside the entity; its error is an *Error.
	Decode func(body []byte) (T, []Invalid, error)
}
