package opentelemetry

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/resource"
	"go.opentelemetry.io/otel/trace"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collected is what a queue sent, as a collector reads it.
type collected struct {
	mu      sync.Mutex
	batches [][]*tracepb.Span
	lost    int
}

func (c *collected) all() (spans []*tracepb.Span) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.batches {
		spans = append(spans, one...)
	}
	return spans
}

// take reads a batch as a collector does: from bytes, with the messages of the library.
func (c *collected) take(t *testing.T, spans []byte) {
	encoded, err := proto.Marshal(request(resource.NewSchemaless(attribute.String("service.name", "x")), "portico", spans)[0])
	read := &tracepb.ResourceSpans{}
	if err == nil {
		err = proto.Unmarshal(encoded, read)
	}
	if err != nil {
		t.Errorf("not OTLP: %v", err)
		return
	}
	scope := read.ScopeSpans[0]
	name := &commonpb.KeyValue{Key: "service.name", Value: text("x")}
	if scope.Scope.Name != "portico" || len(read.Resource.Attributes) != 1 || !proto.Equal(read.Resource.Attributes[0], name) {
		t.Errorf("got scope %v of %v", scope.Scope, read.Resource)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.batches = append(c.batches, scope.Spans)
}

// collect returns a tracer and what it sends, all of it after the queue is closed.
func collect(t *testing.T, limits Limits, sampler string) (*tracer, *collected) {
	t.Helper()
	c := &collected{}
	q := newQueue(limits, func(_ context.Context, spans []byte) { c.take(t, spans) }, func(n int) { c.lost += n })
	t.Cleanup(func() { _ = q.close(context.Background()) })
	return &tracer{sampler: Sampling{Sampler: sampler}.sampler(), queue: q}, c
}

func text(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

func TestASpanArrivesAsItWasMade(t *testing.T) {
	t.Parallel()
	state, err := trace.ParseTraceState("a=b")
	if err != nil {
		t.Fatal(err)
	}
	remote := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled, TraceState: state, Remote: true,
	})
	const start = 1_700_000_000_000_000_123
	for _, test := range []struct {
		name   string
		parent trace.SpanContext
		run    func(trace.Span)
		want   *tracepb.Span
	}{
		{"a span without anything", trace.SpanContext{}, func(trace.Span) {}, &tracepb.Span{Flags: 0x101}},
		{"a span below a caller's", remote, func(trace.Span) {}, &tracepb.Span{
			TraceId: append([]byte{1}, make([]byte, 15)...), ParentSpanId: []byte{2, 0, 0, 0, 0, 0, 0, 0}, TraceState: "a=b", Flags: 0x301,
		}},
		{"a span that failed", trace.SpanContext{}, func(s trace.Span) { s.SetStatus(codes.Error, "unseen") }, &tracepb.Span{
			Flags: 0x101, Status: &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR},
		}},
		{"attributes of each type", trace.SpanContext{}, func(s trace.Span) {
			s.SetAttributes(attribute.Int("n", -1), attribute.Bool("b", true))
			s.SetAttributes(attribute.String("s", "é"), attribute.String("empty", ""), attribute.Float64("f", 0.5))
		}, &tracepb.Span{Flags: 0x101, Attributes: []*commonpb.KeyValue{
			{Key: "n", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: -1}}},
			{Key: "b", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}}},
			{Key: "s", Value: text("é")},
			{Key: "empty", Value: text("")},
			{Key: "f", Value: text("0.5")},
		}}},
		{"an attribute longer than the room of a span", trace.SpanContext{}, func(s trace.Span) {
			s.SetAttributes(attribute.String("s", strings.Repeat("x", 20_000)))
		}, &tracepb.Span{Flags: 0x101, Attributes: []*commonpb.KeyValue{{Key: "s", Value: text(strings.Repeat("x", 20_000))}}}},
		{"what is set after the end", trace.SpanContext{}, func(s trace.Span) { s.End(); s.SetAttributes(attribute.Int("n", 1)) }, &tracepb.Span{Flags: 0x101}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tracer, c := collect(t, Limits{}, "always_on")
			ctx := t.Context()
			if test.parent.IsValid() {
				ctx = trace.ContextWithRemoteSpanContext(ctx, test.parent)
			}
			_, span := tracer.Start(ctx, "a name", trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(time.Unix(0, start)))
			test.run(span)
			span.End()
			if err := tracer.queue.close(t.Context()); err != nil {
				t.Fatal(err)
			}
			spans := c.all()
			if len(spans) != 1 {
				t.Fatalf("got %d spans", len(spans))
			}
			got, own := spans[0], span.SpanContext()
			if got.EndTimeUnixNano < start {
				t.Errorf("ends at %d", got.EndTimeUnixNano)
			}
			traceID, id := own.TraceID(), own.SpanID()
			want := test.want
			want.Name, want.Kind, want.TraceId, want.SpanId = "a name", tracepb.Span_SPAN_KIND_CLIENT, traceID[:], id[:]
			want.StartTimeUnixNano, want.EndTimeUnixNano = start, got.EndTimeUnixNano
			if test.parent.IsValid() && traceID != test.parent.TraceID() {
				t.Errorf("trace %s", traceID)
			}
			if !proto.Equal(got, want) {
				t.Errorf("got %.500v, want %.500v", got, want)
			}
		})
	}
}

