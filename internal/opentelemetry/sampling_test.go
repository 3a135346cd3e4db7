package opentelemetry

import (
	"encoding/binary"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// A ratio picks traces by their id, and a caller chooses that: it must not choose to be recorded.
func TestACallerCannotChooseATraceThatIsRecorded(t *testing.T) {
	low, high := trace.TraceID{15: 1}, trace.TraceID{}
	binary.BigEndian.PutUint64(high[8:], ^uint64(0))
	for _, test := range []struct {
		name        string
		sampling    Sampling
		id          trace.TraceID
		flags       trace.TraceFlags
		least, most int // of 1,000
	}{
		{"an id that the ratio picks", Sampling{Sampler: "traceidratio", Ratio: 0.5}, low, trace.FlagsSampled, 300, 700},
		{"an id that the ratio does not pick", Sampling{Sampler: "traceidratio", Ratio: 0.5}, high, trace.FlagsSampled, 300, 700},
		{"a trace that the caller records", Sampling{Sampler: "parentbased_traceidratio", Ratio: 0.5}, low, trace.FlagsSampled, 300, 700},
		{"a trace that the caller does not record", Sampling{Sampler: "parentbased_traceidratio", Ratio: 0.5}, low, 0, 0, 0},
		{"the flag does not count without parentbased", Sampling{Sampler: "traceidratio", Ratio: 0.5}, low, 0, 300, 700},
		{"a caller who is trusted", Sampling{Sampler: "parentbased_traceidratio", Ratio: 0.01, FollowCallers: true}, high, trace.FlagsSampled, 1000, 1000},
	} {
		t.Run(test.name, func(t *testing.T) {
			caller := trace.NewSpanContext(trace.SpanContextConfig{TraceID: test.id, SpanID: trace.SpanID{1}, TraceFlags: test.flags, Remote: true})
			sampler, recorded := test.sampling.sampler(), 0
			for range 1000 {
				if sampler.records(caller, test.id) {
					recorded++
				}
			}
			if recorded < test.least || recorded > test.most {
				t.Errorf("%d of 1,000 recorded", recorded)
			}
		})
	}
}

// The spans of one request are recorded together or not at all.
func TestSpansFollowTheirRequest(t *testing.T) {
	for _, name := range Samplers() {
		tracer := &Tracer{sampler: Sampling{Sampler: name, Ratio: 0.5}.sampler()}
		var above, below Span
		for range 100 {
			tracer.Begin(&above, trace.SpanContext{}, time.Now())
			tracer.BeginBelow(&below, &above, time.Now())
			if above.Recorded() != below.Recorded() {
				t.Errorf("%s: recorded %v below a span that is recorded: %v", name, below.Recorded(), above.Recorded())
			}
		}
	}
}

func TestAShareOfTheTracesIsRecorded(t *testing.T) {
	sampler, recorded := Sampling{Sampler: "traceidratio", Ratio: 0.5}.sampler(), 0
	for range 1000 {
		if sampler.records(trace.SpanContext{}, newTraceID()) {
			recorded++
		}
	}
	if recorded < 300 || recorded > 700 {
		t.Errorf("%d of 1,000 recorded", recorded)
	}
}
