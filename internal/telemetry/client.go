package telemetry

import (
	"context"
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"portico/internal/failure"
	"portico/internal/opentelemetry"
	"portico/internal/redact"
)

// Outgoing says what a request to Microsoft Graph is for.
type Outgoing struct {
	// Template is the path without keys.
	Template string
	// Items are the lookups in a batch, 0 if it is none.
	Items int
	// Attempt is 1 for what is sent for the first time, Wave the number of the wave.
	Attempt, Wave int
}

// maxBatch is how many lookups a batch may have.
const maxBatch = 20

// client measures the requests that the service sends. Unlike otelhttp it names no URL: paths hold what callers asked
// for.
type client struct {
	tracer *opentelemetry.Tracer // nil without spans
	fill   *opentelemetry.Series
	ended  *labels[exchangeKind]
}

// exchangeKind is what the metric says of a request and its response.
type exchangeKind struct {
	method, host, port string // the port is 443 for https if the URL has none: equal labels must have one key
	status             int    // 0 without a response
	failure            string // empty if the status is good
}

func newClient(b *builder, tracer *opentelemetry.Tracer) *client {
	return &client{
		tracer: tracer,
		ended: newLabels(exchangeKind.attributes, b.histogram("http.client.request.duration", "s",
			"http.request.method,server.address,server.port,http.response.status_code,error.type",
			"Duration of requests to Microsoft Graph, Entra ID and issuers of callers' tokens, with their bodies.",
			durations...)),
		fill: b.series("portico.batch.fill", "1", "Share of a batch's places that was used.",
			0.15, 0.25, 0.5, 0.75, 0.9, 0.95, 1),
	}
}

func (k exchangeKind) attributes() []attribute.KeyValue {
	list := []attribute.KeyValue{semconv.HTTPRequestMethodKey.String(k.method), semconv.ServerAddress(k.host)}
	if port, err := strconv.Atoi(k.port); err == nil {
		list = append(list, semconv.ServerPort(port))
	}
	if k.status != 0 {
		list = append(list, semconv.HTTPResponseStatusCode(k.status))
	}
	if k.failure != "" {
		list = append(list, semconv.ErrorTypeKey.String(k.failure))
	}
	return list
}

// measuring is a round tripper that measures the requests of another one. About says what a request is for; false if it
// is not one to Microsoft Graph.
type measuring struct {
	*client
	next  http.RoundTripper
	about func(*http.Request) (Outgoing, bool)
}

// RoundTrip implements http.RoundTripper.
func (m *measuring) RoundTrip(r *http.Request) (*http.Response, error) {
	x := &exchange{of: m, request: r, start: time.Now()}
	if m.tracer != nil {
		m.tracer.BeginBelow(&x.span, spanOf(r.Context()), x.start)
		x.request = m.identified(r, &x.span)
	}
	if r.Method == http.MethodPost {
		if out, _ := m.about(r); out.Items > 0 {
			m.fill.Record(float64(out.Items)/maxBatch, nil)
		}
	}
	resp, err := m.next.RoundTrip(x.request)
	if err != nil {
		x.end(err)
		return nil, err
	}
	x.status, x.requestID = resp.StatusCode, resp.Header["Request-Id"]
	x.ReadCloser, resp.Body = resp.Body, x
	return resp, nil
}

// identified returns a request to Microsoft Graph with the id of a trace. It has it before, by [Instruments.Identify],
// unless the trace begins here.
func (m *measuring) identified(r *http.Request, span *opentelemetry.Span) *http.Request {
	if r.Header[clientRequestID] != nil { //nolint:staticcheck // it is ours, and not canonical
		return r
	}
	if _, ours := m.about(r); !ours {
		return r
	}
	r = r.WithContext(r.Context()) // a copy
	r.Header = maps.Clone(r.Header)
	identify(r.Header, span)
	return r
}

// clientRequestID is in lower case, as HTTP/2 sends it. net/http would convert the canonical form to this one, twice
// for each request.
const clientRequestID = "client-request-id"

// identify writes the id of a trace into a header, in the form of a GUID.
func identify(header http.Header, span *opentelemetry.Span) {
	id := span.TraceID()
	var room [36]byte
	guid := room[:0]
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			guid = append(guid, '-')
		}
		guid = hex.AppendEncode(guid, part)
	}
	header[clientRequestID] = []string{string(guid)}
}

// exchange is one request under way, and then the body of its response, with whose end it ends.
type exchange struct {
	io.ReadCloser
	of        *measuring
	request   *http.Request
	start     time.Time
	status    int                // 0 without a response
	requestID []string           // Microsoft Graph's
	span      opentelemetry.Span // if there are spans
	ended     atomic.Bool
}

// Read implements io.Reader.
func (x *exchange) Read(p []byte) (int, error) {
	n, err := x.ReadCloser.Read(p)
	if err != nil {
		x.end(err)
	}
	return n, err
}

// Close implements io.Closer.
func (x *exchange) Close() error {
	err := x.ReadCloser.Close()
	x.end(nil)
	return err
}

// end ends the measurement once. The error is that of the request, or of its response's body.
func (x *exchange) end(err error) {
	if x.ended.Swap(true) {
		return
	}
	kind := x.kind(err)
	labels, took := x.of.ended.of(kind), time.Since(x.start)
	labels.series.Record(took.Seconds(), &x.span)
	if x.span.Recorded() {
		x.endSpan(kind, labels, took)
	}
}

func (x *exchange) kind(err error) exchangeKind {
	server := x.request.URL
	kind := exchangeKind{method: methodOf(x.request), host: server.Hostname(), port: portOf(server), status: x.status}
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		kind.failure = classOf(err)
	case x.status >= http.StatusBadRequest:
		kind.failure = strconv.Itoa(x.status)
	}
	return kind
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" || u.Scheme != "https" {
		return port
	}
	return "443"
}

// endSpan describes the request. Labels are the metric's.
func (x *exchange) endSpan(kind exchangeKind, labels *set, took time.Duration) {
	out, _ := x.of.about(x.request)
	between := ""
	if out.Template != "" {
		between = " "
	}
	var room [512]byte
	d := opentelemetry.Describe(room[:], trace.SpanKindClient, kind.method, between, out.Template).Like(labels.encoded)
	if out.Template != "" {
		d = d.Text(semconv.URLTemplateKey, out.Template)
	}
	if out.Items > 0 {
		d = d.Int("portico.batch.items", out.Items)
	}
	if out.Attempt > 1 {
		d = d.Int(semconv.HTTPRequestResendCountKey, out.Attempt-1)
	}
	if out.Wave > 0 {
		d = d.Int("portico.wave", out.Wave)
	}
	if len(x.requestID) > 0 {
		if id := redact.RequestID(x.requestID[0]); id != "" {
			d = d.Text("msgraph.request_id", id)
		}
	}
	if kind.failure != "" {
		d = d.Failed()
	}
	x.span.End(took, d)
}

// classOf is failure.Class, and canceled for a request that nobody waits for any more.
func classOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return "canceled"
	}
	return failure.Class(err)
}
