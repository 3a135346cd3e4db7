package plan

import (
	"portico/loaders"
)

// filteredPages are where a page leads of a list that Portico filters: to the next page, and from the last one to what the
// items that are left refer to.
type filteredPages struct {
	*links
	ownerID string
	step    newStep
	number  int // of this page, from 1
	items   int // of the pages before
}

var _ loaders.Links = (*filteredPages)(nil)

// Follow implements loaders.Links.
func (l *filteredPages) Follow(response any) []loaders.Step {
	list, ok := response.(interface{ Goes() (items int, on bool) })
	if !ok {
		return nil
	}
	items, more := list.Goes()
	if more && items > 0 && l.number < FilterPages {
		return []loaders.Step{l.next(items)}
	}
	if len(l.all) == 0 {
		return nil
	}
	start := l.page.FromStart()
	return (&links{planner: l.planner, all: l.all, predicted: l.predicted, page: &start}).
		Follow(l.planner.Filtered(*l.page, l.ownerID))
}

// next is the step for the next page, after a number of items in this one. A page may be shorter than was requested.
func (l *filteredPages) next(items int) loaders.Step {
	next := *l
	next.number++
	next.items += items
	query := l.page.Query
	query.Page.Skip = next.items
	return l.step(l.ownerID, query, &next)
}
