package odata

import (
	"slices"
	"strings"
)

// A sortKey is one property to sort by.
type sortKey struct {
	property   string
	descending bool
}

// parseOrderBy reads "firstSeenDateTime desc,lastSeenDateTime".
func (e *Endpoint) parseOrderBy(text string) ([]sortKey, *Error) {
	var keys []sortKey
	for part := range strings.SplitSeq(text, ",") {
		words := strings.Fields(part)
		switch {
		case len(words) == 0 || len(words) > 2 || len(words) == 2 && words[1] != "asc" && words[1] != "desc":
			return nil, invalidQuery("Syntax error in the orderby clause '" + text + "'.")
		case !e.sorts(words[0]):
			return nil, e.refuseProperty(words[0], "orderby")
		}
		keys = append(keys, sortKey{words[0], len(words) == 2 && words[1] == "desc"})
	}
	return keys, nil
}

// sortBy sorts items in place. Items with equal keys stay in order.
func sortBy(s *Set, items []*Entity, keys []sortKey) {
	type keyed struct {
		en     *Entity
		values []value
	}
	all := make([]keyed, len(items))
	for i, en := range items {
		all[i].en = en
		for _, k := range keys {
			all[i].values = append(all[i].values, en.valueAt(s, k.property))
		}
	}
	slices.SortStableFunc(all, func(a, b keyed) int {
		for i, k := range keys {
			if c := a.values[i].compare(b.values[i]); c != 0 {
				if k.descending {
					return -c
				}
				return c
			}
		}
		return 0
	})
	for i := range all {
		items[i] = all[i].en
	}
}
