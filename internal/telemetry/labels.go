package telemetry

import (
	"maps"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"portico/internal/opentelemetry"
)

// maxLabels is how many sets of labels one metric has. What is beyond is counted together, as the SDK does it.
const maxLabels = 2000

// labels makes sets of labels, and keeps them, so that a measurement allocates nothing.
type labels[K comparable] struct {
	attributes func(K) []attribute.KeyValue
	histogram  *opentelemetry.Histogram // nil for a tally

	last  atomic.Pointer[kept[K]]        // the most recently used one, which is usually also the next
	made  atomic.Pointer[map[K]*kept[K]] // replaced, never changed
	mu    sync.Mutex                     // held by who replaces it
	other *set
}

// kept is a set of labels with what it was made of.
type kept[K comparable] struct {
	key K
	*set
}

// set is one set of labels.
type set struct {
	option  metric.MeasurementOption
	series  *opentelemetry.Series     // of the histogram
	encoded opentelemetry.Description // for a span
	count   atomic.Int64              // for a tally
}

func newLabels[K comparable](
	attributes func(K) []attribute.KeyValue, histogram *opentelemetry.Histogram,
) *labels[K] {
	l := &labels[K]{attributes: attributes, histogram: histogram}
	l.made.Store(&map[K]*kept[K]{})
	return l
}

func (l *labels[K]) set(list ...attribute.KeyValue) *set {
	return &set{
		option: metric.WithAttributeSet(attribute.NewSet(list...)), series: l.histogram.Series(list...),
		encoded: opentelemetry.Description(nil).With(list...),
	}
}

// of returns the labels for a key.
func (l *labels[K]) of(key K) *set {
	if last := l.last.Load(); last != nil && last.key == key {
		return last.set
	}
	if found := (*l.made.Load())[key]; found != nil {
		l.last.Store(found)
		return found.set
	}
	return l.add(key)
}

// add makes the labels for a key, unless somebody else just did.
func (l *labels[K]) add(key K) *set {
	l.mu.Lock()
	defer l.mu.Unlock()
	made := *l.made.Load()
	if found := made[key]; found != nil {
		return found.set
	}
	if len(made) >= maxLabels {
		return l.beyond()
	}
	one := &kept[K]{key, l.set(l.attributes(key)...)}
	made = maps.Clone(made)
	made[key] = one
	l.made.Store(&made)
	return one.set
}

// beyond returns the labels for keys that there is no room for; l.mu is held.
func (l *labels[K]) beyond() *set {
	if l.other == nil {
		l.other = l.set(attribute.Bool("otel.metric.overflow", true))
	}
	return l.other
}

// all returns the sets that were made.
func (l *labels[K]) all() (found []*set) {
	for _, one := range *l.made.Load() {
		found = append(found, one.set)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.other != nil {
		found = append(found, l.other)
	}
	return found
}

// named returns what makes labels of one attribute.
func named(name string) func(string) []attribute.KeyValue {
	return func(value string) []attribute.KeyValue { return []attribute.KeyValue{attribute.String(name, value)} }
}

// durations are the bounds, in seconds, that OpenTelemetry's conventions give for requests.
var durations = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
