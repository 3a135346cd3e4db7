package graph

import (
	"context"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/graph/plan"
)

// aroundRootField bounds what a field of the root writes.
func aroundRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	value := next(ctx)
	op, known := ctx.Value(operationKey{}).(*operation)
	if !known || value == graphql.Null || value == graphql.RequiredNull { // gqlgen compares with these
		return value
	}
	return &boundedField{value, &op.output}
}

// boundedField is a value that is written as far as the response has room.
type boundedField struct {
	graphql.Marshaler
	*output
}

// MarshalGQL implements graphql.Marshaler.
func (f *boundedField) MarshalGQL(w io.Writer) {
	f.Marshaler.MarshalGQL(boundedWriter{w, f.output})
}

// boundedWriter drops what is beyond the bound: nobody receives it, and the writing ends soonest this way.
type boundedWriter struct {
	io.Writer
	*output
}

func (w boundedWriter) Write(p []byte) (int, error) {
	if w.bytes.Add(int64(len(p))) > maxResponse {
		return len(p), nil
	}
	return w.Writer.Write(p)
}

// WriteString implements io.StringWriter, so that gqlgen does not copy every name and text that it writes.
func (w boundedWriter) WriteString(s string) (int, error) {
	if w.bytes.Add(int64(len(s))) > maxResponse {
		return len(s), nil
	}
	return io.WriteString(w.Writer, s)
}

// wrote counts what was written of the response in one pass.
func wrote(ctx context.Context, bytes int) {
	if op, known := ctx.Value(operationKey{}).(*operation); known {
		op.output.bytes.Add(int64(bytes))
	}
}

// within replaces the first payload by an error, and promises no other, if it is too long.
func (w *output) within(response *graphql.Response) *graphql.Response {
	if response == nil || !w.full() {
		return response
	}
	return &graphql.Response{Errors: gqlerror.List{w.refusal()}, Extensions: response.Extensions}
}

func (w *output) refusal() *gqlerror.Error {
	found := int(w.bytes.Load())
	return refusal(&plan.LimitError{
		Code: code.LimitResponse, What: "The response has", Found: found, Unit: "bytes",
		Allowed: maxResponse,
	})
}

// writePart writes the data of a deferred part as far as the response has room; without, the part is refused.
func writePart(ctx context.Context, to io.Writer, data graphql.Marshaler) error {
	w := &operationOf(ctx).output
	if graphql.GetFieldContext(ctx) != nil { // the fields of the root bound themselves
		to = boundedWriter{to, w}
	}
	data.MarshalGQL(to)
	if w.full() {
		return w.refusal()
	}
	return nil
}
