package odata

import (
	"slices"
	"strings"
)

// A Query is a parsed query string.
type Query struct {
	Context string // the end of @odata.context, after "$metadata#", with its closing quote
	Text    string // all options but the token of a page, encoded
	Top     int    // items on a page; 0: no $top, or Empty
	Empty   bool   // $top=0
	Skip    int    // items before the first page
	Count   bool   // whether the response has @odata.count
	Token   string // $skiptoken: the token of a later page; empty: the first page

	selected masks // nil: everything
	expanded masks // nil: nothing
	filter   *filter
	order    []sortKey
	search   *search
}

// Rules are what a service does with query strings beyond what the documentation says.
type Rules struct {
	AlwaysID      bool // $select has id without naming it
	IgnoreOptions bool // options that the endpoint does not take are ignored, not refused
}

// Parse reads a raw query string for an endpoint.
func Parse(e *Endpoint, raw string, rules Rules) (*Query, *Error) {
	given, err := e.split(raw, rules)
	if err != nil {
		return nil, err
	}
	q := &Query{Text: given.encode()}
	if err := q.parseMembers(e, given); err != nil {
		return nil, err
	}
	if rules.AlwaysID && q.selected != nil {
		q.selected.add(e.Of.terms["id"])
	}
	if _, ok := given.value("$search"); !ok && e.NeedsSearch() {
		return nil, BadRequest("Query option '$search' is required.")
	}
	for _, o := range given {
		if err := q.parseOption(e, o); err != nil {
			return nil, err
		}
	}
	return q, nil
}

// parseMembers reads $select and $expand.
func (q *Query) parseMembers(e *Endpoint, given givenOptions) (err *Error) {
	var names, expanded []string
	if text, ok := given.value("$select"); ok {
		if q.selected, names, err = e.Of.parseSelect(text); err != nil {
			return err
		}
	}
	if text, ok := given.value("$expand"); ok {
		if q.expanded, expanded, err = e.Of.parseExpand(text); err != nil {
			return err
		}
		if q.selected != nil {
			q.selected.add(q.expanded)
		}
	}
	for _, name := range expanded {
		names = append(slices.DeleteFunc(names, func(n string) bool { return n == name }), name+"()")
	}
	q.Context = e.contextOf(names)
	return nil
}

// contextOf returns the fragment of @odata.context for the selected names.
func (e *Endpoint) contextOf(names []string) string {
	projection := ""
	if len(names) > 0 {
		projection = "(" + strings.Join(names, ",") + ")"
	}
	if e.ByKey() {
		return e.context + projection + `/$entity"`
	}
	return e.context + projection + `"`
}

// parseOption reads an option of lists.
func (q *Query) parseOption(e *Endpoint, o option) (err *Error) {
	switch o.name {
	case "$top":
		q.Top, err = parseNumber(o)
		q.Empty = q.Top == 0
	case "$skip":
		q.Skip, err = parseNumber(o)
	case "$count":
		q.Count, err = parseBool(o)
	case "$filter":
		q.filter, err = e.parseFilter(o.value)
	case "$orderby":
		q.order, err = e.parseOrderBy(o.value)
	case "$search":
		q.search, err = e.parseSearch(o.value)
	case "$skiptoken":
		q.Token = o.value
		if o.value == "" {
			err = BadSkipToken()
		}
	}
	return err
}

// Search returns the entities that the index has for $search.
func (q *Query) Search(x *Index) []*Entity { return slices.Clone(x.find(q.search)) }

// Arrange keeps the items that the query asks for, in its order. It changes the slice.
func (q *Query) Arrange(s *Set, items []*Entity) []*Entity {
	if q.search != nil && q.search.word != "" {
		items = slices.DeleteFunc(items, func(en *Entity) bool { return !en.hasWord(q.search.word) })
	}
	if q.filter != nil {
		items = slices.DeleteFunc(items, func(en *Entity) bool { return !q.filter.matches(s, en) })
	}
	if len(q.order) > 0 {
		sortBy(s, items, q.order)
	}
	return items
}
