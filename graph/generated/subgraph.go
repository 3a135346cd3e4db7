// Package generated is what gqlgen writes from the schema. This file alone is written by hand: it stands where gqlgen's
// plugin for federations would write.
package generated

import (
	"context"

	"portico/threatintel"
)

// Subgraph answers the two fields that every subgraph of a federation has. gqlgen knows them by their names and calls
// the methods below; docs/decisions.md says why its plugin does not write them. The ResolverRoot has to implement it.
type Subgraph interface {
	// Entities returns the entity of each representation, in the same order; nil where there is none.
	Entities(ctx context.Context, representations []any) []threatintel.Node
	// Service returns what a gateway is told of this subgraph.
	Service(ctx context.Context) (Service, error)
}

//nolint:staticcheck // gqlgen calls it by this name
func (ec *executionContext) __resolve_entities(ctx context.Context, representations []any) []threatintel.Node {
	return ec.Resolvers.(Subgraph).Entities(ctx, representations)
}

//nolint:staticcheck // gqlgen calls it by this name
func (ec *executionContext) __resolve__service(ctx context.Context) (Service, error) {
	return ec.Resolvers.(Subgraph).Service(ctx)
}
