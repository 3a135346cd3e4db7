package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// tally is a counter by labels. It is read when metrics are collected, so that counting is one addition, and not a
// measurement of the SDK's.
type tally[K comparable] struct{ *labels[K] }

// newTally returns a tally that only grows.
func newTally[K comparable](
	b *builder, name, unit, names, what string, attributes func(K) []attribute.KeyValue,
) tally[K] {
	t := tally[K]{newLabels(attributes, nil)}
	_, err := b.meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(what),
		metric.WithInt64Callback(t.observe))
	b.note(Metric{name, unit, kindCounter, names, what}, err)
	return t
}

// tally returns a tally by the one label that it has.
func (b *builder) tally(name, unit, label, what string) tally[string] {
	return newTally(b, name, unit, label, what, named(label))
}

// newLevel returns a tally that goes up and down.
func newLevel[K comparable](
	b *builder, name, unit, names, what string, attributes func(K) []attribute.KeyValue,
) tally[K] {
	t := tally[K]{newLabels(attributes, nil)}
	_, err := b.meter.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(what),
		metric.WithInt64Callback(t.observe))
	b.note(Metric{name, unit, kindGauge, names, what}, err)
	return t
}

// add counts n more for a key.
func (t tally[K]) add(key K, n int) { t.of(key).count.Add(int64(n)) }

func (t tally[K]) observe(_ context.Context, o metric.Int64Observer) error {
	for _, one := range t.all() {
		o.Observe(one.count.Load(), one.option)
	}
	return nil
}
