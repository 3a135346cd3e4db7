package telemetry

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/metric"

	"portico/graph/code"
	"portico/internal/opentelemetry"
)

// scope is the name of what makes metrics, for OpenTelemetry.
const scope = "portico"

// Instruments are the spans and metrics of the service. Their names and labels are fixed words and numbers: nothing
// that a caller or Microsoft Graph sent, but for the name of an operation in its span. A nil one measures nothing.
type Instruments struct {
	meter metric.Meter

	server     *server
	client     *client
	operations *operations

	errors, limitRefused    tally[string] // by code
	retries, refusedOptions tally[string] // by status, by endpoint
	callersRefused          tally[string] // by reason
	keyRefreshes            tally[string] // by result
	lookups                 tally[lookup]

	described []Metric
}

// NewInstruments returns instruments that report to the SDK.
func NewInstruments(sdk *opentelemetry.SDK) (*Instruments, error) {
	in := &Instruments{meter: sdk.Meters.Meter(scope)}
	b, tracer := builder{meter: in.meter, histograms: sdk.Histograms}, sdk.Tracer
	in.server, in.client, in.operations = newServer(&b, tracer), newClient(&b, tracer), newOperations(&b, tracer)
	in.errors = b.tally("portico.errors", "{response}", "code", "Responses with an error, for each code in them.")
	// An alert looks for an increase of this counter, so it must start at 0 and not with the first error.
	in.errors.of(code.Internal)
	in.limitRefused = b.tally("portico.limit.refused", "{response}", "code",
		"Responses that refuse a request because of a limit, a quota or an overload.")
	in.retries = b.tally("portico.upstream.retries", "{item}", "status",
		"Lookups that were sent again, by the status before.")
	in.refusedOptions = b.tally("portico.upstream.refused_options", "{option}", "endpoint",
		"Query options that an endpoint of Microsoft Graph turned out to refuse.")
	in.callersRefused = b.tally("portico.callers.refused", "{request}", "reason",
		"Requests of callers that were not let in.")
	in.keyRefreshes = b.tally("portico.jwks.refreshes", "{fetch}", "result",
		"Fetches of the keys that sign callers' tokens.")
	in.lookups = newTally(&b, "portico.cache.requests", "{request}", "layer,kind,result",
		"Lookups that went through the cache. The layer is where the entry was, or was last looked for.", lookup.attributes)
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

// Identify returns what writes the id of a context's trace into the header of a request to Microsoft Graph, as
// client-request-id; nil if there are no traces. Whoever sends the request has the header for itself: a round tripper
// would have to copy it.
func (in *Instruments) Identify() func(context.Context, http.Header) {
	if in == nil || in.client.tracer == nil {
		return nil
	}
	return func(ctx context.Context, header http.Header) {
		if span := spanOf(ctx); span != nil {
			identify(header, span)
		}
	}
}

// Retried counts a lookup that is sent again. Status is the HTTP status before, or a class of package failure.
func (in *Instruments) Retried(ctx context.Context, status string) {
	if in != nil {
		in.retries.add(status, 1)
	}
}

// RefusedOption counts a query option that an endpoint refuses. The endpoint is a path without keys.
func (in *Instruments) RefusedOption(endpoint string) {
	if in != nil {
		in.refusedOptions.add(endpoint, 1)
	}
}

// CallerRefused counts a request that was not let in. The reason is one of a few words.
func (in *Instruments) CallerRefused(ctx context.Context, reason string) {
	if in != nil {
		in.callersRefused.add(reason, 1)
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
	in.keyRefreshes.add(result, 1)
}

// CacheLooked counts a lookup that went through the cache. All are fixed words.
func (in *Instruments) CacheLooked(layer, kind, result string) {
	if in != nil {
		in.lookups.add(lookup{layer, kind, result}, 1)
	}
}

// sharedOperation counts a request that got the response of an equal one in flight.
func (in *Instruments) sharedOperation() {
	if in != nil {
		in.operations.shared.add("operation", 1)
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
		in.errors.add(one, 1)
		if code.IsLimit(one) {
			in.limitRefused.add(one, 1)
		}
	}
}
