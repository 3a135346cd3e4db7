package plan

import (
	"portico/loaders"
	"portico/threatintel"
)

// links are where the response to one step leads.
type links struct {
	planner *Planner
	all     []Link
	// predicted holds the ids that hints gave for the links, empty where there was no hint. Nil: there was none at all.
	predicted []string
	page      *Page // of a list
	ownerID   string
	empty     int // pages without items before this one
}

var _ loaders.Links = (*links)(nil)

// Follow returns the steps that a response makes possible: of a page, those for the items that are returned, or the one
// for the next page if this one is empty. What was predicted rightly is under way; the response decides.
func (l *links) Follow(response any) (steps []loaders.Step) {
	if list, isList := response.(listResponse); isList && l.page != nil {
		if next := l.afterEmpty(list); next != nil {
			return next
		}
		response = list.Cut(l.page.After.Drop, l.page.First)
	}
	var found []threatintel.Reference
	for i := range l.all {
		link := &l.all[i]
		predicted := l.prediction(i)
		found = threatintel.AppendReferences(found[:0], response, link.path...)
		for _, r := range found {
			if r.ID == predicted {
				continue
			}
			if predicted != "" {
				l.planner.Missed()
			}
			steps = l.planner.reference(steps, link, r)
		}
	}
	return steps
}

func (l *links) prediction(i int) string {
	if l.predicted == nil {
		return ""
	}
	return l.predicted[i]
}

// afterEmpty returns the step for the page after this one, if this one turned out to be empty.
func (l *links) afterEmpty(response listResponse) []loaders.Step {
	next := *l
	next.empty++
	page, more := l.page.afterEmpty(l.ownerID, next.empty, response, l.planner.NextPage)
	if !more {
		return nil
	}
	next.page = &page
	return []loaders.Step{page.step(l.ownerID, &next)}
}
