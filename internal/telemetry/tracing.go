package telemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"portico/internal/opentelemetry"
)

// callersSpan reads the span that a caller's request belongs to; it is invalid if there is none. Its tracestate, a text
// of the caller's, is not used. A request with several traceparent headers belongs to none: nothing says which of them
// is right.
func callersSpan(header http.Header) trace.SpanContext {
	if len(header["Traceparent"]) != 1 {
		return trace.SpanContext{}
	}
	carrier := propagation.MapCarrier{"traceparent": header["Traceparent"][0]}
	return trace.SpanContextFromContext(propagation.TraceContext{}.Extract(context.Background(), carrier))
}

type spanKey struct{}

// spanContext is a context that belongs to the span of an operation. It is a field of what the span measures: one
// allocation.
type spanContext struct {
	context.Context
	span *opentelemetry.Span
}

// Value implements context.Context.
func (c *spanContext) Value(key any) any {
	if key == (spanKey{}) {
		return c.span
	}
	return c.Context.Value(key)
}

// spanOf returns the span that a context belongs to, that of an operation or else of its request; nil without one.
func spanOf(ctx context.Context) *opentelemetry.Span {
	span, _ := ctx.Value(spanKey{}).(*opentelemetry.Span)
	return span
}
