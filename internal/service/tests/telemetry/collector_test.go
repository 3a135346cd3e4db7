package telemetry_test

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	metricspb "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	tracespb "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	commonpb "go.opentelemetry.io/proto/otlp/common/v1"
	spanpb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"portico/internal/service/servicetest"
)

// collector receives what the service exports by OTLP over HTTP.
type collector struct {
	URL    string
	status int // of its responses, 200 if it is 0

	mu       sync.Mutex
	traces   []*tracespb.ExportTraceServiceRequest
	metrics  []*metricspb.ExportMetricsServiceRequest
	headers  []http.Header
	unwanted []string
}

func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{}
	server := httptest.NewServer(c)
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

// ServeHTTP takes one export.
func (c *collector) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.headers = append(c.headers, r.Header)
	switch r.URL.Path {
	case "/v1/traces", "/own/traces":
		one := &tracespb.ExportTraceServiceRequest{}
		if err == nil {
			err = proto.Unmarshal(body, one)
		}
		c.traces = append(c.traces, one)
	case "/v1/metrics":
		one := &metricspb.ExportMetricsServiceRequest{}
		if err == nil {
			err = proto.Unmarshal(body, one)
		}
		c.metrics = append(c.metrics, one)
	default:
		c.unwanted = append(c.unwanted, r.URL.Path)
	}
	if err != nil || r.Method != http.MethodPost || r.Header.Get("Content-Type") != "application/x-protobuf" {
		c.unwanted = append(c.unwanted, fmt.Sprint(r.Method, r.Header, err))
	}
	if c.status != 0 {
		w.WriteHeader(c.status)
	}
}

// spans returns all spans so far, and all that is beside them as text.
func (c *collector) spans(t *testing.T) (spans []*spanpb.Span) {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, one := range c.unwanted {
		t.Errorf("the collector got %s", one)
	}
	for _, request := range c.traces {
		for _, resource := range request.ResourceSpans {
			for _, scope := range resource.ScopeSpans {
				spans = append(spans, scope.Spans...)
			}
		}
	}
	for _, span := range spans {
		if len(attributesOf(span)) != len(span.Attributes) {
			t.Errorf("a key is set twice in %v", span)
		}
	}
	return spans
}

// text is all that was exported.
func (c *collector) text() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return fmt.Sprint(c.traces, c.metrics)
}

// metricNames are those of the exported metrics, sorted.
func (c *collector) metricNames() (names []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, request := range c.metrics {
		for _, resource := range request.ResourceMetrics {
			for _, scope := range resource.ScopeMetrics {
				for _, metric := range scope.Metrics {
					names = append(names, metric.Name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// shown are the attributes that a tree shows, by the short names that it gives them. The others are checked apart.
var shown = []struct{ name, short string }{
	{"http.response.status_code", "status"},
	{"error.type", "error"},
	{"http.request.resend_count", "resent"},
	{"portico.batch.items", "items"},
	{"portico.wave", "wave"},
	{"portico.outcome", "outcome"},
	{"portico.plan.waves", "waves"},
	{"portico.upstream.requests", "requests"},
	{"portico.upstream.items", "items"},
	{"graphql.operation.name", "name"},
	{"portico.shared", "shared"},
}

// tree writes the spans of one trace, each below its parent.
func tree(spans []*spanpb.Span, parent string) string {
	return strings.Join(branches(spans, parent), "\n")
}

func branches(spans []*spanpb.Span, parent string) (lines []string) {
	var all [][]string
	for _, span := range spans {
		if fmt.Sprintf("%x", span.ParentSpanId) != parent {
			continue
		}
		one := []string{lineOf(span)}
		for _, below := range branches(spans, fmt.Sprintf("%x", span.SpanId)) {
			one = append(one, "  "+below)
		}
		all = append(all, one)
	}
	slices.SortFunc(all, func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return slices.Concat(all...)
}

func lineOf(span *spanpb.Span) string {
	line := strings.TrimPrefix(span.Kind.String(), "SPAN_KIND_") + " " + span.Name
	values := attributesOf(span)
	for _, one := range shown {
		if value, found := values[one.name]; found {
			line += " " + one.short + "=" + value
		}
	}
	if span.Status.GetCode() == spanpb.Status_STATUS_CODE_ERROR {
		line += " ERROR"
	}
	return line
}

func attributesOf(span *spanpb.Span) map[string]string {
	values := map[string]string{}
	for _, one := range span.Attributes {
		values[one.Key] = valueOf(one.Value)
	}
	return values
}

func valueOf(value *commonpb.AnyValue) string {
	switch v := value.Value.(type) {
	case *commonpb.AnyValue_StringValue:
		return v.StringValue
	case *commonpb.AnyValue_IntValue:
		return fmt.Sprint(v.IntValue)
	case *commonpb.AnyValue_BoolValue:
		return fmt.Sprint(v.BoolValue)
	}
	return value.String()
}

// during starts a service that exports to the collector, runs what sends it requests, and returns when the service has
// ended, and so has exported all.
func during(t *testing.T, c *collector, run func(t *testing.T, s *servicetest.Service), settings ...string) {
	t.Helper()
	t.Run("running", func(t *testing.T) {
		run(t, servicetest.StartSmall(t, append([]string{"OTEL_EXPORTER_OTLP_ENDPOINT=" + c.URL}, settings...)...))
	})
}
