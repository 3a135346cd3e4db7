package generated

import (
	"bytes"
	"context"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// OnePass is the schema of an ExecutableSchema of this package, whose queries it answers in one pass: on one goroutine,
// into one buffer. Package graph/generate/onepass explains how. It does not know @defer, and leaves what reads the
// schema to the ExecutableSchema.
type OnePass struct {
	graphql.ExecutableSchema
	// Limit is how many bytes the values of the root's fields may have. What is beyond is not kept.
	Limit int
	// Wrote is called with the number of bytes that these values have, or would have had at least.
	Wrote func(ctx context.Context, bytes int)

	resolvers resolvers
}

// NewOnePass returns the schema for an ExecutableSchema of this package; see the fields of OnePass.
func NewOnePass(of graphql.ExecutableSchema, limit int, wrote func(ctx context.Context, bytes int)) OnePass {
	root := of.(*executableSchema).Resolvers //nolint:forcetypeassert // see above
	return OnePass{ExecutableSchema: of, Limit: limit, Wrote: wrote, resolvers: resolversOf(root)}
}

// writers are kept for their memory.
var writers = sync.Pool{New: func() any { return new(writer) }}

// maxKept is how many bytes of a buffer are kept for other operations.
const maxKept = 1 << 20

// Exec executes the operation of the context.
func (s OnePass) Exec(ctx context.Context) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	if oc.Operation.Operation != ast.Query {
		return s.ExecutableSchema.Exec(ctx)
	}
	root := rootOf(oc)
	if root.readsSchema {
		return s.ExecutableSchema.Exec(ctx)
	}
	written := false
	return func(ctx context.Context) *graphql.Response {
		if written {
			return nil
		}
		written = true
		return &graphql.Response{Data: s.write(ctx, oc, root)}
	}
}

// write returns the data of the response.
func (s OnePass) write(ctx context.Context, oc *graphql.OperationContext, of *root) []byte {
	w := writers.Get().(*writer) //nolint:forcetypeassert // nothing else is in it
	kept := w.buf
	schema := s.ExecutableSchema.(*executableSchema) //nolint:forcetypeassert // see OnePass
	*w = writer{
		executionContext: newExecutionContext(oc, schema, nil),
		resolvers:        s.resolvers,
		buf:              kept[:0], limit: s.Limit,
	}
	ctx = graphql.WithLazyInputUnmarshalerIndex(ctx, w.inputUnmarshalers)
	w.root = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query"})
	if !w.Query(&of.selected) {
		w.null()
	}
	s.Wrote(ctx, w.bytes)
	data := bytes.Clone(w.buf)
	if cap(w.buf) <= maxKept { // a panic leaves the writer to the garbage collector
		*w = writer{buf: w.buf}
		writers.Put(w)
	}
	return data
}
