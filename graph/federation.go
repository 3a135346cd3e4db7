package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/generated"
	"portico/graph/plan"
	"portico/threatintel"
)

var _ generated.Subgraph = (*Resolver)(nil)

// Entities resolves the representations that a gateway sends, in their order: null for what Microsoft Graph does not
// know, null and one error for what failed or can be no entity.
func (*Resolver) Entities(ctx context.Context, _ []any) []threatintel.Node {
	call := resolving(ctx)
	all := make([]threatintel.Node, len(call.Representations))
	for i, key := range call.Representations {
		item := graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i))
		err := key.Refused
		if err == nil {
			all[i], err = loadRepresented(item, call, &key.Target)
		}
		if err != nil {
			graphql.AddError(item, err)
		}
	}
	return all
}

// Service returns what a gateway composes this subgraph from.
func (*Resolver) Service(context.Context) (generated.Service, error) {
	return generated.Service{Sdl: serviceSDL()}, nil
}

// loadRepresented returns the entity that a representation names. The gateway has its key from a subgraph that vouches
// for it, so that nothing is requested where no more is selected.
func loadRepresented(ctx context.Context, call plan.Call, t *plan.Target) (threatintel.Node, error) {
	projection := call.Selection.Of(t)
	in := func(path []string) []ast.Path { return call.Selection.Paths(t.Concrete, path) }
	return load[threatintel.Node](ctx, entity{t, projection, projection.ExceedsKey()}, in)
}
