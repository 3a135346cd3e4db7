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
	named := make([]entity, len(call.Representations))
	for i, r := range call.Representations {
		named[i] = representedEntity(call, r)
	}
	all := make([]threatintel.Node, len(named))
	for i, e := range named {
		item := graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i))
		err := call.Representations[i].Refused
		if err == nil {
			all[i], err = loadRepresented(item, call, e)
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

// representedEntity is the entity that a representation names. The gateway has its key from a subgraph that vouches for
// it, so that nothing is requested where no more is selected.
func representedEntity(call plan.Call, r plan.Key) (e entity) {
	if r.Refused == nil {
		e.Target, e.Projection = r.Target, call.Selection.Of(r.Target)
		e.own = !e.IsCarriedBy("")
	}
	return e
}

func loadRepresented(ctx context.Context, call plan.Call, e entity) (threatintel.Node, error) {
	in := func(path []string) []ast.Path { return call.Selection.Paths(e.Concrete, path) }
	return load[threatintel.Node](ctx, e, in)
}
