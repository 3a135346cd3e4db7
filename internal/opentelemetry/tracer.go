package opentelemetry

import (
	"encoding/binary"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Tracer makes spans. It is not OpenTelemetry's: that makes objects of spans, options, attributes and contexts, copies
// them when a span ends, converts them for the exporter, and encodes them by reflection.
type Tracer struct {
	sampler sampler
	queue   *queue
}

// Span is some work that is part of a trace. It is a field of what it measures, and allocates nothing.
type Span struct {
	tracer *Tracer // nil if the span is not recorded
	trace  trace.TraceID
	id     trace.SpanID
	parent trace.SpanID
	flags  trace.TraceFlags
	remote bool // the parent is another process's
	start  time.Time
}

// Begin begins a span for a request. The caller's span may be invalid: the request begins a trace then.
func (t *Tracer) Begin(s *Span, caller trace.SpanContext, start time.Time) {
	*s = Span{
		trace: caller.TraceID(), id: newSpanID(), parent: caller.SpanID(), remote: caller.IsValid(), start: start,
	}
	if !s.remote {
		s.trace, s.parent = newTraceID(), trace.SpanID{}
	}
	recorded := t.sampler.records(caller, s.trace)
	if recorded {
		s.tracer = t
	}
	s.flags = caller.TraceFlags().WithSampled(recorded)
}

// BeginBelow begins a span that is part of another one. It is recorded if that one is. Without a parent, nil, it begins
// a trace.
func (t *Tracer) BeginBelow(s, parent *Span, start time.Time) {
	if parent == nil {
		t.Begin(s, trace.SpanContext{}, start)
		return
	}
	*s = Span{
		tracer: parent.tracer, trace: parent.trace, id: newSpanID(), parent: parent.id, flags: parent.flags, start: start,
	}
}

func newTraceID() (id trace.TraceID) {
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:8], rand.Uint64())
		binary.NativeEndian.PutUint64(id[8:], rand.Uint64())
	}
	return id
}

func newSpanID() (id trace.SpanID) {
	for !id.IsValid() {
		binary.NativeEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}

// Recorded reports whether anybody reads the description of the span. A nil span is not recorded.
func (s *Span) Recorded() bool { return s != nil && s.tracer != nil }

// TraceID returns the id of the trace, which exists whether it is recorded or not.
func (s *Span) TraceID() trace.TraceID { return s.trace }

// SpanID returns the id of the span in its trace.
func (s *Span) SpanID() trace.SpanID { return s.id }

// End ends a span that is recorded, once, after it took some time.
func (s *Span) End(took time.Duration, d Description) { s.tracer.queue.add(appendIdentity(d, s, took)) }
