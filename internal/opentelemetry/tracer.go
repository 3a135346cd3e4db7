package opentelemetry

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"
)

// tracer makes spans that are encoded as their parts become known. The SDK's spans are objects, which it copies when
// they end, converts for the exporter, and encodes by reflection: that costs four times as much CPU time.
type tracer struct {
	embedded.Tracer
	sampler sdktrace.Sampler
	queue   *queue
}

// Start implements trace.Tracer. Of the options it takes the kind and the time.
func (t *tracer) Start(
	ctx context.Context, name string, options ...trace.SpanStartOption,
) (context.Context, trace.Span) {
	config, parent := trace.NewSpanStartConfig(options...), trace.SpanContextFromContext(ctx)
	id := parent.TraceID()
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	}
	recorded := parent.IsSampled()
	if !parent.IsValid() || parent.IsRemote() { // otherwise it was decided for the span above
		recorded = t.sampler.ShouldSample(sdktrace.SamplingParameters{
			ParentContext: ctx, TraceID: id, Name: name, Kind: config.SpanKind(),
		}).Decision == sdktrace.RecordAndSample
	}
	own := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: id, SpanID: newSpanID(), TraceFlags: parent.TraceFlags().WithSampled(recorded),
		TraceState: parent.TraceState(),
	})
	if !recorded {
		ctx = trace.ContextWithSpanContext(ctx, own)
		return ctx, trace.SpanFromContext(ctx)
	}
	s := &span{
		Span: nothing, tracer: t, context: own, parent: parent, name: name,
		kind: trace.ValidateSpanKind(config.SpanKind()), start: config.Timestamp(),
	}
	if s.start.IsZero() {
		s.start = time.Now()
	}
	s.attributes = s.room[:0]
	return trace.ContextWithSpan(ctx, s), s
}

func newSpanID() (id trace.SpanID) {
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}

// nothing has the methods of spans that Portico does not use, such as those for events and links.
var nothing trace.Span = noop.Span{}

// span is a span that is recorded. Unlike the SDK's it does not look whether an attribute was set before.
type span struct {
	trace.Span
	tracer          *tracer
	context, parent trace.SpanContext
	name            string
	kind            trace.SpanKind
	start           time.Time

	mu         sync.Mutex
	ended      bool
	failed     bool
	attributes []byte // encoded
	room       [384]byte
}

// SpanContext implements trace.Span.
func (s *span) SpanContext() trace.SpanContext { return s.context }

// IsRecording implements trace.Span.
func (s *span) IsRecording() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.ended
}

// SetAttributes implements trace.Span. A key must not be set twice.
func (s *span) SetAttributes(all ...attribute.KeyValue) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	for _, one := range all {
		s.attributes = appendAttribute(s.attributes, spanAttributes, one)
	}
}

// SetStatus implements trace.Span. It notes whether the span failed, and no description.
func (s *span) SetStatus(code codes.Code, _ string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = code == codes.Error
}

// End implements trace.Span. Its options are not used.
func (s *span) End(...trace.SpanEndOption) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	s.tracer.queue.add(s, s.start.Add(time.Since(s.start)))
}
