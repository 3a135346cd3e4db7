package graph

import (
	"context"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
	"portico/loaders"
)

// entity is an entity that is looked up by its id.
type entity struct {
	*plan.Target
	*plan.Projection
	own bool // its own lookup is needed
}

// paths translates a path of property names in the response to one lookup into those of the GraphQL response, below the
// field that is being resolved.
type paths = func(path []string) []ast.Path

// resolving returns the call of the field that is being resolved, as the planner read it.
func resolving(ctx context.Context) plan.Call {
	fc := graphql.GetFieldContext(ctx)
	return operationOf(ctx).Call(fc.Object, fc.Field.Field, fc.Field.Selections)
}

// newEntity returns the entity that a field names by an id.
func newEntity(s plan.Selection, key *plan.Key) (entity, error) {
	if key.Refused != nil {
		return entity{}, key.Refused
	}
	projection := s.Of(&key.Target)
	return entity{&key.Target, projection, projection.NeedsOwn()}, nil
}

// byID resolves the field with the entity of its id.
func byID[T any](ctx context.Context) (T, error) {
	call := resolving(ctx)
	e, err := newEntity(call.Selection, call.IDs[0])
	if err != nil {
		var none T
		return none, err
	}
	return load[T](ctx, e, func(path []string) []ast.Path { return call.Selection.Paths(e.Concrete, path) })
}

// load returns an entity, if Microsoft Graph knows it.
func load[T any](ctx context.Context, e entity, in paths) (T, error) {
	if !e.own {
		return bare[T](ctx, e, in)
	}
	return fetch[T](ctx, e, in)
}

// fetch returns what the request for an entity returns; nothing, if Microsoft Graph does not know the entity.
func fetch[T any](ctx context.Context, e entity, in paths) (T, error) {
	value, invalid, err := loaders.GetStep(ctx, operationOf(ctx).loader, e.Step(e.ByID(), nil))
	reportInvalid(ctx, invalid, in)
	var found T
	if !isNone(value) { // else an interface would hold a nil pointer, which is not nil
		found, _ = value.(T)
	}
	return found, err
}

// byIDs resolves a list in the order of the field's ids. What is not known is null, what failed is null and one error.
func byIDs[T any](ctx context.Context) []T {
	call := resolving(ctx)
	all := make([]T, len(call.IDs))
	for i, key := range call.IDs {
		e, err := newEntity(call.Selection, key)
		if err == nil {
			all[i], err = load[T](ctx, e, func(path []string) []ast.Path {
				return call.Selection.Paths(e.Concrete, append([]string{strconv.Itoa(i)}, path...))
			})
		}
		if err != nil {
			addError(ctx, ast.Path{ast.PathIndex(i)}, err)
		}
	}
	return all
}

// single resolves a request below an entity that returns one entity itself.
func single[T any](ctx context.Context, request plan.RequestByID[T], ownerID string) (T, error) {
	call := resolving(ctx)
	projection := call.Selection.Project(call.Target, call.Target)
	value, invalid, err := loaders.Get(ctx, operationOf(ctx).loader, request(ownerID, projection.Query))
	reportInvalid(ctx, invalid, func(path []string) []ast.Path { return call.Selection.Paths(call.Target, path) })
	return value, err
}
