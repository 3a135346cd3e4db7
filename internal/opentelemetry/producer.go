package opentelemetry

import (
	"context"
	"slices"
	"time"

	"go.opentelemetry.io/otel/sdk/instrumentation"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// producer hands histograms to one reader of the SDK's.
type producer struct {
	*Histograms
	temporality metricdata.Temporality
}

// producer returns what hands histograms to a reader: all that was measured or, by deltas, what was measured since the
// reader read them before. One reader at most has deltas.
func (h *Histograms) producer(temporality metricdata.Temporality) sdkmetric.Producer {
	h.deltas = h.deltas || temporality == metricdata.DeltaTemporality
	return producer{h, temporality}
}

// Produce implements sdkmetric.Producer.
func (p producer) Produce(context.Context) ([]metricdata.ScopeMetrics, error) {
	found := metricdata.ScopeMetrics{Scope: instrumentation.Scope{Name: p.scope}}
	for _, one := range p.histograms() {
		data := metricdata.Histogram[float64]{Temporality: p.temporality}
		for _, series := range one.all() {
			if point := series.point(p.temporality, time.Now()); point.Count > 0 {
				data.DataPoints = append(data.DataPoints, point)
			}
		}
		if len(data.DataPoints) > 0 {
			found.Metrics = append(found.Metrics,
				metricdata.Metrics{Name: one.name, Description: one.what, Unit: one.unit, Data: data})
		}
	}
	if len(found.Metrics) == 0 { // nothing was measured, and the SDK exports no empty scope either
		return nil, nil
	}
	return []metricdata.ScopeMetrics{found}, nil
}

func (h *Histograms) histograms() []*Histogram {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.all)
}

func (h *Histogram) all() []*Series {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.series)
}

// point returns what was counted.
func (s *Series) point(temporality metricdata.Temporality, now time.Time) metricdata.HistogramDataPoint[float64] {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.total
	if temporality == metricdata.DeltaTemporality {
		d, s.recent = s.recent, newDistribution(len(d.buckets), now)
	}
	point := metricdata.HistogramDataPoint[float64]{
		Attributes: s.labels, StartTime: d.began, Time: now, Bounds: s.histogram.bounds, Count: d.count,
		BucketCounts: slices.Clone(d.buckets), Sum: d.sum,
		Min: metricdata.NewExtrema(d.min), Max: metricdata.NewExtrema(d.max),
	}
	for i := range s.examples {
		e := &s.examples[i]
		if e.at.IsZero() || d != s.total && e.given {
			continue
		}
		e.read, e.given = true, e.given || d != s.total
		point.Exemplars = append(point.Exemplars, e.exemplar())
	}
	return point
}

func (e *example) exemplar() metricdata.Exemplar[float64] {
	found := metricdata.Exemplar[float64]{Value: e.value, Time: e.at}
	if e.trace.IsValid() {
		found.TraceID, found.SpanID = slices.Clone(e.trace[:]), slices.Clone(e.span[:])
	}
	return found
}
