package telemetry

import (
	"go.opentelemetry.io/otel/metric"

	"portico/internal/opentelemetry"
)

// Metric describes a metric, for the documentation.
type Metric struct {
	// Name is OpenTelemetry's. Unit is one of its units, or in braces what is counted.
	Name, Unit string
	// Kind is counter, gauge or histogram.
	Kind string
	// Labels are the names of the attributes, comma separated.
	Labels string
	What   string
}

// The kinds of metrics.
const (
	kindCounter   = "counter"
	kindGauge     = "gauge"
	kindHistogram = "histogram"
)

// builder makes instruments, and keeps what they are and what is wrong with them.
type builder struct {
	meter      metric.Meter
	histograms *opentelemetry.Histograms
	described  []Metric
	problems   []error
}

func (b *builder) observed(name, unit, labels, what string) metric.Int64ObservableCounter {
	c, err := b.meter.Int64ObservableCounter(name, metric.WithUnit(unit), metric.WithDescription(what))
	b.note(Metric{name, unit, kindCounter, labels, what}, err)
	return c
}

func (b *builder) histogram(name, unit, labels, what string, bounds ...float64) *opentelemetry.Histogram {
	b.note(Metric{name, unit, kindHistogram, labels, what}, nil)
	return b.histograms.New(name, unit, what, bounds...)
}

// series returns the only series of a histogram without labels.
func (b *builder) series(name, unit, what string, bounds ...float64) *opentelemetry.Series {
	return b.histogram(name, unit, "", what, bounds...).Series()
}

func (b *builder) gauge(name, unit, labels, what string) metric.Float64ObservableGauge {
	g, err := b.meter.Float64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(what))
	b.note(Metric{name, unit, kindGauge, labels, what}, err)
	return g
}

func (b *builder) note(m Metric, err error) {
	b.described, b.problems = append(b.described, m), append(b.problems, err)
}
