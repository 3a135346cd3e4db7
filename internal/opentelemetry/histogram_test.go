package opentelemetry

import (
	"context"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/metric/metricdata/metricdatatest"
	"go.opentelemetry.io/otel/trace"
)

// collection is what a reader got from a histogram of the SDK's and from one of ours.
type collection struct {
	reader sdkmetric.Reader
	theirs metric.Float64Histogram
	ours   *Histogram
}

var testBounds = []float64{0, 1, 2.5, 10}

// side returns histograms of both kinds behind a reader that wants one temporality.
func side(t *testing.T, temporality metricdata.Temporality) collection {
	t.Helper()
	h := &Histograms{scope: "portico"}
	reader := sdkmetric.NewManualReader(sdkmetric.WithProducer(h.producer(temporality)),
		sdkmetric.WithTemporalitySelector(func(sdkmetric.InstrumentKind) metricdata.Temporality { return temporality }))
	theirs, err := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("portico").Float64Histogram("x",
		metric.WithUnit("s"), metric.WithDescription("what"), metric.WithExplicitBucketBoundaries(testBounds...))
	if err != nil {
		t.Fatal(err)
	}
	return collection{reader, theirs, h.New("x", "s", "what", testBounds...)}
}

// collect returns the SDK's metrics and ours.
func (c collection) collect(t *testing.T) (theirs, ours metricdata.ScopeMetrics) {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := c.reader.Collect(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	switch len(all.ScopeMetrics) {
	case 0: // both have none
		return theirs, ours
	case 2:
		return all.ScopeMetrics[0], all.ScopeMetrics[1]
	}
	t.Fatalf("got %d scopes", len(all.ScopeMetrics))
	return theirs, ours
}

func TestAHistogramIsAsTheSDKs(t *testing.T) {
	t.Parallel()
	labels := []attribute.KeyValue{attribute.String("b", "1"), attribute.Int("a", 2)}
	for _, temporality := range []metricdata.Temporality{metricdata.CumulativeTemporality, metricdata.DeltaTemporality} {
		t.Run(temporality.String(), func(t *testing.T) {
			t.Parallel()
			c := side(t, temporality)
			labelled, plain := c.ours.Series(labels...), c.ours.Series()
			record := func(value float64, of *Series, option ...metric.RecordOption) {
				of.Record(value, nil)
				c.theirs.Record(t.Context(), value, option...)
			}
			for round, values := range [][]float64{
				{}, {0.5}, testBounds, {-1, 0, 100, 1e9, 2.4375}, {}, {3}, {-0.25, 0.125},
			} {
				for _, value := range values {
					record(value, labelled, metric.WithAttributes(labels...))
				}
				if round == 3 {
					record(7, plain)
				}
				theirs, ours := c.collect(t)
				if !metricdatatest.AssertEqual(t, theirs, ours, metricdatatest.IgnoreTimestamp()) {
					t.Errorf("round %d", round)
				}
			}
		})
	}
}

// Two readers, one of which wants deltas, do not take anything from one another.
func TestTheTimesOfADistribution(t *testing.T) {
	t.Parallel()
	h := &Histograms{scope: "portico"}
	all, recent := h.producer(metricdata.CumulativeTemporality), h.producer(metricdata.DeltaTemporality)
	begun := time.Now()
	series := h.New("x", "s", "what", testBounds...).Series()
	read := func(p sdkmetric.Producer) metricdata.HistogramDataPoint[float64] {
		found, err := p.Produce(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return found[0].Metrics[0].Data.(metricdata.Histogram[float64]).DataPoints[0]
	}
	series.Record(1, nil)
	first := read(recent)
	series.Record(2, nil)
	second, total := read(recent), read(all)
	if first.StartTime.Before(begun) || first.Time.Before(first.StartTime) || !second.StartTime.Equal(first.Time) || second.Time.Before(second.StartTime) {
		t.Errorf("deltas from %v to %v and from %v to %v", first.StartTime, first.Time, second.StartTime, second.Time)
	}
	if !total.StartTime.Equal(first.StartTime) || total.Time.Before(second.Time) {
		t.Errorf("total from %v to %v", total.StartTime, total.Time)
	}
	if first.Sum != 1 || second.Sum != 2 || total.Sum != 3 || total.Count != 2 {
		t.Errorf("sums %v, %v, %v", first.Sum, second.Sum, total.Sum)
	}
}

func TestWhichMeasurementsAreExemplars(t *testing.T) {
	t.Parallel()
	recorded, unrecorded := &Span{tracer: &Tracer{}, trace: newTraceID(), id: newSpanID()}, &Span{trace: newTraceID(), id: newSpanID()}
	for _, test := range []struct {
		name   string
		filter Exemplars
		span   *Span
		want   bool
	}{
		{"a measurement in a recorded trace", "", recorded, true},
		{"the same, by name", TraceBased, recorded, true},
		{"not one in a trace that is not recorded", TraceBased, unrecorded, false},
		{"not one without a trace", TraceBased, nil, false},
		{"if all may be, also in a trace that is not recorded", AlwaysOn, unrecorded, true},
		{"if all may be, also without a trace", AlwaysOn, nil, true},
		{"none, if none may be", AlwaysOff, recorded, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h := &Histograms{exemplars: test.filter}
			series := h.New("x", "s", "what", testBounds...).Series()
			series.Record(1.5, test.span)
			series.Record(1.6, test.span) // its bucket has one that nobody has read
			first := series.point(metricdata.CumulativeTemporality, time.Now()).Exemplars
			if got := len(first) == 1; got != test.want {
				t.Fatalf("got %v", first)
			}
			if !test.want {
				return
			}
			var want metricdata.Exemplar[float64]
			if want.Value = 1.5; test.span != nil {
				want.TraceID, want.SpanID = test.span.trace[:], test.span.id[:]
			}
			metricdatatest.AssertEqual(t, want, first[0], metricdatatest.IgnoreTimestamp())
			series.Record(1.7, test.span)
			if next := series.point(metricdata.CumulativeTemporality, time.Now()).Exemplars; len(next) != 1 || next[0].Value != 1.7 {
				t.Errorf("after it was read, got %v", next)
			}
		})
	}
}

func TestADeltaHasTheExemplarsOfItsTime(t *testing.T) {
	t.Parallel()
	h := &Histograms{exemplars: AlwaysOn}
	h.producer(metricdata.DeltaTemporality)
	series := h.New("x", "s", "what", testBounds...).Series()
	series.Record(1.5, nil)
	if first := series.point(metricdata.DeltaTemporality, time.Now()); len(first.Exemplars) != 1 {
		t.Errorf("got %v", first.Exemplars)
	}
	series.Record(5, nil)
	if next := series.point(metricdata.DeltaTemporality, time.Now()); len(next.Exemplars) != 1 || next.Exemplars[0].Value != 5 {
		t.Errorf("got %v", next.Exemplars)
	}
}

func TestManyMayRecordAndRead(t *testing.T) {
	t.Parallel()
	h := &Histograms{exemplars: AlwaysOn}
	producers := []sdkmetric.Producer{h.producer(metricdata.CumulativeTemporality), h.producer(metricdata.DeltaTemporality)}
	histogram := h.New("x", "s", "what", testBounds...)
	series := histogram.Series()
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			own := histogram.Series(attribute.Int("n", i))
			for range 100 {
				series.Record(1, &Span{tracer: &Tracer{}, trace: trace.TraceID{1}})
				own.Record(2, nil)
			}
		})
		all.Go(func() {
			for _, p := range producers {
				_, _ = p.Produce(context.Background())
			}
		})
	}
	all.Wait()
	if point := series.point(metricdata.CumulativeTemporality, time.Now()); point.Count != 400 || point.Sum != 400 {
		t.Errorf("got %v", point)
	}
}

func TestWithoutMetricsAHistogramMeasuresNothing(t *testing.T) {
	t.Parallel()
	var none *Histograms
	none.New("x", "s", "what", 1).Series(attribute.Bool("a", true)).Record(1, nil)
}
