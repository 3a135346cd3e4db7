package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// executor runs operations: it takes the place of gqlgen's executor, of which Portico needs neither the preparation nor
// the chains of extensions.
type executor struct {
	preparation
	state  *state
	schema graphql.ExecutableSchema
}

// DispatchOperation starts an operation. It returns what executes it, payload by payload, in the context beside it.
func (e *executor) DispatchOperation(
	ctx context.Context, oc *graphql.OperationContext,
) (graphql.ResponseHandler, context.Context) {
	ctx, x := e.state.start(e.state.responding(graphql.WithOperationContext(ctx, oc)), oc)
	if err := x.begin(ctx, oc); err != nil {
		return graphql.OneShot(x.refuse(err)), ctx
	}
	x.execute = e.schema.Exec(ctx)
	return x.next, ctx
}

// DispatchError returns the response to an operation that cannot be executed.
func (e *executor) DispatchError(ctx context.Context, list gqlerror.List) *graphql.Response {
	ctx = e.state.responding(ctx)
	for _, err := range list {
		graphql.AddError(ctx, err)
	}
	return &graphql.Response{Errors: graphql.GetErrors(ctx)}
}

// PresentRecoveredError reports a panic outside of the resolvers.
func (e *executor) PresentRecoveredError(ctx context.Context, value any) error {
	return e.state.recover(ctx, value)
}

// responding returns a context that gathers the errors of one payload.
func (s *state) responding(ctx context.Context) context.Context {
	return graphql.WithResponseContext(ctx, s.present, s.recover)
}
