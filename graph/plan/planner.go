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

	// reading is the operation that was planned last.
	reading *Reading
	// estimates is there while the operation is planned, and nil when its responses are: by then it is under way.
	estimates *estimator
	// hinted counts the references that hints predicted.
	hinted atomic.Int64
}

// Plan returns the steps of an operation.
func (p *Planner) Plan(r *Reading) []loaders.Step {
	if p.reading = r; r.operation.Operation != ast.Query {
		return nil
	}
	defer func() { p.estimates = nil }()
	p.estimates = newEstimator(p)
	fields := r.Select(r.operation.SelectionSet).fields(Schema.Query)
	steps := make([]loaders.Step, 0, 2*len(fields)) // often each has a hint
	for i := range fields {
		if !fields[i].deferred {
			steps = p.root(steps, r.call(&fields[i]))
		}
	}
	return steps
}

// root adds the steps for a field of the root. Ids and representations that are refused are left to the resolver, which
// reports them at their path.
func (p *Planner) root(steps []loaders.Step, call *Call) []loaders.Step {
	switch {
	case call.kind != kindRequest:
		return steps
	case call.Representations != nil:
		return p.named(steps, call.Selection, call.Representations, (*Projection).ExceedsKey)
	case call.ByID:
		return p.named(steps, call.Selection, call.IDs, (*Projection).NeedsOwn)
	}
	return p.request(steps, "", call)
}

// named adds the steps for the entities that a field names, for each once. needsOwn reports whether an entity itself is
// requested.
func (p *Planner) named(
	steps []loaders.Step, s Selection, keys []*Key, needsOwn func(*Projection) bool,
) []loaders.Step {
	seen := map[string]bool{}
	for _, key := range keys {
		if key.Refused != nil || seen[key.resource.path()] {
			continue
		}
		seen[key.resource.path()] = true
		projection := s.Of(&key.Target)
		steps = p.entity(steps, &key.Target, projection, needsOwn(projection))
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

// reference adds the steps for what a link leads to; none, if the reference itself is enough.
func (p *Planner) reference(steps []loaders.Step, link *Link, r threatintel.Reference) []loaders.Step {
	if link.complete && !r.Bare {
		return steps
	}
	t, projection := p.reading.Target(link.selection, link.target, r)
	if t.Endpoint == nil {
		return steps
	}
	return p.entity(steps, t, projection, link.needsOwn(projection, r))
}

// entity adds the steps for one entity: its own, if it is requested itself, and those for the requests below it.
func (p *Planner) entity(steps []loaders.Step, t *Target, projection *Projection, own bool) []loaders.Step {
	if own {
		steps = p.own(steps, t, projection)
	}
	d := doubtOf(t, own, projection.Requests)
	for i := range projection.Requests {
		call, at := p.reading.call(&projection.Requests[i]), len(steps)
		if steps = p.request(steps, t.ID, call); len(steps) > at {
			steps[at].List = call.Connection != nil
			d.watch(&steps[at])
		}
	}
	return steps
}

// own adds the step for an entity's own properties, and those for what its id predicts.
func (p *Planner) own(steps []loaders.Step, t *Target, projection *Projection) []loaders.Step {
	if len(projection.Links) == 0 {
		return append(steps, t.Step(projection.ByID(), nil))
	}
	l := &links{planner: p, all: projection.Links}
	return p.predicting(append(steps, t.Step(projection.ByID(), l)), l, func(link *Link) string {
		if link.hint == nil {
			return ""
		}
		return link.hint(t.ID)
	})
}

// predicting adds the steps for what the links of the last step are likely to lead to, and sets their ids. guess
// returns the id of a link, or an empty one.
func (p *Planner) predicting(steps []loaders.Step, l *links, guess func(*Link) string) []loaders.Step {
	at := len(steps) - 1
	if p.HostHints {
		for i := range l.all {
			link := &l.all[i]
			id := guess(link)
			if id == "" {
				continue
			}
			if l.predicted == nil {
				l.predicted = make([]string, len(l.all))
			}
			l.predicted[i] = id
			p.hinted.Add(1)
			steps = p.reference(steps, link, threatintel.Reference{ID: id})
		}
	}
	steps[at].Expected = p.expected(l)
	return steps
}

// Hinted returns how many references hints have predicted so far, rightly or not.
func (p *Planner) Hinted() int { return int(p.hinted.Load()) }

// predictingOwner is predicting for a request below an owner, whose response refers back to the owner.
func (p *Planner) predictingOwner(steps []loaders.Step, l *links, call *Call, ownerID string) []loaders.Step {
	return p.predicting(steps, l, func(link *Link) string {
		if !call.refersBack(link) {
			return ""
		}
		return ownerID
	})
}

// request adds the step for a request below an owner, or at the root: one entity, or a page of a list.
func (p *Planner) request(steps []loaders.Step, ownerID string, call *Call) []loaders.Step {
	step := requests[call.Owner+"."+call.Name]
	switch {
	case step == nil:
		return steps
	case call.Connection == nil:
		return p.single(steps, ownerID, call, step)
	}
	page, err := call.Page(ownerID, p.Sealer)
	if err != nil || page.Empty {
		return steps // the resolver reports an error, at its path
	}
	l := &links{planner: p, all: page.Links, page: &page, ownerID: ownerID}
	var follow loaders.Links = l
	if page.Filter != nil {
		follow = &filteredPages{links: l, page: page, number: 1}
	}
	return p.predictingOwner(append(steps, page.step(ownerID, follow)), l, call, ownerID)
}

// single adds the steps for a request below an owner that returns one entity.
func (p *Planner) single(steps []loaders.Step, ownerID string, call *Call, step newStep) []loaders.Step {
	projection := call.Selection.Project(call.Target, call.Target)
	l := &links{planner: p, all: call.linksOfEntity()}
	if len(l.all) == 0 {
		return append(steps, step(ownerID, projection.Query, nil))
	}
	return p.predictingOwner(append(steps, step(ownerID, projection.Query, l)), l, call, ownerID)
}

// Part returns the steps for what was deferred of an owner, now that the owner is there.
func (p *Planner) Part(s Selection, on *ast.Definition, owner any) (steps []loaders.Step) {
	fields := s.fields(on)
	for i := range fields {
		if !fields[i].deferred { // what is deferred inside is a part of its own
			steps = p.begun(steps, p.reading.call(&fields[i]), owner)
		}
	}
	return steps
}

// begun adds the steps for one field of a part.
func (p *Planner) begun(steps []loaders.Step, call *Call, owner any) []loaders.Step {
	switch {
	case call.Owner == Schema.Query.Name:
		return p.root(steps, call)
	case call.kind == kindRequest:
		for _, r := range threatintel.References(owner) {
			steps = p.request(steps, r.ID, call)
		}
	case call.kind == kindNavigation:
		link := Link{target: call.Target, carries: call.Carries, selection: call.Selection}
		for _, r := range threatintel.References(owner, call.Name) {
			steps = p.reference(steps, &link, r)
		}
	case call.Target != nil:
		l := &links{planner: p, all: call.Selection.linksInside(call.Target, []string{call.Name})}
		return append(steps, l.Follow(owner)...)
	}
	return steps
}
