package graph

import (
	"context"
	"fmt"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
	"portico/loaders"
	"portico/threatintel"
)

// entity is an entity that is looked up by its id.
type entity struct {
	plan.Target
	plan.Projection
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
func newEntity(s plan.Selection, declared *ast.Definition, key plan.Key) (entity, error) {
	if key.Refused != nil {
		return entity{}, key.Refused
	}
	target, projection := s.Target(declared, threatintel.Reference{ID: key.ID})
	if target.Endpoint == nil {
		return entity{}, refuseNode(key.ID)
	}
	return entity{target, projection, projection.NeedsOwn()}, nil
}

// refuseNode returns the error for an id of a node that leads to no endpoint.
func refuseNode(id string) error {
	typed, _ := threatintel.NodeType(id)
	prefix, key, prefixed := threatintel.CutType(id)
	switch {
	case !prefixed:
		return &threatintel.IDError{
			Reason: "Cannot infer the entity type from this id. Prefix it with the type, for example `HostPort:" + id + "`",
		}
	case typed == "":
		return &threatintel.IDError{Reason: fmt.Sprintf("The id %.100q is not of type %s", key, prefix)}
	}
	return &threatintel.IDError{Reason: fmt.Sprintf("Microsoft Graph cannot fetch type %.100q by id", prefix)}
}

// byID resolves the field with the entity of its id.
func byID[T any](ctx context.Context, request plan.RequestByID[T]) (T, error) {
	call := resolving(ctx)
	e, err := newEntity(call.Selection, call.Target, call.IDs[0])
	if err != nil {
		var none T
		return none, err
	}
	return load(ctx, e, request, call.IDs[0].ID, func(path []string) []ast.Path {
		return call.Selection.Paths(call.Target, path)
	})
}

// load returns an entity by the id that its request takes.
func load[T any](ctx context.Context, e entity, request plan.RequestByID[T], id string, in paths) (T, error) {
	wanted := request(id, e.Query)
	if !e.own {
		return bare(ctx, e, wanted, in)
	}
	value, invalid, err := loaders.Get(ctx, operationOf(ctx).loader, wanted)
	reportInvalid(ctx, invalid, in)
	return value, err
}

// byIDs resolves a list in the order of the field's ids. What is not known is null, what failed is null and one error.
func byIDs[T any](ctx context.Context, request plan.RequestByID[T]) []T {
	call := resolving(ctx)
	return loadAll(ctx, call, call.Selection, request, func(i int, path []string) []ast.Path {
		return call.Selection.Paths(call.Target, append([]string{strconv.Itoa(i)}, path...))
	})
}

// loadAll returns the entities of a call's ids. pathsOf is paths for each of them.
func loadAll[T any](
	ctx context.Context, call plan.Call, s plan.Selection, request plan.RequestByID[T],
	pathsOf func(int, []string) []ast.Path,
) []T {
	all, named, errs := make([]T, len(call.IDs)), make([]entity, len(call.IDs)), make([]error, len(call.IDs))
	for i, key := range call.IDs {
		named[i], errs[i] = newEntity(s, call.Target, key)
	}
	operationOf(ctx).settle(ctx, named)
	for i, e := range named {
		in := func(path []string) []ast.Path { return pathsOf(i, path) }
		if errs[i] == nil {
			all[i], errs[i] = load(ctx, e, request, call.IDs[i].ID, in)
		}
		if errs[i] != nil {
			addErrors(ctx, in(nil), errs[i])
		}
	}
	return all
}

// node resolves the field with the entity of an id that says its type.
func node(ctx context.Context) (threatintel.Node, error) {
	return byID(ctx, plan.NodeByID)
}

// nodes resolves the field with the entities of ids that say their types.
func nodes(ctx context.Context) []threatintel.Node {
	return byIDs(ctx, plan.NodeByID)
}

// single resolves a request below an entity that returns one entity itself.
func single[T any](ctx context.Context, request plan.RequestByID[T], ownerID string) (T, error) {
	call := resolving(ctx)
	projection := call.Selection.Project(call.Target, call.Target)
	value, invalid, err := loaders.Get(ctx, operationOf(ctx).loader, request(ownerID, projection.Query))
	reportInvalid(ctx, invalid, func(path []string) []ast.Path { return call.Selection.Paths(call.Target, path) })
	return value, err
}
