package graph

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json"

	"portico/graph/code"
	"portico/graph/plan"
	"portico/loaders"
)

// evidenceFor weighs what Microsoft Graph said about an entity whose own lookup is not needed here. A lookup that was
// sent for another field decides, unless it failed. Else all that was requested below the entity counts, for whatever
// field.
func (op *operation) evidenceFor(ctx context.Context, e entity) (found plan.Evidence) {
	if len(e.Requests) == 0 {
		return plan.Silent
	}
	own := e.Lookup().Path
	switch op.loader.Presence(ctx, own) {
	case loaders.Present:
		return plan.Established
	case loaders.Absent:
		return plan.Absent
	}
	op.loader.Below(ctx, own, func(list bool, said loaders.Presence) { found = max(found, plan.EvidenceOf(list, said)) })
	return found
}

// exists reports whether Microsoft Graph knows an entity whose own lookup is not needed. In doubt it sends one, which
// the budget may not allow: then the entity stays, with a warning.
func (op *operation) exists(ctx context.Context, e entity, in paths) (bool, error) {
	found := op.evidenceFor(ctx, e)
	if found != plan.Doubtful {
		return found != plan.Absent, nil
	}
	known, err := op.loader.Exists(ctx, e.Lookup())
	if _, spent := errors.AsType[*loaders.BudgetError](err); spent {
		for _, path := range in(nil) {
			op.warnings.add(ctx, path, code.Unverified,
				"Portico could not verify that this entity exists: the limit of upstream requests was reached.")
		}
		return true, nil
	}
	return known, err
}

// ifExists returns what is held of an entity whose own lookup is not needed, or the zero value if there is no such
// entity.
func ifExists[T any](ctx context.Context, e entity, held T, in paths) (T, error) {
	known, err := operationOf(ctx).exists(ctx, e, in)
	if known && err == nil {
		return held, nil
	}
	var none T
	return none, err
}

// bare returns an entity of which nothing but the id is needed, and what lives below it, if there is such an entity.
func bare[T any](ctx context.Context, e entity, in paths) (T, error) {
	text, err := json.Marshal(map[string]string{"id": e.ID})
	if err != nil {
		panic(err) // a string that CanonicalID took
	}
	node, _, err := e.Decode(text)
	held, _ := node.(T)
	if err != nil {
		return held, err
	}
	return ifExists(ctx, e, held, in)
}
