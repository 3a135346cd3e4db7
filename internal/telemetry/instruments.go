package telemetry

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"portico/graph/code"
)

// scope is the name of what measures, for OpenTelemetry.
const scope = "portico"

// Instruments are the spans and metrics of the service. Their names and labels are fixed words and numbers: nothing
// that a caller or Microsoft Graph sent, but for the name of an operation in its span. A nil one measures nothing.
type Instruments struct {
	meter metric.Meter

	server     *server
	client     *client
	operations *operations

	errors         metric.Int64Counter
	limitRefused   metric.Int64Counter
	retries        metric.Int64Counter
	refusedOptions metric.Int64Counter
	callersRefused metric.Int64Counter
	keyRefreshes   metric.Int64Counter

	byCode, byReason, byStatus, byEndpoint, byResult labels[string]

	described []Metric
}

// NewInstruments returns instruments of the providers, which may be no-ops. Traced says that spans are wanted at all.
func NewInstruments(traces trace.TracerProvider, meters metric.MeterProvider, traced bool) (*Instruments, error) {
	in := &Instruments{meter: meters.Meter(scope)}
	b, spans := builder{meter: in.meter}, tracing{traced, traces.Tracer(scope)}
	in.server, in.client, in.operations = newServer(&b, spans), newClient(&b, spans), newOperations(&b, spans)
	in.errors = b.counter("portico.errors", "{response}", "code", "Responses with an error, for each code in them.")
	in.limitRefused = b.counter("portico.limit.refused", "{response}", "code",
		"Responses that refuse a request because of a limit, a quota or an overload.")
	in.retries = b.counter("portico.upstream.retries", "{item}", "status",
		"Lookups that were sent again, by the status before.")
	in.refusedOptions = b.counter("portico.upstream.refused_options", "{option}", "endpoint",
		"Query options that an endpoint of Microsoft Graph turned out to refuse.")
	in.callersRefused = b.counter("portico.callers.refused", "{request}", "reason",
		"Requests of callers that were not let in.")
	in.keyRefreshes = b.counter("portico.jwks.refreshes", "{fetch}", "result",
		"Fetches of the keys that sign callers' tokens.")
	in.byCode, in.byReason, in.byStatus = byName("code"), byName("reason"), byName("status")
	in.byEndpoint, in.byResult = byName("endpoint"), byName("result")
	in.described = b.described
	return in, errors.Join(b.problems...)
}

// Client returns a round tripper that measures the requests of another one. About says what a request is for; false if
// it is not one to Microsoft Graph. Requests to Microsoft Graph in a trace get the trace's id as client-request-id, by
// which Microsoft's support finds them.
func (in *Instruments) Client(next http.RoundTripper, about func(*http.Request) (Outgoing, bool)) http.RoundTripper {
	if in == nil {
		return next
	}
	return &measuring{in.client, next, about}
}

// Retried counts a lookup that is sent again. Status is the HTTP status before, or a class of package failure.
func (in *Instruments) Retried(ctx context.Context, status string) {
	if in != nil {
		in.retries.Add(ctx, 1, in.byStatus.of(status).add...)
	}
}

// RefusedOption counts a query option that an endpoint refuses. The endpoint is a path without keys.
func (in *Instruments) RefusedOption(endpoint string) {
	if in != nil {
		in.refusedOptions.Add(context.Background(), 1, in.byEndpoint.of(endpoint).add...)
	}
}

// CallerRefused counts a request that was not let in. The reason is one of a few words.
func (in *Instruments) CallerRefused(ctx context.Context, reason string) {
	if in != nil {
		in.callersRefused.Add(ctx, 1, in.byReason.of(reason).add...)
	}
}

// KeysFetched counts a fetch of the keys that sign callers' tokens.
func (in *Instruments) KeysFetched(ctx context.Context, err error) {
	if in == nil {
		return
	}
	result := "ok"
	if err != nil {
		result = "failed"
	}
	in.keyRefreshes.Add(ctx, 1, in.byResult.of(result).add...)
}

// sharedOperation counts a request that got the response of an equal one in flight.
func (in *Instruments) sharedOperation() {
	if in != nil {
		in.operations.share(context.Background(), 1, "operation")
	}
}

// erroneous counts a response with errors of these codes, each once.
func (in *Instruments) erroneous(found []string) {
	if in == nil {
		return
	}
	for i, one := range found {
		if !code.Known(one) {
			one = "OTHER"
		}
		if slices.Contains(found[:i], one) {
			continue
		}
		in.errors.Add(context.Background(), 1, in.byCode.of(one).add...)
		if code.IsLimit(one) {
			in.limitRefused.Add(context.Background(), 1, in.byCode.of(one).add...)
		}
	}
}
