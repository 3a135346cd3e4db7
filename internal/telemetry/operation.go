package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"portico/internal/opentelemetry"
)

// Operation is a GraphQL operation that begins.
type Operation struct {
	// Start is when it began.
	Start time.Time
	// Type is query, mutation or subscription, and the name of the span.
	Type string
	// Name is the caller's. Only the span has it, shortened.
	Name string
	// Document is the name of the operation if its document is trusted, and otherwise empty. It is a label.
	Document string
}

// The outcomes of an operation.
const (
	OutcomeOK      = "ok"
	OutcomePartial = "partial" // data and errors
	OutcomeFailed  = "failed"  // no data
	OutcomeRefused = "refused" // not executed
)

// Result is how an operation ended, and what it cost.
type Result struct {
	Outcome string
	// Requests were sent to Microsoft Graph, with Items, in Waves. Estimate is how many items were expected at most.
	Requests, Items, Waves, Estimate int
	// Shared requests were not sent, because an equal one was in flight.
	Shared int
	// Hints is how many references were predicted, Misses how many of them wrongly.
	Hints, Misses int
	// Waited is how long at least one request was under way.
	Waited time.Duration
}

// operations measures GraphQL operations.
type operations struct {
	tracer                 *opentelemetry.Tracer // nil without spans
	count                  tally[operationKind]
	hints, shared          tally[string] // by result, by layer
	overhead               *opentelemetry.Series
	requests, items, waves *opentelemetry.Series
}

type operationKind struct{ kind, outcome, document string }

func newOperations(b *builder, tracer *opentelemetry.Tracer) *operations {
	few := []float64{0, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 400}
	return &operations{
		tracer: tracer,
		count: newTally(b, "portico.operations", "{operation}", "type,outcome,document",
			"GraphQL operations that began.", operationKind.attributes),
		hints: b.tally("portico.hint", "{hint}", "result", "References that ids predicted, and whether they were right."),
		shared: b.tally("portico.shared", "{request}", "layer",
			"Requests that got what an equal one in flight got: operations of callers, or requests to Microsoft Graph."),
		overhead: b.series("portico.overhead", "s",
			"Time of an operation in which no request to Microsoft Graph was under way.",
			0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
		requests: b.series("portico.upstream.requests", "{request}", "HTTP requests to Microsoft Graph.", few...),
		items:    b.series("portico.upstream.items", "{item}", "Lookups sent to Microsoft Graph.", few...),
		waves: b.series("portico.upstream.waves", "{wave}",
			"How often an operation waited for responses to know what to send next, counting the first.",
			0, 1, 2, 3, 4, 5, 8, 13),
	}
}

func (k operationKind) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String("type", k.kind), attribute.String("outcome", k.outcome), attribute.String("document", k.document),
	}
}

// Running is an operation under way. A nil one measures nothing.
type Running struct {
	operations *operations
	operation  Operation
	span       opentelemetry.Span // if there are spans
	within     spanContext        // its context
}

// start begins to measure an operation. The context has its span, if there are spans.
func (m *operations) start(ctx context.Context, running *Running, o Operation) (context.Context, *Running) {
	running.operations, running.operation = m, o
	if m.tracer == nil {
		return ctx, running
	}
	m.tracer.BeginBelow(&running.span, spanOf(ctx), o.Start)
	running.within = spanContext{ctx, &running.span}
	return &running.within, running
}

// End ends the measurement.
func (x *Running) End(result Result) {
	if x == nil {
		return
	}
	took := time.Since(x.operation.Start)
	x.measure(result, took)
	if x.span.Recorded() {
		x.endSpan(result, took)
	}
}

func (x *Running) measure(result Result, took time.Duration) {
	o := x.operations
	document := x.operation.Document
	if document == "" {
		document = "anonymous"
	}
	o.count.add(operationKind{x.operation.Type, result.Outcome, document}, 1)
	if result.Outcome == OutcomeRefused {
		return
	}
	o.overhead.Record(max(0, took-result.Waited).Seconds(), &x.span)
	o.requests.Record(float64(result.Requests), nil) // times have exemplars, and sizes do not
	o.items.Record(float64(result.Items), nil)
	o.waves.Record(float64(result.Waves), nil)
	if result.Shared > 0 {
		o.shared.add("request", result.Shared)
	}
	if right := result.Hints - result.Misses; right > 0 {
		o.hints.add("right", right)
	}
	if result.Misses > 0 {
		o.hints.add("wrong", result.Misses)
	}
}

// endSpan describes what the operation was and cost.
func (x *Running) endSpan(result Result, took time.Duration) {
	var room [512]byte
	d := opentelemetry.Describe(room[:], trace.SpanKindServer, x.operation.Type).
		Text(semconv.GraphQLOperationTypeKey, x.operation.Type).
		Text("portico.outcome", result.Outcome).
		Int("portico.plan.waves", result.Waves).
		Int("portico.plan.items", result.Estimate).
		Int("portico.upstream.requests", result.Requests).
		Int("portico.upstream.items", result.Items)
	if x.operation.Name != "" {
		d = d.Text(semconv.GraphQLOperationNameKey, cut(x.operation.Name))
	}
	if result.Outcome == OutcomeFailed || result.Outcome == OutcomeRefused {
		d = d.Failed()
	}
	x.span.End(took, d)
}