func TestATraceThatIsNotRecordedHasAnIDAndIsNotSent(t *testing.T) {
	t.Parallel()
	tracer, c := collect(t, Limits{}, "always_off")
	ctx, span := tracer.Start(t.Context(), "x")
	_, below := tracer.Start(ctx, "y")
	below.End()
	span.End()
	own := trace.SpanContextFromContext(ctx)
	if span.IsRecording() || !own.IsValid() || own.IsSampled() || below.SpanContext().TraceID() != own.TraceID() {
		t.Errorf("got %v and %v", span.SpanContext(), below.SpanContext())
	}
	if err := tracer.queue.close(t.Context()); err != nil || len(c.all()) != 0 {
		t.Errorf("sent %v, %v", c.all(), err)
	}
}

func TestSpansAreSentInBatchesAndWhatHasNoRoomIsCounted(t *testing.T) {
	t.Parallel()
	c, sending, goOn := &collected{}, make(chan struct{}, 10), make(chan struct{})
	q := newQueue(Limits{Spans: 5, Batch: 2, Delay: time.Hour, Timeout: time.Hour}, func(_ context.Context, spans []byte) {
		sending <- struct{}{}
		<-goOn
		c.take(t, spans)
	}, func(n int) { c.lost += n })
	tracer := &tracer{sampler: Sampling{}.sampler(), queue: q}
	end := func(n int) {
		for range n {
			_, span := tracer.Start(t.Context(), "x")
			span.End()
		}
	}
	end(2)
	<-sending // a batch leaves as soon as it is full, and counts until it is sent
	end(7)
	close(goOn)
	if err := q.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	var sizes []int
	for _, one := range c.batches {
		sizes = append(sizes, len(one))
	}
	if len(c.all()) != 5 || c.lost != 4 || sizes[0] != 2 {
		t.Errorf("sent %v, lost %d", sizes, c.lost)
	}
	end(10) // nobody reads them any more: they are bounded
	if q.waiting > 5 {
		t.Errorf("%d wait", q.waiting)
	}
}

func TestACollectorThatHangsDoesNotHoldUpTheEnd(t *testing.T) {
	t.Parallel()
	q := newQueue(Limits{Spans: 1, Batch: 1, Delay: time.Hour, Timeout: time.Hour}, func(ctx context.Context, _ []byte) { <-ctx.Done() }, func(int) {})
	_, span := (&tracer{sampler: Sampling{}.sampler(), queue: q}).Start(t.Context(), "x")
	span.End()
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := q.close(ended); err == nil {
		t.Error("no error although a span was not sent")
	}
	<-q.done
}

func TestLimitsOfTheQueue(t *testing.T) {
	t.Parallel()
	ordinary := Limits{Spans: 2048, Batch: 512, Delay: 5 * time.Second, Timeout: 30 * time.Second}
	for _, test := range []struct {
		name    string
		environ map[string]string
		want    Limits
	}{
		{"the defaults", nil, ordinary},
		{"all set", map[string]string{
			"OTEL_BSP_MAX_QUEUE_SIZE": "10", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5", "OTEL_BSP_SCHEDULE_DELAY": "100", "OTEL_BSP_EXPORT_TIMEOUT": "200",
		}, Limits{10, 5, 100 * time.Millisecond, 200 * time.Millisecond}},
		{"a batch larger than the queue", map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "10"}, Limits{10, 10, 5 * time.Second, 30 * time.Second}},
		{"no numbers", map[string]string{"OTEL_BSP_MAX_QUEUE_SIZE": "many", "OTEL_BSP_SCHEDULE_DELAY": "-1", "OTEL_BSP_EXPORT_TIMEOUT": "0"}, ordinary},
	} {
		if got := LimitsFrom(test.environ); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}
