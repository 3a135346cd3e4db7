package plan

import (
	"sync/atomic"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/threatintel"
)

// Planner finds, before execution, every lookup of an operation whose key is already known, and says what their
// responses lead to. It sends nothing.
type Planner struct {
	// HostHints lets an id predict what its entity, or the items of its lists, refer to, so that both are requested at the
	// same time.
	HostHints bool
	// Missed is called when a response contradicts a hint.
	Missed func()
	Sealer *Sealer
	// Filtered returns what is left of a list that Portico filters, from the first item of the page on. It is called when
	// all pages of the list are in.
	Filtered func(page Page, ownerID string) any
	NextPage NextPage

	// estimates is there while the operation is planned, and nil when its responses are: by then it is under way.
	estimates *estimator
	// hinted counts the references that hints predicted.
	hinted atomic.Int64
}

// Plan returns the steps of an operation.
func (p *Planner) Plan(r *Reading) (steps []loaders.Step) {
	if r.operation.Operation != ast.Query {
		return nil
	}
	defer func() { p.estimates = nil }()
	p.estimates = newEstimator(p)
	for _, call := range r.Select(r.operation.SelectionSet).calls(Schema.Query) {
		if !call.deferred {
			steps = append(steps, p.root(call)...)
		}
	}
	return steps
}

// root returns the steps for a field of the root. Ids and representations that are refused are left to the resolver,
// which reports them at their path.
func (p *Planner) root(call Call) []loaders.Step {
	switch {
	case call.kind != kindRequest:
		return nil
	case call.Representations != nil:
		return p.named(call.Selection, call.Representations, Projection.ExceedsKey)
	case call.ByID:
		return p.named(call.Selection, call.IDs, Projection.NeedsOwn)
	}
	return p.request("", call)
}

// named returns the steps for the entities that a field names, for each once. needsOwn reports whether an entity itself
// is requested.
func (p *Planner) named(s Selection, keys []Key, needsOwn func(Projection) bool) (steps []loaders.Step) {
	seen := make(map[string]bool, len(keys))
	for _, key := range keys {
		if key.Refused != nil || seen[key.Lookup().Path] {
			continue
		}
		seen[key.Lookup().Path] = true
		projection := s.Of(key.Target)
		steps = append(steps, p.entity(key.Target, projection, needsOwn(projection))...)
	}
	return steps
}

// expected is how many requests a response may lead to.
func (p *Planner) expected(l *links) int {
	switch {
	case p.estimates != nil:
		return p.estimates.step(l).items() - 1
	case l.page != nil && l.page.Filter != nil:
		return FilterPages - 1
	}
	return 0
}

// reference returns the steps for what a link leads to; none, if the reference itself is enough.
func (p *Planner) reference(link Link, r threatintel.Reference) []loaders.Step {
	t, projection := link.selection.Target(link.target, r)
	if t.Endpoint == nil {
		return nil
	}
	return p.entity(t, projection, link.needsOwn(projection, r))
}

// entity returns the steps for one entity: its own, if it is requested itself, and those for the requests below it.
func (p *Planner) entity(t Target, projection Projection, own bool) (steps []loaders.Step) {
	if own {
		steps = p.own(t, projection)
	}
	d := doubtOf(t, own, projection.Calls)
	for _, call := range projection.Calls {
		below := p.request(t.ID, call)
		if len(below) > 0 {
			below[0].List = call.Connection != nil
			d.watch(&below[0])
		}
		steps = append(steps, below...)
	}
	return steps
}

// own returns the step for an entity's own properties, and those for what its id predicts.
func (p *Planner) own(t Target, projection Projection) []loaders.Step {
	if len(projection.Links) == 0 {
		return []loaders.Step{t.resource.step(projection.Query, nil)}
	}
	l := &links{planner: p, all: projection.Links}
	predicted := p.predict(l, func(link Link) string { return hint(t.Endpoint.Name, link, t.ID) })
	own := t.resource.step(projection.Query, l)
	own.Expected = p.expected(l)
	return append([]loaders.Step{own}, predicted...)
}

