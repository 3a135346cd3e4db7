package telemetry

import (
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// maxLabels is how many sets of labels one kind of them remembers. The SDK bounds the series; this bounds the memory.
const maxLabels = 2000

// labels makes sets of labels, and remembers them, so that a measurement allocates nothing.
type labels[K comparable] struct {
	mu   *sync.RWMutex
	made map[K]set
	make func(K) []attribute.KeyValue
}

// set is a set of labels in the forms that instruments take.
type set struct {
	add    []metric.AddOption
	record []metric.RecordOption
}

func newLabels[K comparable](attributes func(K) []attribute.KeyValue) labels[K] {
	return labels[K]{mu: &sync.RWMutex{}, made: map[K]set{}, make: attributes}
}

// of returns the labels for a key.
func (l labels[K]) of(key K) set {
	l.mu.RLock()
	found, known := l.made[key]
	l.mu.RUnlock()
	if known {
		return found
	}
	option := metric.WithAttributeSet(attribute.NewSet(l.make(key)...))
	found = set{add: []metric.AddOption{option}, record: []metric.RecordOption{option}}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.made) < maxLabels {
		l.made[key] = found
	}
	return found
}

// byName returns labels that are one attribute.
func byName(name string) labels[string] {
	return newLabels(func(value string) []attribute.KeyValue {
		return []attribute.KeyValue{attribute.String(name, value)}
	})
}

// durations are the bounds, in seconds, that OpenTelemetry's conventions give for requests.
var durations = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}
