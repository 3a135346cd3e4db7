package plan

import (
	"portico/loaders"
)

// filteredPages are where a page leads of a list that Portico filters: to the next page, and from the last one to what
// the items that are left refer to.
type filteredPages struct {
	*links
	page   Page // this one
	number int  // of this page, from 1, empty pages not counted
	items  int  // of the pages before
	empty  int  // empty pages directly before this one
}

// Step returns the step for a page of a list, as [loaders.GetStep] reads it.
func (p Page) Step(ownerID string) loaders.Step { return p.step(ownerID, nil) }

// Follow implements loaders.Links.
func (l *filteredPages) Follow(response any) []loaders.Step {
	list, ok := response.(listResponse)
	if !ok {
		return nil
	}
	next := *l
	items, link := list.Goes()
	var more bool
	switch {
	case items == 0:
		next.empty++
		next.page, more = l.page.afterEmpty(l.ownerID, next.empty, list, l.planner.NextPage)
	case link != "" && l.number < FilterPages:
		next.page, next.number, next.items, next.empty = *l.links.page, l.number+1, l.items+items, 0
		more = next.page.Continue(next.items, l.planner.NextPage.After(l.page.Step(l.ownerID).Lookup, link))
	}
	if !more {
		return l.last()
	}
	step := next.page.step(l.ownerID, &next)
	step.Settled = next.settled
	return []loaders.Step{step}
}

// settled ends the list before this page, if Microsoft Graph does not know the page.
func (l *filteredPages) settled(said loaders.Presence) []loaders.Step {
	if said != loaders.Absent {
		return nil
	}
	return l.last()
}

// last returns the steps for what the items refer to that are left of the list, when its last page is in.
func (l *filteredPages) last() []loaders.Step {
	if len(l.all) == 0 {
		return nil
	}
	start := l.links.page.FromStart()
	return (&links{planner: l.planner, all: l.all, predicted: l.predicted, page: &start}).
		Follow(l.planner.Filtered(*l.links.page, l.ownerID))
}
