package plan

import (
	"portico/loaders"
)

// filteredPages are where a page leads of a list that Portico filters: to the next page, and from the last one to what
// the items that are left refer to.
type filteredPages struct {
	*links
	page    Page // this one
	ownerID string
	number  int // of this page, from 1
	items   int // of the pages before
}

var _ loaders.Links = (*filteredPages)(nil)

// Step returns the step for a page of a list, as [loaders.GetStep] reads it.
func (p Page) Step(ownerID string) loaders.Step {
	return requests[p.Owner+"."+p.Name](ownerID, p.Query, &links{})
}

// Follow implements loaders.Links.
func (l *filteredPages) Follow(response any) []loaders.Step {
	list, ok := response.(interface {
		Goes() (items int, link string)
	})
	if !ok {
		return nil
	}
	items, link := list.Goes()
	switch {
	case link != "" && items == 0: // whether it is followed is known when it was: the resolver does
		return nil
	case link != "" && l.number < FilterPages:
		return l.next(items, link)
	case len(l.all) == 0:
		return nil
	}
	start := l.links.page.FromStart()
	return (&links{planner: l.planner, all: l.all, predicted: l.predicted, page: &start}).
		Follow(l.planner.Filtered(*l.links.page, l.ownerID))
}

// next returns the step for the next page, after a number of items in this one.
func (l *filteredPages) next(items int, link string) []loaders.Step {
	next := *l
	next.number++
	next.items += items
	if link, _ = l.planner.NextPage(l.page.Step(l.ownerID).Lookup.Path, link); !next.page.Continue(next.items, link) {
		return nil
	}
	return []loaders.Step{requests[l.page.Owner+"."+l.page.Name](l.ownerID, next.page.Query, &next)}
}
