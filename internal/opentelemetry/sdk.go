// Package opentelemetry sets up OpenTelemetry's SDK: where spans and metrics go, and which traces are recorded. It
// knows no span and no metric by name; package telemetry makes those.
package opentelemetry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	promexporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	nometrics "go.opentelemetry.io/otel/metric/noop"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/resource"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
)

// maxSeries is how many series one metric may have. What is beyond is counted together, by the label
// otel_metric_overflow.
const maxSeries = 2000

// Target is where one signal goes by OTLP over HTTP.
type Target struct {
	// URL is whole, with the signal's path. Empty: nowhere.
	URL     string
	Headers map[string]string
}

// Options say what is exported and where to.
type Options struct {
	Traces, Metrics Target
	// Prometheus makes [SDK.Metrics], which serves the metrics to be scraped.
	Prometheus bool
	Sampling   Sampling
	Exemplars  Exemplars
	Queue      Limits
	// Service and Version name the program; Attributes are the operator's, and win.
	Service, Version string
	Attributes       map[string]string
	// Log gets what could not be exported.
	Log *slog.Logger
}

// Enabled reports whether anything is exported.
func (o Options) Enabled() bool { return o.Traces.URL != "" || o.Metrics.URL != "" || o.Prometheus }

// SDK makes spans and metrics.
type SDK struct {
	// Tracer is nil if no traces are exported.
	Tracer *Tracer
	// Meters is a no-op, and Histograms is nil, if no metrics are exported.
	Meters     metric.MeterProvider
	Histograms *Histograms
	// Metrics serves Prometheus, nil without it.
	Metrics http.Handler

	stop []func(context.Context) error
}

// New starts what exports in the background, until Close.
func New(o Options) (*SDK, error) {
	s := &SDK{Meters: nometrics.NewMeterProvider()}
	about, err := o.resource()
	if err != nil {
		return nil, err
	}
	if o.Traces.URL != "" {
		if err := s.startTraces(o, about); err != nil {
			return nil, err
		}
	}
	if o.Metrics.URL != "" || o.Prometheus {
		if err := s.startMetrics(o, about); err != nil {
			return nil, errors.Join(err, s.Close(context.Background()))
		}
	}
	return s, nil
}

// Close sends what is left, and ends what runs in the background, as long as ctx lasts.
func (s *SDK) Close(ctx context.Context) error {
	var problems []error
	for _, stop := range s.stop {
		problems = append(problems, stop(ctx))
	}
	return errors.Join(problems...)
}

// resource describes the process. It holds no command line and no name of a machine.
func (o Options) resource() (*resource.Resource, error) {
	attributes := []attribute.KeyValue{semconv.ServiceName(o.Service), semconv.ServiceVersion(o.Version)}
	for name, value := range o.Attributes {
		attributes = append(attributes, attribute.String(name, value)) // the last one wins
	}
	return resource.New(context.Background(), resource.WithTelemetrySDK(), resource.WithAttributes(attributes...))
}

func (s *SDK) startTraces(o Options, about *resource.Resource) error {
	client := otlptracehttp.NewClient(
		otlptracehttp.WithEndpointURL(o.Traces.URL), otlptracehttp.WithHeaders(o.Traces.Headers))
	if err := client.Start(context.Background()); err != nil {
		return fmt.Errorf("exporting traces: %w", err)
	}
	reporter := newReporter("traces", o.Traces, o.Log)
	waiting := newQueue(o.Queue, func(ctx context.Context, spans []byte) {
		_ = reporter.report(ctx, client.UploadTraces(ctx, request(about, o.Service, spans))) // logs it
	}, reporter.lost)
	s.Tracer = &Tracer{sampler: o.Sampling.sampler(), queue: waiting}
	s.stop = append(s.stop, func(ctx context.Context) error { return errors.Join(waiting.close(ctx), client.Stop(ctx)) })
	return nil
}

func (s *SDK) startMetrics(o Options, about *resource.Resource) error {
	s.Histograms = &Histograms{scope: o.Service, exemplars: o.Exemplars}
	options := []sdkmetric.Option{sdkmetric.WithResource(about), sdkmetric.WithCardinalityLimit(maxSeries)}
	if o.Metrics.URL != "" {
		exporter, err := otlpmetrichttp.New(context.Background(),
			otlpmetrichttp.WithEndpointURL(o.Metrics.URL), otlpmetrichttp.WithHeaders(o.Metrics.Headers))
		if err != nil {
			return fmt.Errorf("exporting metrics: %w", err)
		}
		reader := sdkmetric.NewPeriodicReader(metrics{exporter, newReporter("metrics", o.Metrics, o.Log)},
			sdkmetric.WithProducer(s.Histograms.producer(exporter.Temporality(sdkmetric.InstrumentKindHistogram))))
		options = append(options, sdkmetric.WithReader(reader))
	}
	if o.Prometheus {
		reader, handler, err := scraped(s.Histograms.producer(metricdata.CumulativeTemporality))
		if err != nil {
			return err
		}
		s.Metrics, options = handler, append(options, sdkmetric.WithReader(reader))
	}
	provider := sdkmetric.NewMeterProvider(options...)
	s.Meters, s.stop = provider, append(s.stop, provider.Shutdown)
	return runtime.Start(runtime.WithMeterProvider(provider))
}

// scraped returns a reader for Prometheus and what serves it, as text or as OpenMetrics, which has exemplars.
func scraped(histograms sdkmetric.Producer) (sdkmetric.Reader, http.Handler, error) {
	registry := prometheus.NewRegistry()
	if err := registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})); err != nil {
		return nil, nil, err
	}
	exporter, err := promexporter.New(
		promexporter.WithRegisterer(registry), promexporter.WithProducer(histograms), promexporter.WithoutScopeInfo(),
		promexporter.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes))
	if err != nil {
		return nil, nil, fmt.Errorf("serving metrics: %w", err)
	}
	handler := promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true, MaxRequestsInFlight: 4})
	return exporter, handler, nil
}
