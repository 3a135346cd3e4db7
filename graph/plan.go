package graph

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// planner finds, before execution, every lookup of an operation whose key is already known, and says what their answers
// lead to. It sends nothing.
type planner struct {
	hints     bool
	countMiss func() // called when an answer contradicts a hint
	cursors   *cursors
	// estimates are kept while the operation is planned, and nil when its answers are: by then it is under way.
	estimates map[estimate]int
}

// estimate identifies what a follow asks for; how much that costs does not depend on the id.
type estimate struct {
	first  ast.Selection
	sets   int
	target string
	whole  bool
}

// plan returns the steps of an operation. A deferred root field is planned like any other: it is answered at once.
func (p *planner) plan(r *reading, op *ast.OperationDefinition) (steps []loaders.Step, err error) {
	if op.Operation != ast.Query {
		return nil, nil
	}
	defer func() { p.estimates = nil }()
	p.estimates = map[estimate]int{}
	root := r.selection(op.SelectionSet)
	root.each(facts.schema.Query, func(f *ast.Field, _ bool) {
		fact := facts.field(facts.schema.Query.Name, f.Name)
		if fact.kind != request || err != nil {
			return
		}
		asks := asked{field: fact, sets: []ast.SelectionSet{f.SelectionSet}, call: r.call(f)}
		switch {
		case err != nil || asks.refused != nil:
		case len(asks.represented) > 0:
			steps = append(steps, p.represented(asks.represented, root.of(asks))...)
		case asks.byID:
			steps = append(steps, p.byIDs(asks, root.of(asks))...)
		default:
			steps = append(steps, p.below("", asks, root.of(asks))...)
		}
	})
	return steps, err
}

// byIDs returns the steps for the entities that a root field names, for each once. Ids that can be no key are left to the
// resolver, which reports them at their path.
func (p *planner) byIDs(asks asked, s selection) (steps []loaders.Step) {
	if asks.connection != nil {
		s, _ = s.nodes(asks.connection)
	}
	seen := make(map[string]bool, len(asks.ids))
	for _, k := range asks.ids {
		if k.refused == nil && !seen[k.id] {
			seen[k.id] = true
			steps = append(steps, p.entity(asks.target, threatintel.Reference{ID: k.id}, s)...)
		}
	}
	return steps
}

// entity returns the steps for an entity that the operation names by its id.
func (p *planner) entity(declared *ast.Definition, r threatintel.Reference, s selection) []loaders.Step {
	t, needed := s.target(declared, r)
	if t.endpoint == nil || t.id == "" {
		return nil
	}
	return p.steps(t, needed, needed.needsOwn())
}

// reference returns the steps for what a reference in an answer leads to; none, if the reference itself is enough.
func (p *planner) reference(f follow, r threatintel.Reference) []loaders.Step {
	t, needed := f.selected.target(f.target, r)
	if t.endpoint == nil {
		return nil
	}
	return p.steps(t, needed, !f.whole && !needed.isCarriedBy(f.carries))
}

// steps returns what one entity has to be asked for: itself, if its own properties are wanted, and what lives below it.
func (p *planner) steps(t target, needed projection, own bool) (steps []loaders.Step) {
	if own {
		steps = p.own(t, needed)
	}
	for _, asks := range needed.owned {
		steps = append(steps, p.below(t.id, asks, asks.selected)...)
	}
	return steps
}

// own returns the step for an entity's own properties, and those for what its id foretells.
func (p *planner) own(t target, needed projection) []loaders.Step {
	e := entities[t.endpoint.Name]
	if len(needed.follows) == 0 {
		return []loaders.Step{e.plan(t.id, needed.query, nil)}
	}
	foretold := make([]string, len(needed.follows))
	steps := make([]loaders.Step, 1, 2)
	for i, f := range needed.follows {
		if hinted, ok := p.hint(e, f, t.id); ok {
			foretold[i] = hinted
			steps = append(steps, p.reference(f, threatintel.Reference{ID: hinted})...)
		}
	}
	steps[0] = e.plan(t.id, needed.query, func(answer any) []loaders.Step {
		return p.follow(needed.follows, foretold, answer)
	})
	for i, f := range needed.follows {
		if foretold[i] == "" {
			steps[0].Expected = saturating(steps[0].Expected + p.expected(f))
		}
	}
	return steps
}

// below returns the step for a request that lives below an owner, or at the root: one entity, or a page of a list.
func (p *planner) below(ownerID string, asks asked, s selection) []loaders.Step {
	plan := owned[asks.owner+"."+asks.name]
	if plan == nil {
		return nil
	}
	l, err := s.listing(asks, p.cursors, ownerID)
	if err != nil || l.empty {
		return nil // the resolver reports an error, at its path
	}
	if len(l.follows) == 0 || l.sifted { // what of a sifted list is shown is known when all of it was seen
		return []loaders.Step{plan(ownerID, l.query, nil)}
	}
	step := plan(ownerID, l.query, func(answer any) []loaders.Step { return p.shown(l, answer) })
	step.Expected = p.expectedOf(l)
	return []loaders.Step{step}
}

