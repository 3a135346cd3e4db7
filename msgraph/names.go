package msgraph

import (
	"bytes"
	"slices"
	"strings"
)

// Names is a canonical set of property names: sorted, separated by commas, without duplicates and without "id", which
// every query selects anyway. A name may be qualified by a derived type, as in
// "microsoft.graph.security.hostname/registrar". The zero value is the empty set; two sets are equal when their strings
// are.
type Names string

// NamesOf returns the set of the given names. Empty names and "id" are left out.
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

// Union returns the names that are in a, in b, or in both. It allocates only when neither set covers the other.
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
