package generated

import (
	"context"

	"portico/threatintel"
)

// Subgraph answers the two fields that every subgraph of a federation has. gqlgen knows them by their names and calls the
// methods below, which its own plugin would write; docs/decisions.md says why it does not. A ResolverRoot implements it.
type Subgraph interface {
	// Entities returns the entity of each representation, in the same order; nil where there is none.
	Entities(ctx context.Context, representations []any) []threatintel.Node
	// Service returns what a gateway is told of this subgraph.
	Service(ctx context.Context) (Service, error)
}

func (ec *executionContext) __resolve_entities(ctx context.Context, representations []any) []threatintel.Node {
	return ec.Resolvers.(Subgraph).Entities(ctx, representations)
}

func (ec *executionContext) __resolve__service(ctx context.Context) (Service, error) {
	return ec.Resolvers.(Subgraph).Service(ctx)
}
