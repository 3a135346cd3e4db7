package odata

import (
	"net/url"
	"slices"
)

// Root is the path of threat intelligence, relative to the version of the API.
const Root = "security/threatIntelligence/"

// options are the query options that an endpoint takes.
type options uint16

const (
	takesSelect options = 1 << iota
	takesExpand
	takesFilter
	takesOrderBy
	takesTop
	takesSkip
	takesCount
	takesSearch
	needsSearch

	pages  = takesTop | takesSkip | takesCount
	plain  = pages | takesSelect
	sorted = plain | takesOrderBy
)

// An Endpoint is a documented URL: an entity set, a list or a single entity below an entity, or one entity by its key.
type Endpoint struct {
	Owner  string // the set of the entity that it is below; empty at the root
	Name   string // the segment below the owner
	Of     *Set   // what its response holds
	Single bool   // one entity, not a list
	Bare   bool   // every property of the items but the id is null

	takes   options
	orderBy []string // what $orderby accepts
	filter  []string // what $filter accepts
	in      bool     // $filter accepts the operator in
	fields  SearchFields
	context string // of @odata.context, before the selected names

	ifDocumented []string // what $orderby accepts in the documented form, where the metadata rules it out

	counter *Endpoint // the endpoint /$count below a list
}

// complete fills in what follows from the rest.
func (e *Endpoint) complete() {
	if e.takes&needsSearch != 0 {
		e.takes |= takesSearch
	}
	switch {
	case e.context != "":
	case e.Single:
		e.context = e.Of.declared.fullName()
	case e.Of.Hidden:
		e.context = "Collection(" + e.Of.declared.fullName() + ")"
	default:
		e.context = Root + e.Of.Name
	}
	e.counter = &Endpoint{
		Owner: e.Owner, Name: e.Name, Of: e.Of, fields: e.fields, filter: e.filter, in: e.in,
		takes: e.takes & (takesFilter | takesSearch | needsSearch),
	}
}

// ByKey reports whether the endpoint is a GET of one entity by its key.
func (e *Endpoint) ByKey() bool { return e.Of.byKey == e }

// NeedsSearch reports whether the list cannot be read without $search.
func (e *Endpoint) NeedsSearch() bool { return e.takes&needsSearch != 0 }

// SearchFields returns the properties that $search accepts; nil: $search accepts a word.
func (e *Endpoint) SearchFields() SearchFields { return e.fields }

func (e *Endpoint) sorts(name string) bool   { return slices.Contains(e.orderBy, name) }
func (e *Endpoint) filters(name string) bool { return slices.Contains(e.filter, name) }

// Path returns the URL of the endpoint relative to the version of the API, with a leading slash. key is that of the
// entity, or of the owner.
func (e *Endpoint) Path(key string) string {
	switch {
	case e.Owner != "":
		return "/" + Root + e.Owner + "/" + url.PathEscape(key) + "/" + e.Name
	case e.Single:
		return "/" + Root + e.Of.Name + "/" + url.PathEscape(key)
	default:
		return "/" + Root + e.Name
	}
}

// SearchFields are the properties that $search accepts, with paths into complex values.
type SearchFields map[string]bool

// pathsOf returns the plain names, and each inner name below each outer name.
func pathsOf(plain, outer, inner []string) SearchFields {
	fields := SearchFields{}
	for _, name := range plain {
		fields[name] = true
	}
	for _, o := range outer {
		for _, i := range inner {
			fields[o+"/"+i] = true
		}
	}
	return fields
}
