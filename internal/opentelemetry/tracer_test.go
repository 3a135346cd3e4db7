package opentelemetry

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
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
func collect(t *testing.T, limits Limits, sampler string) (*Tracer, *collected) {
	t.Helper()
	c := &collected{}
	q := newQueue(limits, func(_ context.Context, spans []byte) { c.take(t, spans) }, func(n int) { c.lost += n })
	t.Cleanup(func() { _ = q.close(context.Background()) })
	return &Tracer{sampler: Sampling{Sampler: sampler}.sampler(), queue: q}, c
}

func endOne(tracer *Tracer) {
	var span Span
	tracer.Begin(&span, trace.SpanContext{}, time.Now())
	span.End(time.Second, Describe(nil, trace.SpanKindServer, "x"))
}

func text(s string) *commonpb.AnyValue {
	return &commonpb.AnyValue{Value: &commonpb.AnyValue_StringValue{StringValue: s}}
}

func TestASpanArrivesAsItWasMade(t *testing.T) {
	t.Parallel()
	remote := trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: trace.TraceID{1}, SpanID: trace.SpanID{2}, TraceFlags: trace.FlagsSampled | trace.FlagsRandom, Remote: true,
	})
	start := time.Unix(0, 1_700_000_000_000_000_123)
	plain := func(d Description) Description { return d }
	for _, test := range []struct {
		name     string
		caller   trace.SpanContext
		describe func(Description) Description
		want     *tracepb.Span
	}{
		{"a span without anything", trace.SpanContext{}, plain, &tracepb.Span{Flags: 0x101}},
		{"a span below a caller's", remote, plain, &tracepb.Span{ParentSpanId: []byte{2, 0, 0, 0, 0, 0, 0, 0}, Flags: 0x303}},
		{"a span that failed", trace.SpanContext{}, Description.Failed, &tracepb.Span{
			Flags: 0x101, Status: &tracepb.Status{Code: tracepb.Status_STATUS_CODE_ERROR},
		}},
		{"attributes of each type", trace.SpanContext{}, func(d Description) Description {
			d = d.With(attribute.Int("n", -1), attribute.Int("zero", 0), attribute.Bool("b", true), attribute.Bool("no", false))
			return d.With(attribute.String("s", "é"), attribute.String("empty", ""), attribute.Float64("f", 0.5))
		}, &tracepb.Span{Flags: 0x101, Attributes: []*commonpb.KeyValue{
			{Key: "n", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{IntValue: -1}}},
			{Key: "zero", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_IntValue{}}},
			{Key: "b", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{BoolValue: true}}},
			{Key: "no", Value: &commonpb.AnyValue{Value: &commonpb.AnyValue_BoolValue{}}},
			{Key: "s", Value: text("é")},
			{Key: "empty", Value: text("")},
			{Key: "f", Value: text("0.5")},
		}}},
		{"the attributes of another description", trace.SpanContext{}, func(d Description) Description {
			return d.Like(Description(nil).With(attribute.String("a", "b"))).With(attribute.String("c", "d"))
		}, &tracepb.Span{Flags: 0x101, Attributes: []*commonpb.KeyValue{{Key: "a", Value: text("b")}, {Key: "c", Value: text("d")}}}},
		{"an attribute longer than the room", trace.SpanContext{}, func(d Description) Description {
			return d.With(attribute.String("s", strings.Repeat("x", 20_000)))
		}, &tracepb.Span{Flags: 0x101, Attributes: []*commonpb.KeyValue{{Key: "s", Value: text(strings.Repeat("x", 20_000))}}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			tracer, c := collect(t, Limits{}, "always_on")
			var span Span
			tracer.Begin(&span, test.caller, start)
			span.End(time.Second, test.describe(Describe(make([]byte, 50), trace.SpanKindClient, "a", " ", "name")))
			if err := tracer.queue.close(t.Context()); err != nil {
				t.Fatal(err)
			}
			spans := c.all()
			if len(spans) != 1 {
				t.Fatalf("got %d spans", len(spans))
			}
			traceID, id := span.TraceID(), span.SpanID()
			want := test.want
			want.Name, want.Kind, want.TraceId, want.SpanId = "a name", tracepb.Span_SPAN_KIND_CLIENT, traceID[:], id[:]
			want.StartTimeUnixNano, want.EndTimeUnixNano = 1_700_000_000_000_000_123, 1_700_000_001_000_000_123
			if test.caller.IsValid() && traceID != test.caller.TraceID() {
				t.Errorf("trace %s", traceID)
			}
			if !traceID.IsValid() || !id.IsValid() || !proto.Equal(spans[0], want) {
				t.Errorf("got %.500v, want %.500v", spans[0], want)
			}
		})
	}
}

func TestASpanBelowAnotherOneIsPartOfItsTrace(t *testing.T) {
	t.Parallel()
	tracer, c := collect(t, Limits{}, "always_on")
	var above, below, alone Span
	tracer.Begin(&above, trace.SpanContext{}, time.Now())
	tracer.BeginBelow(&below, &above, time.Now())
	tracer.BeginBelow(&alone, nil, time.Now())
	for _, one := range []*Span{&below, &above, &alone} {
		one.End(time.Second, Describe(nil, trace.SpanKindServer, "x"))
	}
	if err := tracer.queue.close(t.Context()); err != nil {
		t.Fatal(err)
	}
	spans, id := c.all(), above.SpanID()
	if below.TraceID() != above.TraceID() || below.SpanID() == above.SpanID() || !bytes.Equal(spans[0].ParentSpanId, id[:]) || spans[0].Flags != 0x101 {
		t.Errorf("got %v below %v", spans[0], spans[1])
	}
	if alone.TraceID() == above.TraceID() || len(spans[2].ParentSpanId) > 0 {
		t.Errorf("got %v", spans[2])
	}
}

func TestATraceThatIsNotRecordedHasAnIDAndIsNotSent(t *testing.T) {
	t.Parallel()
	tracer, _ := collect(t, Limits{}, "always_off")
	var above, below Span
	tracer.Begin(&above, trace.SpanContext{}, time.Now())
	tracer.BeginBelow(&below, &above, time.Now())
	if above.Recorded() || below.Recorded() || (*Span)(nil).Recorded() {
		t.Error("recorded")
	}
	if !above.TraceID().IsValid() || !above.SpanID().IsValid() || below.TraceID() != above.TraceID() || below.SpanID() == above.SpanID() {
		t.Errorf("got %+v and %+v", above, below)
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
	tracer := &Tracer{sampler: Sampling{}.sampler(), queue: q}
	end := func(n int) {
		for range n {
			endOne(tracer)
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
	endOne(&Tracer{sampler: Sampling{}.sampler(), queue: q})
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
