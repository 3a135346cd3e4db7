package opentelemetry

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	metricspb "go.opentelemetry.io/proto/otlp/metrics/v1"
	"google.golang.org/protobuf/proto"
)

// A collector gets histograms as it asked for them by OpenTelemetry's variable, which the library reads.
func TestHistogramsReachACollector(t *testing.T) {
	for preference, want := range map[string]metricspb.AggregationTemporality{
		"":           metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE,
		"cumulative": metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE,
		"delta":      metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA,
		"lowmemory":  metricspb.AggregationTemporality_AGGREGATION_TEMPORALITY_DELTA,
	} {
		t.Run(preference, func(t *testing.T) {
			t.Setenv("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", preference)
			collector := &metricsCollector{t: t}
			server := httptest.NewServer(collector)
			defer server.Close()
			sdk, err := New(Options{
				Service: "portico", Log: slog.New(slog.DiscardHandler), Prometheus: true, Metrics: Target{URL: server.URL + "/v1/metrics"},
			})
			if err != nil {
				t.Fatal(err)
			}
			sdk.Histograms.New("x", "s", "what", 1, 10).Series(attribute.String("a", "b")).Record(2, nil)
			if err := sdk.Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			got := collector.find("x")
			if got == nil || got.Unit != "s" || got.Description != "what" {
				t.Fatalf("got %v", got)
			}
			histogram := got.GetHistogram()
			if point := histogram.DataPoints[0]; histogram.AggregationTemporality != want || point.Count != 1 || point.GetSum() != 2 || point.BucketCounts[1] != 1 {
				t.Errorf("got %v", histogram)
			}
		})
	}
}

// metricsCollector keeps what it gets.
type metricsCollector struct {
	t   *testing.T
	mu  sync.Mutex
	all []*metricspb.Metric
}

// ServeHTTP implements http.Handler.
func (c *metricsCollector) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	found := &metricspb.MetricsData{} // has the same fields as the request
	if err == nil {
		err = proto.Unmarshal(body, found)
	}
	if err != nil {
		c.t.Error(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, resource := range found.ResourceMetrics {
		for _, scope := range resource.ScopeMetrics {
			c.all = append(c.all, scope.Metrics...)
		}
	}
}

func (c *metricsCollector) find(name string) *metricspb.Metric {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.all {
		if one.Name == name {
			return one
		}
	}
	return nil
}
