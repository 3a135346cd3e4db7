package graph

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/loaders"
	"portico/threatintel"
)

// planner finds, before execution, every lookup of an operation whose key is already known, and says what their answers
// lead to. It sends nothing.
type planner struct {
	maxIDs    int
	hints     bool
	countMiss func() // called when an answer contradicts a hint
}

// plan returns the steps of an operation. A deferred root field is planned like any other: it is answered at once.
func (p *planner) plan(oc *graphql.OperationContext) (steps []loaders.Step, err error) {
	if oc.Operation.Operation != ast.Query {
		return nil, nil
	}
	root := selectionOf(oc, oc.Operation.SelectionSet)
	root.each(facts.schema.Query, func(f *ast.Field, _ bool) {
		fact := facts.fields[facts.schema.Query.Name][f.Name]
		if fact.kind != request || err != nil {
			return
		}
		ids := idsOf(f, oc.Variables)
		if len(ids) > p.maxIDs {
			err = &limitError{code: "LIMIT_IDS", what: "ids in one list", found: len(ids), allowed: p.maxIDs}
			return
		}
		for _, id := range ids {
			if threatintel.CheckID(id) == nil { // the resolver reports it, at its path
				steps = append(steps, p.entity(fact.target, id, selectionOf(oc, f.SelectionSet))...)
			}
		}
	})
	return steps, err
}

// idsOf returns the keys that a root field's arguments name, by literal or by variable.
func idsOf(f *ast.Field, vars map[string]any) []string {
	args := f.ArgumentMap(vars)
	if id, ok := args["id"]; ok {
		return []string{fmt.Sprint(id)}
	}
	list, isList := args["ids"].([]any)
	if !isList { // a single value stands for a list of one
		list = []any{args["ids"]}
	}
	ids := make([]string, len(list))
	for i, id := range list {
		ids[i] = fmt.Sprint(id)
	}
	return ids
}

// entity returns the step for one entity, and those for what its id foretells.
func (p *planner) entity(declared *ast.Definition, id string, s selection) []loaders.Step {
	kind := entities[declared.Name]
	needed := s.project(declared, facts.concrete(declared, id))
	if len(needed.follows) == 0 {
		return []loaders.Step{kind.plan(id, needed.query, nil)}
	}
	foretold := make([]string, len(needed.follows))
	steps := make([]loaders.Step, 1, 2)
	for i, f := range needed.follows {
		if hinted, ok := p.hint(kind, f, id); ok {
			foretold[i] = hinted
			steps = append(steps, p.reference(f, hinted)...)
		}
	}
	steps[0] = kind.plan(id, needed.query, func(answer any) []loaders.Step {
		return p.follow(needed.follows, foretold, answer)
	})
	steps[0].AtLeast = 1 + len(needed.follows) - len(steps)
	return steps
}

// hint returns the id that a navigation property of the entity with this id is likely to refer to.
func (p *planner) hint(kind entity, f follow, id string) (string, bool) {
	foretell := kind.hints[f.path[0]]
	if !p.hints || foretell == nil || len(f.path) != 1 {
		return "", false
	}
	return foretell(id)
}

// follow returns the steps that an answer makes possible. What was foretold rightly is under way; the answer decides.
func (p *planner) follow(follows []follow, foretold []string, answer any) (steps []loaders.Step) {
	for i, f := range follows {
		for _, id := range threatintel.References(answer, f.path...) {
			if id == foretold[i] {
				continue
			}
			if foretold[i] != "" {
				p.countMiss()
			}
			steps = append(steps, p.reference(f, id)...)
		}
	}
	return steps
}

// reference returns the steps for what a reference leads to; none, if the reference itself is enough for its type.
func (p *planner) reference(f follow, id string) []loaders.Step {
	if f.selected.project(f.target, facts.concrete(f.target, id)).isCarriedBy(f.carries) {
		return nil
	}
	return p.entity(f.target, id, f.selected)
}
