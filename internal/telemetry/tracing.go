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

// withSpan returns a context that belongs to a span.
func withSpan(ctx context.Context, span *opentelemetry.Span) context.Context {
	return context.WithValue(ctx, spanKey{}, span)
}

// spanOf returns the span that a context belongs to, nil without one.
func spanOf(ctx context.Context) *opentelemetry.Span {
	span, _ := ctx.Value(spanKey{}).(*opentelemetry.Span)
	return span
}