// deferred returns the steps for what an entity, which is there, is asked for under @defer.
func (p *planner) deferred(s selection, on *ast.Definition, owner any) (steps []loaders.Step) {
	s.each(on, func(f *ast.Field, deferred bool) {
		asks := asked{field: facts.field(on.Name, f.Name), sets: []ast.SelectionSet{f.SelectionSet}, call: s.call(f)}
		switch {
		case !deferred:
		case asks.kind == request:
			for _, r := range threatintel.References(owner) {
				steps = append(steps, p.below(r.ID, asks, s.of(asks))...)
			}
		case asks.kind == navigation:
			for _, r := range threatintel.References(owner, asks.name) {
				steps = append(steps, p.reference(follow{target: asks.target, carries: asks.carries, selected: s.of(asks)}, r)...)
			}
		}
	})
	return steps
}

// shown returns the steps that an answer makes possible, of a page those for what of it is shown.
func (p *planner) shown(l listing, answer any) []loaders.Step {
	if page, isPage := answer.(interface{ Cut(drop, first int) any }); isPage {
		answer = page.Cut(l.after.Drop, l.first)
	}
	return p.follow(l.follows, make([]string, len(l.follows)), answer)
}

// expected is how many requests one reference may lead to: as many as for the costliest type that it may have, with every
// list as long as it may be.
func (p *planner) expected(f follow) int {
	if p.estimates == nil || len(f.selected.sets) == 0 || len(f.selected.sets[0]) == 0 {
		return 0
	}
	key := estimate{f.selected.sets[0][0], len(f.selected.sets), f.target.Name, f.whole}
	known, ok := p.estimates[key]
	if !ok {
		for _, concrete := range facts.objects[f.target.Name] {
			known = max(known, p.expectedAs(concrete, f))
		}
		p.estimates[key] = known
	}
	return known
}

func (p *planner) expectedAs(concrete *ast.Definition, f follow) (cost int) {
	from := endpoint(concrete)
	if from == nil {
		return 0
	}
	needed := f.selected.project(from, concrete)
	if !f.whole && !needed.isCarriedBy(f.carries) {
		cost = 1
	}
	for _, asks := range needed.owned {
		if l, err := asks.selected.listing(asks, p.cursors, ""); err == nil && !l.empty {
			cost = saturating(cost + 1 + p.expectedOf(l))
		}
	}
	return cost
}

// expectedOf is how many requests a page may lead to.
func (p *planner) expectedOf(l listing) (all int) {
	for _, f := range l.follows {
		all = saturating(all + max(l.first, 1)*p.expected(f))
	}
	return all
}

// saturating keeps a number that is far beyond every limit from growing without end.
func saturating(n int) int { return min(n, 1<<30) }

// hint returns the id that a navigation property of the entity with this id is likely to refer to.
func (p *planner) hint(e entity, f follow, id string) (string, bool) {
	foretell := e.hints[f.path[0]]
	if !p.hints || foretell == nil || len(f.path) != 1 {
		return "", false
	}
	return foretell(id)
}

// follow returns the steps that an answer makes possible. What was foretold rightly is under way; the answer decides.
func (p *planner) follow(follows []follow, foretold []string, answer any) (steps []loaders.Step) {
	for i, f := range follows {
		for _, r := range threatintel.References(answer, f.path...) {
			if r.ID == foretold[i] {
				continue
			}
			if foretold[i] != "" {
				p.countMiss()
			}
			steps = append(steps, p.reference(f, r)...)
		}
	}
	return steps
}

// target is an entity with what is known of it before it is asked for.
type target struct {
	id       string
	concrete *ast.Definition
	endpoint *ast.Definition // what its endpoint declares; nil where there is none
}

// target returns what a reference leads to, and what the selection needs of it.
func (s selection) target(declared *ast.Definition, r threatintel.Reference) (target, projection) {
	t := target{id: r.ID, concrete: concrete(declared, r)}
	if declared.Name == "Node" {
		_, t.id = threatintel.NodeType(r.ID)
	}
	if t.concrete == nil {
		return t, projection{}
	}
	t.endpoint = endpoint(t.concrete)
	from := t.endpoint
	if from == nil {
		from = t.concrete
	}
	return t, s.project(from, t.concrete)
}

// needsOwn reports whether the entity itself has to be asked for: for its properties, or, where nothing but its key is
// wanted, to learn whether there is one. What lives below it can be asked for without.
func (p projection) needsOwn() bool {
	return p.query != (msgraph.Query{}) || len(p.owned) == 0
}
