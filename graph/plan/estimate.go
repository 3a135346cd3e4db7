package plan

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// estimateKey identifies what a link requests. How much that costs does not depend on the id.
type estimateKey struct {
	first  ast.Selection
	more   int
	target string
	inline bool
}

// Expected returns how many requests a link may lead to: as many as for the costliest type that its target may have,
// with every list as long as it may be.
func (p *Planner) expected(link Link) int {
	if p.estimates == nil || len(link.selection.first) == 0 {
		return 0
	}
	key := estimateKey{link.selection.first[0], len(link.selection.more), link.target.Name, link.inline}
	known, ok := p.estimates[key]
	if !ok {
		for _, concrete := range catalog.objects[link.target.Name] {
			known = max(known, p.expectedAs(concrete, link))
		}
		p.estimates[key] = known
	}
	return known
}

func (p *Planner) expectedAs(concrete *ast.Definition, link Link) (cost int) {
	declared := endpointType(concrete)
	if declared == nil {
		return 0
	}
	projection := link.selection.Project(declared, concrete)
	if !link.inline && !projection.IsCarriedBy(link.carries) {
		cost = 1
		for _, next := range projection.Links { // what its response leads to
			cost = saturating(cost + p.expected(next))
		}
	}
	for _, call := range projection.Calls {
		cost = saturating(cost + p.expectedOfRequest(call))
	}
	return cost
}

// expectedOfRequest is how many requests one below an entity takes, with those that it may lead to.
func (p *Planner) expectedOfRequest(call Call) (cost int) {
	if call.Connection != nil {
		page, err := call.Page("", p.Sealer)
		if err != nil || page.Empty {
			return 0
		}
		return saturating(1 + p.expectedOfPage(page, &links{}))
	}
	projection := call.Selection.Project(call.Target, call.Target)
	for _, link := range append(projection.Links, projection.linkToItself(call.Target, nil, call.Selection)...) {
		cost = saturating(cost + p.expected(link))
	}
	return saturating(1 + cost)
}

// expectedOfLinks is how many requests the links of one entity may lead to. What was predicted is counted by itself.
func (p *Planner) expectedOfLinks(l *links) (all int) {
	for i, link := range l.all {
		if l.prediction(i) == "" {
			all = saturating(all + p.expected(link))
		}
	}
	return all
}

// expectedOfPage is how many requests a page may lead to, with the further pages that Portico may read to filter or
// sort the list. What all items refer back to is one entity.
func (p *Planner) expectedOfPage(page Page, l *links) (all int) {
	if page.Filter != nil {
		all = FilterPages - 1
	}
	for i, link := range page.Links {
		switch {
		case l.prediction(i) != "":
		case p.HostHints && page.refersBack(link):
			all = saturating(all + p.expected(link))
		default:
			all = saturating(all + page.First*p.expected(link))
		}
	}
	return all
}

// saturating keeps a number that is far beyond every limit from growing without end.
func saturating(n int) int { return min(n, 1<<30) }