// predict sets the ids that links are likely to lead to, and returns the steps for what they name. guess returns the id
// of a link, or an empty one.
func (p *Planner) predict(l *links, guess func(Link) string) (steps []loaders.Step) {
	if !p.HostHints {
		return nil
	}
	for i, link := range l.all {
		id := guess(link)
		if id == "" {
			continue
		}
		if l.predicted == nil {
			l.predicted = make([]string, len(l.all))
		}
		l.predicted[i] = id
		p.hinted.Add(1)
		steps = append(steps, p.reference(link, threatintel.Reference{ID: id})...)
	}
	return steps
}

// Hinted returns how many references hints have predicted so far, rightly or not.
func (p *Planner) Hinted() int { return int(p.hinted.Load()) }

// hint returns the id that a navigation property of an entity is likely to refer to, by the id of the entity.
func hint(owner string, link Link, id string) string {
	predict := hintsOf[owner][link.path[0]]
	if predict == nil || len(link.path) != 1 {
		return ""
	}
	found, _ := predict(id)
	return found
}

// predictOwner predicts that what a request below an owner returns refers back to the owner.
func (p *Planner) predictOwner(l *links, call Call, ownerID string) []loaders.Step {
	return p.predict(l, func(link Link) string {
		if !call.refersBack(link) {
			return ""
		}
		return ownerID
	})
}

// request returns the step for a request below an owner, or at the root: one entity, or a page of a list.
func (p *Planner) request(ownerID string, call Call) []loaders.Step {
	step := requests[call.Owner+"."+call.Name]
	switch {
	case step == nil:
		return nil
	case call.Connection == nil:
		return p.single(ownerID, call, step)
	}
	page, err := call.Page(ownerID, p.Sealer)
	if err != nil || page.Empty {
		return nil // the resolver reports an error, at its path
	}
	l := &links{planner: p, all: page.Links, page: &page, ownerID: ownerID}
	var follow loaders.Links = l
	if page.Filter != nil {
		follow = &filteredPages{links: l, page: page, number: 1}
	}
	predicted := p.predictOwner(l, call, ownerID)
	planned := page.step(ownerID, follow)
	planned.Expected = p.expected(l)
	return append([]loaders.Step{planned}, predicted...)
}

// single returns the steps for a request below an owner that returns one entity.
func (p *Planner) single(ownerID string, call Call, step newStep) []loaders.Step {
	projection := call.Selection.Project(call.Target, call.Target)
	l := &links{planner: p, all: call.linksOfEntity()}
	if len(l.all) == 0 {
		return []loaders.Step{step(ownerID, projection.Query, nil)}
	}
	predicted := p.predictOwner(l, call, ownerID)
	planned := step(ownerID, projection.Query, l)
	planned.Expected = p.expected(l)
	return append([]loaders.Step{planned}, predicted...)
}

// Part returns the steps for what was deferred of an owner, now that the owner is there.
func (p *Planner) Part(s Selection, on *ast.Definition, owner any) (steps []loaders.Step) {
	for _, call := range s.calls(on) {
		if !call.deferred { // what is deferred inside is a part of its own
			steps = append(steps, p.begun(call, on, owner)...)
		}
	}
	return steps
}

// begun returns the steps for one field of a part.
func (p *Planner) begun(call Call, on *ast.Definition, owner any) (steps []loaders.Step) {
	switch {
	case on == Schema.Query:
		return p.root(call)
	case call.kind == kindRequest:
		for _, r := range threatintel.References(owner) {
			steps = append(steps, p.request(r.ID, call)...)
		}
	case call.kind == kindNavigation:
		for _, r := range threatintel.References(owner, call.Name) {
			steps = append(steps, p.reference(Link{target: call.Target, carries: call.Carries, selection: call.Selection}, r)...)
		}
	case call.Target != nil:
		l := &links{planner: p, all: call.Selection.linksInside(call.Target, []string{call.Name})}
		return l.Follow(owner)
	}
	return steps
}
