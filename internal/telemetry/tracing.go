package telemetry

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracing makes spans, if they are wanted.
type tracing struct {
	on     bool
	tracer trace.Tracer
}

// callersTrace reads the trace that a caller's request belongs to. Its tracestate, a text of the caller's, is dropped.
// A request with several traceparent headers belongs to none: nothing says which of them is right.
func callersTrace(ctx context.Context, header http.Header) context.Context {
	if len(header["Traceparent"]) != 1 {
		return ctx
	}
	found := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(ctx, propagation.HeaderCarrier(header)))
	if !found.IsValid() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, found.WithTraceState(trace.TraceState{}))
}
