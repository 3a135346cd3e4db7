package cache

import (
	"bytes"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// beside returns the entry for two responses of one page that were under way at the same time, with different
// selections. Nil: the newer response replaces the stored one, since the page may have changed in between.
func (e *entry) beside(newer *entry, began time.Time) *entry {
	if !e.isPage() || !newer.isPage() || e.at.Before(began) {
		return nil
	}
	if e.query.Covers(newer.query) {
		return e
	}
	if newer.query.Covers(e.query) {
		return newer
	}
	whole := pages{e, newer}.union()
	if whole == nil {
		return nil
	}
	return &entry{at: e.at, whole: whole, query: e.query.Union(newer.query)}
}

// isPage reports whether the entry is a page of a list whose selection can be told.
func (e *entry) isPage() bool { return e.whole != nil && !e.absent && e.query.Select != "" }

// pages are two responses of one page.
type pages struct{ older, newer *entry }

// union returns a page with the properties of both. Nil: they do not have the same items in the same order, or there is
// a next page, whose link would have the selection of only one.
func (p pages) union() []byte {
	older, ok := membersOf(p.older.whole)
	newer, also := membersOf(p.newer.whole)
	if !ok || !also || older.value(nextLink) != nil || newer.value(nextLink) != nil {
		return nil
	}
	before, after := itemsOf(older.value("value")), itemsOf(newer.value("value"))
	if before == nil || len(before) != len(after) {
		return nil
	}
	items := make([][]byte, len(after))
	for i := range after {
		if items[i] = p.item(before[i], after[i]); items[i] == nil {
			return nil
		}
	}
	list := member{"value", slices.Concat([]byte("["), bytes.Join(items, []byte(",")), []byte("]"))}
	return object(newer.with(older, list).text())
}

const nextLink = "@odata.nextLink"

// item returns an item with the members of both; nil if it is not one item.
func (p pages) item(older, newer jsontext.Value) []byte {
	before, ok := membersOf(older)
	after, also := membersOf(newer)
	if id := after.value("id"); !ok || !also || id == nil || !bytes.Equal(id, before.value("id")) {
		return nil
	}
	var whole members // expanded in the older response, where the newer has a reference
	for _, m := range before {
		if p.older.query.Expand.Has(m.name) && !p.newer.query.Expand.Has(m.name) {
			whole = append(whole, m)
		}
	}
	return object(after.with(before, whole...).text())
}

// with returns the members, in their place those of the same names that are given, and after them what others has
// besides.
func (all members) with(others members, replaced ...member) (union members) {
	for _, m := range slices.Concat(replaced, all, others) {
		if !slices.ContainsFunc(union, func(known member) bool { return known.name == m.name }) {
			union = append(union, m)
		}
	}
	return union
}

func (all members) text() (text []byte) {
	for _, m := range all {
		text = m.appendTo(text)
	}
	return text
}

// itemsOf returns the items of a valid array; nil for another value.
func itemsOf(array jsontext.Value) []jsontext.Value {
	dec := jsontext.NewDecoder(strings.NewReader(string(array)))
	if dec.PeekKind() != '[' {
		return nil
	}
	_, _ = dec.ReadToken() // the text is valid
	items := []jsontext.Value{}
	for dec.PeekKind() != ']' {
		item, err := dec.ReadValue()
		if err != nil {
			return nil
		}
		items = append(items, item.Clone())
	}
	return items
}
