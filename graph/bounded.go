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

// within replaces a payload that is too long, alone or with those before it, by an error. A deferred payload is counted
// when it is complete.
func (w *output) within(response *graphql.Response) *graphql.Response {
	if response == nil {
		return nil
	}
	if len(response.Path) > 0 || response.Label != "" {
		w.bytes.Add(int64(len(response.Data)))
	}
	if !w.full() {
		return response
	}
	err := refusal(&plan.LimitError{Code: code.LimitResponse, What: "The response has", Found: int(w.bytes.Load()), Unit: "bytes", Allowed: maxResponse})
	short := *response
	short.Data, short.Errors = nil, gqlerror.List{err}
	if response.HasNext != nil {
		short.Data = []byte("null")
	}
	return &short
}
