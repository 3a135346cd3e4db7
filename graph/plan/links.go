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
}

var _ loaders.Links = (*links)(nil)

// Follow returns the steps that a response makes possible: of a page, those for the items that are returned. What was
// predicted rightly is under way; the response decides.
func (l *links) Follow(response any) (steps []loaders.Step) {
	if list, isList := response.(interface{ Cut(drop, first int) any }); isList && l.page != nil {
		response = list.Cut(l.page.After.Drop, l.page.First)
	}
	for i, link := range l.all {
		predicted := l.prediction(i)
		for _, r := range threatintel.References(response, link.path...) {
			if r.ID == predicted {
				continue
			}
			if predicted != "" {
				l.planner.Missed()
			}
			steps = append(steps, l.planner.reference(link, r)...)
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
