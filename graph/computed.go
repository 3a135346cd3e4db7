package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
)

// computed resolves a field that Portico computes. If a property that it needs could not be read, the error has the
// path of the field, and the field is null.
//
//nolint:unparam // resolvers return an error
func computed[T any](ctx context.Context, compute func() *T) (*T, error) {
	if _, bad := operationOf(ctx).unreadable.Load(graphql.GetPath(ctx).String()); bad {
		return nil, nil
	}
	return compute(), nil
}
