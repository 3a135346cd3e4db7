package opentelemetry

import (
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"
)

// Exemplars says which measurements may be examples of their bucket: one of ExemplarFilters.
type Exemplars string

// The filters that OTEL_METRICS_EXEMPLAR_FILTER may name, the default first.
const (
	TraceBased Exemplars = "trace_based" // those in a recorded trace
	AlwaysOn   Exemplars = "always_on"
	AlwaysOff  Exemplars = "always_off"
)

// ExemplarFilters returns the names of filters.
func ExemplarFilters() []string {
	return []string{string(TraceBased), string(AlwaysOn), string(AlwaysOff)}
}

// Histograms are read whenever metrics are collected. They do with little CPU time what the SDK's do, which find the
// series by its labels and the trace by a context at each measurement. A nil one measures nothing.
type Histograms struct {
	scope     string
	exemplars Exemplars
	deltas    bool // a reader wants what was measured since it read before

	mu  sync.Mutex
	all []*Histogram
}

// New returns a histogram whose buckets have these upper bounds, and one bucket beyond.
func (h *Histograms) New(name, unit, what string, bounds ...float64) *Histogram {
	if h == nil {
		return nil
	}
	one := &Histogram{of: h, name: name, unit: unit, what: what, bounds: bounds}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all = append(h.all, one)
	return one
}

// Histogram is a metric with one series for each set of labels.
type Histogram struct {
	of               *Histograms
	name, unit, what string
	bounds           []float64

	mu     sync.Mutex
	series []*Series
}

// Series returns a new series. There must be no other one with these labels.
func (h *Histogram) Series(labels ...attribute.KeyValue) *Series {
	if h == nil {
		return nil
	}
	labels = slices.Clone(labels) // NewSet sorts them in place
	now, buckets := time.Now(), len(h.bounds)+1
	s := &Series{
		histogram: h, labels: attribute.NewSet(labels...), total: newDistribution(buckets, now),
		examples: make([]example, buckets),
	}
	if h.of.deltas {
		s.recent = newDistribution(buckets, now)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.series = append(h.series, s)
	return s
}

// Series counts measurements with the same labels. A nil one counts nothing.
type Series struct {
	histogram *Histogram
	labels    attribute.Set

	mu       sync.Mutex
	total    *distribution
	recent   *distribution // since the last delta; nil if nobody wants it
	examples []example     // one for each bucket
}

// distribution is what a histogram says of measurements.
type distribution struct {
	began    time.Time
	buckets  []uint64
	count    uint64
	sum      float64
	min, max float64 // if count is not 0
}

func newDistribution(buckets int, now time.Time) *distribution {
	return &distribution{began: now, buckets: make([]uint64, buckets)}
}

// example is a measurement in a bucket, and the span that it belongs to.
type example struct {
	value float64
	at    time.Time // zero: there is none
	trace trace.TraceID
	span  trace.SpanID
	read  bool // by a reader: another one may take its place
	given bool // to the reader of deltas
}

// Record counts a measurement, which was made in a span or, nil, in none.
func (s *Series) Record(value float64, in *Span) {
	if s == nil {
		return
	}
	bucket := s.histogram.bucket(value)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total.add(bucket, value)
	if s.recent != nil {
		s.recent.add(bucket, value)
	}
	if e := &s.examples[bucket]; s.histogram.of.exemplars.take(in) && (e.read || e.at.IsZero()) {
		e.set(value, in)
	}
}

func (h *Histogram) bucket(value float64) (i int) {
	for i < len(h.bounds) && value > h.bounds[i] {
		i++
	}
	return i
}

func (d *distribution) add(bucket int, value float64) {
	if d.count == 0 {
		d.min, d.max = value, value
	}
	d.buckets[bucket]++
	d.count++
	d.sum += value
	d.min, d.max = min(d.min, value), max(d.max, value)
}

// take reports whether a measurement in a span may be an example.
func (e Exemplars) take(in *Span) bool { return e == AlwaysOn || e != AlwaysOff && in.Recorded() }

func (e *example) set(value float64, in *Span) {
	*e = example{value: value, at: time.Now()}
	if in != nil {
		e.trace, e.span = in.trace, in.id
	}
}
