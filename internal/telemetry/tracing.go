package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// tracing makes spans, if they are wanted.
type tracing struct {
	on     bool
	tracer trace.Tracer
}

// callersTrace reads the trace that a caller's request belongs to. Its tracestate, a text of the caller's, is dropped.
func callersTrace(ctx context.Context, carrier propagation.TextMapCarrier) context.Context {
	found := trace.SpanContextFromContext(propagation.TraceContext{}.Extract(ctx, carrier))
	if !found.IsValid() {
		return ctx
	}
	return trace.ContextWithRemoteSpanContext(ctx, found.WithTraceState(trace.TraceState{}))
}
