package plan

import (
	"fmt"

	"github.com/vektah/gqlparser/v2/ast"
)

// waves counts items, by the wave that requests them.
type waves []int

// add adds n times the waves of what starts after the given number of waves.
func (w *waves) add(after, n int, more waves) {
	for i, items := range more {
		for len(*w) <= after+i {
			*w = append(*w, 0)
		}
		(*w)[after+i] = saturating((*w)[after+i] + product(n, items))
	}
}

// most keeps the larger of each wave.
func (w *waves) most(other waves) {
	for i, items := range other {
		if i >= len(*w) {
			*w = append(*w, 0)
		}
		(*w)[i] = max((*w)[i], items)
	}
}

func product(n, items int) int {
	if n > 0 && items > saturating(1<<30)/n {
		return saturating(1 << 30)
	}
	return n * items
}

// items is how many there are in all waves.
func (w waves) items() (all int) {
	for _, items := range w {
		all = saturating(all + items)
	}
	return all
}

// pages adds the further pages of a list that Portico filters or sorts, one after the other, and returns the wave
// after the last one.
func (w *waves) pages(page Page) (next int) {
	if page.Filter == nil {
		return 1
	}
	for n := 1; n < FilterPages; n++ {
		w.add(n, 1, waves{1})
	}
	return FilterPages
}

// saturating keeps a number that is far beyond every limit from growing without end.
func saturating(n int) int { return min(n, 1<<30) }

// estimator works out what may be requested, for the estimate of an operation and for its price. It follows where
// responses may lead, as the planner does once they are there.
type estimator struct {
	planner *Planner
	known   map[estimateKey]waves
}

// estimateKey identifies what a link requests. How much that costs does not depend on the id.
type estimateKey struct {
	first  ast.Selection
	more   string // the other selection sets
	target string
	inline bool
}

// others identifies selection sets by where they are in memory.
func others(sets []ast.SelectionSet) string {
	var text []byte
	for _, set := range sets {
		text = fmt.Appendf(text, "%p ", set)
	}
	return string(text)
}

func newEstimator(p *Planner) *estimator { return &estimator{p, map[estimateKey]waves{}} }

// step returns the waves of a request and of what its response may lead to. What was predicted is a step of its own,
// and what all items of a list refer back to is one entity.
func (e *estimator) step(l *links) waves {
	all := waves{1}
	times, next := 1, 1
	if l.page != nil {
		times, next = l.page.First, all.pages(*l.page)
	}
	for i, link := range l.all {
		switch {
		case l.prediction(i) != "":
		case l.page != nil && e.planner.HostHints && l.page.refersBack(&link):
			all.add(next, 1, e.link(link))
		default:
			all.add(next, times, e.link(link))
		}
	}
	return all
}

// link returns the waves of what a link leads to, from the one that requests its target: in each as many items as for
// the costliest type that the target may have.
func (e *estimator) link(link Link) (all waves) {
	if len(link.selection.first) == 0 || link.complete {
		return nil
	}
	key := estimateKey{link.selection.first[0], others(link.selection.more), link.target.Name, link.inline}
	if known, ok := e.known[key]; ok {
		return known
	}
	for _, concrete := range catalog.objects[link.target.Name] {
		all.most(e.target(link, concrete))
	}
	e.known[key] = all
	return all
}

func (e *estimator) target(link Link, concrete *ast.Definition) (all waves) {
	declared := endpointType(concrete)
	if declared == nil {
		return nil
	}
	projection := link.selection.Project(declared, concrete)
	if !link.inline && !projection.IsCarriedBy(link.carries) {
		all.add(0, 1, e.step(&links{all: projection.Links}))
	}
	for i := range projection.Requests {
		all.add(0, 1, e.call(e.planner.reading.call(&projection.Requests[i])))
	}
	return all
}

// call returns the waves of a request below an entity. A cursor belongs to one entity, which is not known yet, so the
// cursor is ignored: the list counts in full.
func (e *estimator) call(call *Call) waves {
	if call.Connection == nil {
		return e.step(&links{all: call.linksOfEntity()})
	}
	page, err := call.fromStart().Page("", e.planner.Sealer)
	if err != nil || page.Empty {
		return nil
	}
	return e.step(&links{all: page.Links, page: &page})
}
