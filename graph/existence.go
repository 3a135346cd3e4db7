package graph

import (
	"context"
	"errors"

	"github.com/go-json-experiment/json"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/code"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// sought is an entity that is asked for by its id.
type sought struct {
	target
	needed projection
	own    bool // its own lookup is needed
}

// seek reads what a selection needs of the entity that a field names by an id.
func (s selection) seek(declared *ast.Definition, k key) (sought, error) {
	if k.refused != nil {
		return sought{}, k.refused
	}
	t, needed := s.target(declared, threatintel.Reference{ID: k.id})
	if t.endpoint == nil {
		return sought{}, &threatintel.IDError{Reason: "does not tell its type: put it in front, as in HostPort:" + k.id}
	}
	return sought{t, needed, needed.needsOwn()}, nil
}

// evidence is what the responses to the requests below an entity say about the entity.
type evidence int

const (
	silent      evidence = iota // nothing was requested, or every request failed: the entity stays
	doubtful                    // a single entity below it is unknown, which a known owner may lack
	absent                      // a list below it is unknown, and nothing below it is known
	established                 // one request below it is known
)

// evidenceFor weighs what Microsoft Graph said about an entity whose own lookup is not needed here. A lookup that was sent
// for another field decides, unless it failed.
func (op *operation) evidenceFor(ctx context.Context, e sought) evidence {
	if len(e.needed.owned) == 0 {
		return silent
	}
	switch op.loader.Presence(ctx, e.lookup().Path, false) {
	case loaders.Present:
		return established
	case loaders.Absent:
		return absent
	}
	found := silent
	for _, asks := range e.needed.owned {
		switch op.loader.Presence(ctx, pathBelow(e.id, asks), true) {
		case loaders.Present:
			return established
		case loaders.Absent:
			found = max(found, evidenceOf(asks))
		}
	}
	return found
}

// evidenceOf is what it means for the owner that Microsoft Graph does not know what lives below it.
func evidenceOf(asks asked) evidence {
	if asks.connection != nil {
		return absent
	}
	return doubtful
}

// lookup is the lookup that verifies that there is such an entity.
func (e sought) lookup() msgraph.Lookup {
	return entities[e.endpoint.Name].fetch(e.id, msgraph.Query{}).Lookup
}

func pathBelow(ownerID string, asks asked) string {
	return owned[asks.owner+"."+asks.name](ownerID, msgraph.Query{}, nil).Lookup.Path
}

// exists reports whether Microsoft Graph knows an entity whose own lookup is not needed. In doubt it sends one, which the
// budget may not allow: then the entity stays, with a warning. place translates paths of its properties into those of the
// response.
func (op *operation) exists(ctx context.Context, e sought, place func([]string) []ast.Path) (bool, error) {
	found := op.evidenceFor(ctx, e)
	if found != doubtful {
		return found != absent, nil
	}
	known, err := op.loader.Exists(ctx, e.lookup())
	if _, spent := errors.AsType[*loaders.BudgetError](err); spent {
		for _, path := range place(nil) {
			op.warn(ctx, path, code.Unverified, "Microsoft Graph does not know what was requested below this entity, and the limit of upstream requests left none to verify that it knows the entity")
		}
		return true, nil
	}
	return known, err
}

// settle sends the lookups of the entities in doubt together. exists then finds them under way.
func (op *operation) settle(ctx context.Context, all []sought) {
	var steps []loaders.Step
	for _, e := range all {
		if !e.own && op.evidenceFor(ctx, e) == doubtful {
			steps = append(steps, loaders.Step{Lookup: e.lookup()})
		}
	}
	if len(steps) > 1 { // a single one needs no company
		op.loader.Gather(steps)
	}
}

// ifExists returns what is held of an entity whose own lookup is not needed, or the zero value if there is no such entity.
func ifExists[T any](ctx context.Context, e sought, held T, place func([]string) []ast.Path) (T, error) {
	known, err := operationOf(ctx).exists(ctx, e, place)
	if known && err == nil {
		return held, nil
	}
	var none T
	return none, err
}

// bare returns an entity of which nothing but the id is needed, and what lives below it, if there is such an entity.
func bare[T any](ctx context.Context, e sought, request msgraph.Request[T], place func([]string) []ast.Path) (T, error) {
	text, err := json.Marshal(map[string]string{"id": e.id})
	if err != nil {
		panic(err) // a string that CanonicalID took
	}
	held, _, err := request.Decode(text)
	if err != nil {
		return held, err
	}
	return ifExists(ctx, e, held, place)
}
