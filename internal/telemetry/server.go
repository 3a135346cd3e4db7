package telemetry

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"portico/internal/opentelemetry"
)

// server measures the requests of callers. Unlike otelhttp it uses nothing that a caller chose: no host, no path, no
// query, no header.
type server struct {
	tracer *opentelemetry.Tracer // nil without spans
	active tally[requestKind]
	ended  *labels[responseKind]
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

func newServer(b *builder, tracer *opentelemetry.Tracer) *server {
	return &server{
		tracer: tracer,
		ended: newLabels(responseKind.attributes, b.histogram("http.server.request.duration", "s",
			"http.request.method,url.scheme,http.route,http.response.status_code,network.protocol.version,error.type",
			"Duration of requests of callers, but for probes.", durations...)),
		active: newLevel(b, "http.server.active_requests", "{request}", "http.request.method,url.scheme",
			"Requests of callers that are being answered.", requestKind.attributes),
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
	span   opentelemetry.Span // if there are spans
}

// serve begins to measure a request that began at start, for a route, which is empty if there is none. It returns the
// span, if there are spans.
func (m *server) serve(s *serving, r *http.Request, route string, start time.Time) *opentelemetry.Span {
	s.server = m
	s.kind = responseKind{requestKind: requestKind{methodOf(r), schemeOf(r)}, route: route, version: versionOf(r)}
	s.active = m.active.of(s.kind.requestKind)
	s.active.count.Add(1)
	if m.tracer == nil {
		return nil
	}
	m.tracer.Begin(&s.span, callersSpan(r.Header), start)
	return &s.span
}

// end ends the measurement of a request that took some time, and was answered with a status.
func (s *serving) end(status int, took time.Duration, shared bool) {
	if s == nil {
		return
	}
	s.kind.status = status
	s.active.count.Add(-1)
	labels := s.server.ended.of(s.kind)
	labels.series.Record(took.Seconds(), &s.span)
	if s.span.Recorded() {
		s.endSpan(labels, took, shared)
	}
}

func (s *serving) endSpan(labels *set, took time.Duration, shared bool) {
	method, between := s.kind.method, ""
	if method == "_OTHER" {
		method = "HTTP"
	}
	if s.kind.route != "" {
		between = " "
	}
	var room [512]byte
	d := opentelemetry.Describe(room[:], trace.SpanKindServer, method, between, s.kind.route).Like(labels.encoded)
	if shared {
		d = d.With(attribute.Bool("portico.shared", true))
	}
	if s.kind.failed() {
		d = d.Failed()
	}
	s.span.End(took, d)
}
