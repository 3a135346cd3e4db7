package opentelemetry

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/go-logr/logr"
	"go.opentelemetry.io/otel"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"portico/internal/failure"
	"portico/internal/redact"
	"portico/internal/shorten"
)

// maxReported is how long the reason of a failed export may be in the log.
const maxReported = 200

// reporter logs exports that failed. What was to be exported is lost.
type reporter struct {
	signal  string
	secrets []string // that an answer might repeat
	log     *slog.Logger
	limiter failure.Limiter
}

func newReporter(signal string, to Target, log *slog.Logger) *reporter {
	return &reporter{signal: signal, secrets: slices.Collect(maps.Values(to.Headers)), log: log}
}

// report logs an error, at most ten a second, and takes it away from the SDK, which would print it.
func (r *reporter) report(ctx context.Context, err error) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return nil
	}
	if suppressed, ok := r.limiter.Allow(r.signal, time.Now()); ok {
		r.log.WarnContext(context.WithoutCancel(ctx), "exporting telemetry failed", "signal", r.signal,
			"class", failure.Class(err), "suppressed", suppressed,
			"error", shorten.To(redact.Text(err.Error(), r.secrets...), maxReported))
	}
	return nil
}

// lost logs spans that the queue had no room for.
func (r *reporter) lost(spans int) {
	r.log.Warn("spans were dropped: the collector is too slow, or OTEL_BSP_MAX_QUEUE_SIZE too small", "count", spans)
}

// metrics is an exporter whose errors are logged.
type metrics struct {
	sdkmetric.Exporter
	*reporter
}

// Export implements sdkmetric.Exporter.
func (m metrics) Export(ctx context.Context, all *metricdata.ResourceMetrics) error {
	return m.report(ctx, m.Exporter.Export(ctx, all))
}

// LogTo has what OpenTelemetry itself reports written to the log, for the whole process: it would print it otherwise.
func LogTo(log *slog.Logger) {
	otel.SetLogger(logr.FromSlogHandler(log.Handler()))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) {
		log.Warn("OpenTelemetry reported an error", "error", shorten.To(redact.Text(err.Error()), maxReported))
	}))
}
