package plan

import (
	"portico/loaders"
	"portico/msgraph"
)

// EmptyPages is how many empty pages in a row Portico follows to the next one.
const EmptyPages = 3

// NextPage returns the query of a link that goes on with the list at a path; false for links to elsewhere.
type NextPage func(path, link string) (query string, ok bool)

// After returns the query of a link from the page at a lookup; empty for none, one to elsewhere, and one to the same
// page.
func (next NextPage) After(at msgraph.Lookup, link string) string {
	query, ours := next(at.Path, link)
	if !ours || msgraph.SamePage(query, at.Query.String()) {
		return ""
	}
	return query
}

// listResponse is the response to a lookup of a list.
type listResponse interface {
	// Goes returns how many items the page has, and the link with which the list goes on, empty at its end.
	Goes() (items int, link string)
	// Cut returns the page without its first drop items, and with at most first items after them.
	Cut(drop, first int) any
}

// afterEmpty returns the page that follows an empty one. empty counts the empty pages in a row, this one included. It
// returns false if the page has items, if the list ends with it, or if too many pages were empty.
func (p Page) afterEmpty(ownerID string, empty int, response listResponse, next NextPage) (Page, bool) {
	items, link := response.Goes()
	if items > 0 || link == "" || empty > EmptyPages {
		return p, false
	}
	link = next.After(p.step(ownerID, nil).Lookup, link)
	p.Query = msgraph.Query{Page: msgraph.Page{Link: link}}
	return p, link != ""
}

// step returns the step for a page of a list. Without links it leads to another page only if it is empty, which is
// rare.
func (p Page) step(ownerID string, links loaders.Links) loaders.Step {
	step := requests[p.Owner+"."+p.Name](ownerID, p.Query, links)
	step.Rare = len(p.Links) == 0 && p.Filter == nil
	return step
}
