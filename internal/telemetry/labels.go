package telemetry

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// maxLabels is how many sets of labels one metric has. What is beyond is counted together, as the SDK does it.
const maxLabels = 2000

// labels makes sets of labels, and keeps them, so that a measurement allocates nothing.
type labels[K comparable] struct {
	attributes func(K) []attribute.KeyValue

	made  atomic.Pointer[map[K]*set] // replaced, never changed
	mu    sync.Mutex                 // held by who replaces it
	other set
}

// set is one set of labels.
type set struct {
	list   []attribute.KeyValue
	option metric.MeasurementOption
	record []metric.RecordOption // the option again, in the form that histograms take
	count  atomic.Int64          // for a tally
}

func newLabels[K comparable](attributes func(K) []attribute.KeyValue) *labels[K] {
	l := &labels[K]{attributes: attributes}
	l.made.Store(&map[K]*set{})
	l.other.init([]attribute.KeyValue{attribute.Bool("otel.metric.overflow", true)})
	return l
}

func (s *set) init(list []attribute.KeyValue) {
	s.list, s.option = list, metric.WithAttributeSet(attribute.NewSet(list...))
	s.record = []metric.RecordOption{s.option}
}

// of returns the labels for a key.
func (l *labels[K]) of(key K) *set {
	if found := (*l.made.Load())[key]; found != nil {
		return found
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	made := *l.made.Load()
	if found := made[key]; found != nil {
		return found
	}
	if len(made) >= maxLabels {
		return &l.other
	}
	one := &set{}
	one.init(l.attributes(key))
	made = maps.Clone(made)
	made[key] = one
	l.made.Store(&made)
	return one
}

// named returns what makes labels of one attribute.
func named(name string) func(string) []attribute.KeyValue {
	return func(value string) []attribute.KeyValue { return []attribute.KeyValue{attribute.String(name, value)} }
}

// durations are the bounds, in seconds, that OpenTelemetry's conventions give for requests.
var durations = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
