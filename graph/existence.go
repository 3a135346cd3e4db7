package graph

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json"

	"portico/graph/code"
	"portico/graph/plan"
	"portico/loaders"
)

// evidence is what the responses to the requests below an entity say about the entity.
type evidence int

const (
	silent      evidence = iota // nothing was requested, or every request failed: the entity stays
	doubtful                    // a single entity below it is unknown, which a known owner may lack
	absent                      // a list below it is unknown, and nothing below it is known
	established                 // one request below it is known
)

// evidenceFor weighs what Microsoft Graph said about an entity whose own lookup is not needed here. A lookup that was
// sent for another field decides, unless it failed.
func (op *operation) evidenceFor(ctx context.Context, e entity) evidence {
	if len(e.Calls) == 0 {
		return silent
	}
	switch op.loader.Presence(ctx, e.Lookup().Path, false, true) {
	case loaders.Present:
		return established
	case loaders.Absent:
		return absent
	}
	found := silent
	for _, call := range e.Calls {
		switch op.loader.Presence(ctx, call.PathBelow(e.ID), call.Connection != nil, true) {
		case loaders.Present:
			return established
		case loaders.Absent:
			found = max(found, evidenceOf(call))
		}
	}
	return found
}

// evidenceOf is what it means for the owner that Microsoft Graph does not know what lives below it.
func evidenceOf(call plan.Call) evidence {
	if call.Connection != nil {
		return absent
	}
	return doubtful
}

// exists reports whether Microsoft Graph knows an entity whose own lookup is not needed. In doubt it sends one, which
// the budget may not allow: then the entity stays, with a warning.
func (op *operation) exists(ctx context.Context, e entity, in paths) (bool, error) {
	found := op.evidenceFor(ctx, e)
	if found != doubtful {
		return found != absent, nil
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

// settle sends the lookups of the entities in doubt together. exists then finds them under way.
func (op *operation) settle(ctx context.Context, all []entity) {
	var steps []loaders.Step
	for _, e := range all {
		if !e.own && op.evidenceFor(ctx, e) == doubtful {
			steps = append(steps, loaders.Step{Lookup: e.Lookup()})
		}
	}
	if len(steps) > 1 { // a single one needs no company
		op.loader.Gather(steps)
	}
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
	node, _, err := e.Request(e.Query).Decode(text)
	held, _ := node.(T)
	if err != nil {
		return held, err
	}
	return ifExists(ctx, e, held, in)
}
