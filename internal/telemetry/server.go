package telemetry

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

// server measures the requests of callers. Unlike otelhttp it uses nothing that a caller chose: no host, no path, no
// query, no header.
type server struct {
	tracing
	duration metric.Float64Histogram
	active   tally[requestKind]
	ended    *labels[responseKind]
}

// requestKind is what is known of a request when it begins; the rest is known when it ends. All are fixed words or
// numbers.
type (
	requestKind  struct{ method, scheme string }
	responseKind struct {
		requestKind
		route   string
		version string // of HTTP
		status  int
	}
)

func newServer(b *builder, spans tracing) *server {
	return &server{
		tracing: spans,
		duration: b.histogram("http.server.request.duration", "s",
			"http.request.method,url.scheme,http.route,http.response.status_code,network.protocol.version,error.type",
			"Duration of requests of callers, but for probes.", durations...),
		active: newLevel(b, "http.server.active_requests", "{request}", "http.request.method,url.scheme",
			"Requests of callers that are being answered.", requestKind.attributes),
		ended: newLabels(responseKind.attributes),
	}
}

func (k requestKind) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(k.method), semconv.URLScheme(k.scheme)}
}

func (k responseKind) attributes() []attribute.KeyValue {
	list := append(k.requestKind.attributes(),
		semconv.NetworkProtocolVersion(k.version), semconv.HTTPResponseStatusCode(k.status))
	if k.route != "" {
		list = append(list, semconv.HTTPRoute(k.route))
	}
	if k.failed() {
		list = append(list, semconv.ErrorTypeKey.String(strconv.Itoa(k.status)))
	}
	return list
}

func (k responseKind) failed() bool { return k.status >= http.StatusInternalServerError }

// methods are those that the conventions know. Any other is _OTHER.
var methods = []string{
	http.MethodPost, http.MethodGet, "QUERY", http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete,
	http.MethodPatch, http.MethodConnect, http.MethodTrace,
}

func methodOf(r *http.Request) string {
	if i := slices.Index(methods, r.Method); i >= 0 {
		return methods[i]
	}
	return "_OTHER"
}

func schemeOf(r *http.Request) string {
	if r.TLS != nil {
		return "https"
	}
	return "http"
}

func versionOf(r *http.Request) string {
	switch r.ProtoMajor {
	case 2:
		return "2"
	case 1:
		return "1.1"
	}
	return "other"
}

// serving is a request that is being answered. A nil one measures nothing.
type serving struct {
	server *server
	kind   responseKind
	active *set
	ctx    context.Context // with the span, for exemplars, if there are spans
	span   trace.Span
}

// serve begins to measure a request that began at start, for a route, which is empty if there is none.
func (m *server) serve(
	ctx context.Context, r *http.Request, route string, start time.Time,
) (context.Context, *serving) {
	s := &serving{server: m, ctx: context.Background(), kind: responseKind{
		requestKind: requestKind{methodOf(r), schemeOf(r)}, route: route, version: versionOf(r),
	}}
	s.active = m.active.of(s.kind.requestKind)
	s.active.count.Add(1)
	if !m.on {
		return ctx, s
	}
	name := s.kind.method
	if name == "_OTHER" {
		name = "HTTP"
	}
	if route != "" {
		name += " " + route
	}
	ctx = callersTrace(ctx, r.Header)
	ctx, s.span = m.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(start))
	s.ctx = ctx
	return ctx, s
}

// end ends the measurement of a request that took some time, and was answered with a status.
func (s *serving) end(status int, took time.Duration, shared bool) {
	if s == nil {
		return
	}
	s.kind.status = status
	s.active.count.Add(-1)
	labels := s.server.ended.of(s.kind)
	s.server.duration.Record(s.ctx, took.Seconds(), labels.record...)
	if s.span == nil {
		return
	}
	if s.span.IsRecording() {
		s.span.SetAttributes(labels.list...)
		if shared {
			s.span.SetAttributes(attribute.Bool("portico.shared", true))
		}
		if s.kind.failed() {
			s.span.SetStatus(codes.Error, "")
		}
	}
	s.span.End()
}
