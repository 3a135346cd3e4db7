package telemetry

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"

	"portico/internal/failure"
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
	tracing
	duration metric.Float64Histogram
	fill     metric.Float64Histogram

	ended *labels[exchangeKind]
}

// exchangeKind is what the metric says of a request and its response.
type exchangeKind struct {
	method, host, port string
	status             int    // 0 without a response
	failure            string // empty if the status is good
}

func newClient(b *builder, spans tracing) *client {
	return &client{
		tracing: spans,
		duration: b.histogram("http.client.request.duration", "s",
			"http.request.method,server.address,server.port,http.response.status_code,error.type",
			"Duration of requests to Microsoft Graph, Entra ID and issuers of callers' tokens, with their bodies.",
			durations...),
		fill: b.histogram("portico.batch.fill", "1", "", "Share of a batch's places that was used.",
			0.15, 0.25, 0.5, 0.75, 0.9, 0.95, 1),
		ended: newLabels(exchangeKind.attributes),
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
	x := &exchange{client: m.client, start: time.Now(), kind: kindOf(r), ctx: context.Background()}
	out, ours := m.about(r)
	if m.on {
		x.ctx = x.startSpan(r.Context(), out)
		r = r.WithContext(x.ctx)
		if ours {
			r.Header = identified(r.Header, x.span.SpanContext().TraceID())
		}
	}
	if out.Items > 0 {
		m.fill.Record(context.Background(), float64(out.Items)/maxBatch)
	}
	resp, err := m.next.RoundTrip(r)
	if err != nil {
		x.end(err)
		return nil, err
	}
	x.respond(resp)
	x.ReadCloser, resp.Body = resp.Body, x
	return resp, nil
}

func kindOf(r *http.Request) exchangeKind {
	return exchangeKind{method: methodOf(r), host: r.URL.Hostname(), port: portOf(r.URL)}
}

func portOf(u *url.URL) string {
	if port := u.Port(); port != "" || u.Scheme != "https" {
		return port
	}
	return "443"
}

// identified returns a header with a trace's id in the form of a client-request-id, which is a GUID.
func identified(header http.Header, id trace.TraceID) http.Header {
	if !id.IsValid() {
		return header
	}
	text := id.String()
	header = maps.Clone(header) // shallow: no list of values is changed
	header.Set("client-request-id", text[:8]+"-"+text[8:12]+"-"+text[12:16]+"-"+text[16:20]+"-"+text[20:])
	return header
}

// exchange is one request under way, and then the body of its response, with whose end it ends.
type exchange struct {
	io.ReadCloser
	client *client
	ctx    context.Context // with the span, for exemplars, if there are spans
	start  time.Time
	kind   exchangeKind
	span   trace.Span
	ended  atomic.Bool
}

func (x *exchange) startSpan(ctx context.Context, out Outgoing) context.Context {
	name := x.kind.method
	if out.Template != "" {
		name += " " + out.Template
	}
	ctx, x.span = x.client.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(x.start))
	if !x.span.IsRecording() {
		return ctx
	}
	if out.Template != "" {
		x.span.SetAttributes(semconv.URLTemplate(out.Template))
	}
	if out.Items > 0 {
		x.span.SetAttributes(attribute.Int("portico.batch.items", out.Items))
	}
	if out.Attempt > 1 {
		x.span.SetAttributes(semconv.HTTPRequestResendCount(out.Attempt - 1))
	}
	if out.Wave > 0 {
		x.span.SetAttributes(attribute.Int("portico.wave", out.Wave))
	}
	return ctx
}

// respond notes what the header of a response says.
func (x *exchange) respond(resp *http.Response) {
	if x.kind.status = resp.StatusCode; x.kind.status >= http.StatusBadRequest {
		x.kind.failure = strconv.Itoa(x.kind.status)
	}
	if x.span == nil || !x.span.IsRecording() {
		return
	}
	if id := redact.RequestID(resp.Header.Get("Request-Id")); id != "" {
		x.span.SetAttributes(attribute.String("msgraph.request_id", id))
	}
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
	if err != nil && !errors.Is(err, io.EOF) {
		x.kind.failure = classOf(err)
	}
	labels := x.client.ended.of(x.kind)
	x.client.duration.Record(x.ctx, time.Since(x.start).Seconds(), labels.record...)
	if x.span == nil {
		return
	}
	if x.span.IsRecording() {
		x.span.SetAttributes(labels.list...)
		if x.kind.failure != "" {
			x.span.SetStatus(codes.Error, "")
		}
	}
	x.span.End()
}

// classOf is failure.Class, and canceled for a request that nobody waits for any more.
func classOf(err error) string {
	if errors.Is(err, context.Canceled) {
		return "canceled"
	}
	return failure.Class(err)
}
