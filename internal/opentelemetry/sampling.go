package opentelemetry

import (
	"encoding/binary"
	"math/rand/v2"
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

// sampler returns what decides. A caller names a trace, and can say that it is not recorded. That it is recorded, and
// that its id is one of those that a ratio picks, it cannot decide unless FollowCallers: recording costs time here.
func (s Sampling) sampler() sdktrace.Sampler {
	name, based := strings.CutPrefix(s.Sampler, parentBased)
	root := sdktrace.AlwaysSample()
	switch name {
	case "always_off":
		root = sdktrace.NeverSample()
	case "traceidratio":
		root = sdktrace.TraceIDRatioBased(s.Ratio)
	}
	remote := sdktrace.Sampler(drawn{root})
	if based && s.FollowCallers {
		remote = sdktrace.AlwaysSample()
	}
	unrecorded := remote
	if based {
		unrecorded = sdktrace.NeverSample()
	}
	return sdktrace.ParentBased(root,
		sdktrace.WithRemoteParentSampled(remote), sdktrace.WithRemoteParentNotSampled(unrecorded))
}

// drawn is a sampler that goes by a random number in place of the trace's id, which a caller chose.
type drawn struct{ sdktrace.Sampler }

// ShouldSample implements sdktrace.Sampler.
func (d drawn) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	var id trace.TraceID
	binary.BigEndian.PutUint64(id[:8], rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	p.TraceID = id
	return d.Sampler.ShouldSample(p)
}
