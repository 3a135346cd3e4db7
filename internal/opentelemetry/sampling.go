package opentelemetry

import (
	"context"
	"strings"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
)

// parentBased is what the names of samplers begin with that go by a caller's decision.
const parentBased = "parentbased_"

// Samplers returns the names of samplers that OTEL_TRACES_SAMPLER may have, the default first.
func Samplers() []string {
	return []string{
		"parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio",
		"always_on", "always_off", "traceidratio",
	}
}

// Sampling says which traces are recorded.
type Sampling struct {
	// Sampler is one of Samplers. Ratio is the share that the samplers named so record, from 0 to 1.
	Sampler string
	Ratio   float64
	// FollowCallers records a request whenever its caller recorded the trace, as the parentbased samplers do elsewhere.
	FollowCallers bool
}

// sampler decides which traces are recorded. A caller names a trace, and can say that it is not recorded. Only a
// caller that is followed can also cause a trace to be recorded, by its flag or by the choice of its id: recording
// costs time here.
type sampler struct {
	root         sdktrace.Sampler // nil records every trace, the default
	based        bool             // a caller can prevent recording
	followCaller bool             // and cause it
}

func (s Sampling) sampler() sampler {
	name, based := strings.CutPrefix(s.Sampler, parentBased)
	var root sdktrace.Sampler
	switch name {
	case "always_off":
		root = sdktrace.NeverSample()
	case "traceidratio":
		root = sdktrace.TraceIDRatioBased(s.Ratio)
	}
	return sampler{root, based, based && s.FollowCallers}
}

// records decides about a trace that begins with a request. Its caller's span may be invalid. A ratio goes by a random
// number in place of an id that a caller chose.
func (s sampler) records(caller trace.SpanContext, id trace.TraceID) bool {
	if caller.IsValid() {
		if s.based && !caller.IsSampled() {
			return false
		}
		if s.followCaller {
			return true
		}
		id = newTraceID()
	}
	if s.root == nil {
		return true
	}
	parameters := sdktrace.SamplingParameters{ParentContext: context.Background(), TraceID: id}
	return s.root.ShouldSample(parameters).Decision == sdktrace.RecordAndSample
}
