package config_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/opentelemetry"
)

func TestWhereTracesAndMetricsGo(t *testing.T) {
	none := opentelemetry.Target{}
	at := func(url string, headers ...string) opentelemetry.Target {
		to := opentelemetry.Target{URL: url, Headers: map[string]string{}}
		for i := 0; i < len(headers); i += 2 {
			to.Headers[headers[i]] = headers[i+1]
		}
		return to
	}
	for _, test := range []struct {
		name            string
		environ         environment
		traces, metrics opentelemetry.Target
	}{
		{"nothing is set", environment{}, none, none},
		{"a collector", environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, at("http://collector:4318/v1/traces"), at("http://collector:4318/v1/metrics")},
		{"a collector below a path", environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "https://collector.example/otlp/"}, at("https://collector.example/otlp/v1/traces"), at("https://collector.example/otlp/v1/metrics")},
		{"traces alone, by their URL", environment{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/own"}, at("http://collector:4318/own"), none},
		{"metrics alone, by their URL", environment{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT": "http://collector:4318/own"}, none, at("http://collector:4318/own")},
		{"traces alone, by their exporter", environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_METRICS_EXPORTER": "none"}, at("http://collector:4318/v1/traces"), none},
		{"the usual collector", environment{"OTEL_TRACES_EXPORTER": "otlp"}, at("http://localhost:4318/v1/traces"), none},
		{"headers", environment{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_HEADERS": "api-key=a%20b, tenant=x=y"}, at("http://localhost:4318/v1/traces", "api-key", "a b", "tenant", "x=y"), none},
		{"headers in a file", environment{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_HEADERS_FILE": file(t, "api-key=secret\n")}, at("http://localhost:4318/v1/traces", "api-key", "secret"), none},
		{"headers of a signal", environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318", "OTEL_EXPORTER_OTLP_HEADERS": "a=1", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "b=2"}, at("http://localhost:4318/v1/traces", "b", "2"), at("http://localhost:4318/v1/metrics", "a", "1")},
		{"with numbers", environment{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_BSP_MAX_QUEUE_SIZE": "4096", "OTEL_EXPORTER_OTLP_TIMEOUT": "5000", "OTEL_EXPORTER_OTLP_COMPRESSION": "gzip"}, at("http://localhost:4318/v1/traces"), none},
		{"disabled", environment{"OTEL_SDK_DISABLED": "true", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, none, none},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := mustLoad(t, test.environ).Telemetry.Export
			if diff := cmp.Diff([]opentelemetry.Target{test.traces, test.metrics}, []opentelemetry.Target{got.Traces, got.Metrics}); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestTelemetryThatCannotBe(t *testing.T) {
	for _, test := range []struct {
		name    string
		environ environment
		want    string
	}{
		{"gRPC", environment{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, `OTEL_EXPORTER_OTLP_PROTOCOL: must be http/protobuf (got "grpc")`},
		{"gRPC for one signal", environment{"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "grpc"}, `OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: must be http/protobuf (got "grpc")`},
		{"JSON", environment{"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": "http/json"}, `OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: must be http/protobuf (got "http/json")`},
		{"an exporter of traces", environment{"OTEL_TRACES_EXPORTER": "zipkin"}, `OTEL_TRACES_EXPORTER (--otel-traces-exporter): must be otlp or none (got "zipkin")`},
		{"Prometheus as an exporter", environment{"OTEL_METRICS_EXPORTER": "prometheus"}, "Prometheus has PORTICO_METRICS_LISTEN"},
		{"logs", environment{"OTEL_LOGS_EXPORTER": "otlp"}, `OTEL_LOGS_EXPORTER: must be none (got "otlp")`},
		{"a filter of exemplars", environment{"OTEL_METRICS_EXEMPLAR_FILTER": "all"}, `OTEL_METRICS_EXEMPLAR_FILTER: must be trace_based, always_on, always_off (got "all")`},
		{"a temporality", environment{"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": "deltas"}, `OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: must be cumulative, delta, lowmemory (got "deltas")`},
		{"a propagator", environment{"OTEL_PROPAGATORS": "tracecontext,b3"}, `OTEL_PROPAGATORS: must list tracecontext, baggage (which is not used) or none (got "b3")`},
		{"a sampler", environment{"OTEL_TRACES_SAMPLER": "jaeger_remote"}, "OTEL_TRACES_SAMPLER (--otel-traces-sampler): must be parentbased_always_on, "},
		{"a ratio above 1", environment{"OTEL_TRACES_SAMPLER_ARG": "50"}, `OTEL_TRACES_SAMPLER_ARG (--otel-traces-sampler-arg): must be a number from 0 to 1 (got "50")`},
		{"a ratio that is not a number", environment{"OTEL_TRACES_SAMPLER_ARG": "NaN"}, `must be a number from 0 to 1 (got "NaN")`},
		{"an endpoint without a scheme", environment{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4317"}, "OTEL_EXPORTER_OTLP_ENDPOINT (--otel-exporter-otlp-endpoint): must be a plain URL with its scheme"},
		{"an endpoint with a password", environment{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://user:secret@collector/"}, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT (--otel-exporter-otlp-traces-endpoint): must be a plain URL"},
		{"headers that are none", environment{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_HEADERS": "secret"}, "OTEL_EXPORTER_OTLP_HEADERS (--otel-exporter-otlp-headers-file): must be KEY=VALUE"},
		{"a header's name with a space", environment{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_HEADERS": "api key=secret"}, "OTEL_EXPORTER_OTLP_HEADERS (--otel-exporter-otlp-headers-file): must be KEY=VALUE"},
		{"a header of two lines", environment{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_TRACES_HEADERS": "api-key=secret%0d%0ax:y"}, "OTEL_EXPORTER_OTLP_TRACES_HEADERS: must be KEY=VALUE"},
		{"a number in spaces", environment{"OTEL_BSP_MAX_QUEUE_SIZE": " 4096"}, `OTEL_BSP_MAX_QUEUE_SIZE: must be a whole number from 1 to 1000000 (got " 4096")`},
		{"a timeout with a unit", environment{"OTEL_EXPORTER_OTLP_TIMEOUT": "5s"}, `OTEL_EXPORTER_OTLP_TIMEOUT: must be a whole number from 1 to 86400000 (got "5s")`},
		{"an interval below zero", environment{"OTEL_METRIC_EXPORT_INTERVAL": "-5"}, `OTEL_METRIC_EXPORT_INTERVAL: must be a whole number from 1 to 86400000 (got "-5")`},
		{"a queue that no memory holds", environment{"OTEL_BSP_MAX_QUEUE_SIZE": "99999999999999"}, `OTEL_BSP_MAX_QUEUE_SIZE: must be a whole number from 1 to 1000000 (got "99999999999999")`},
		{"a queue of less than nothing", environment{"OTEL_BSP_MAX_QUEUE_SIZE": "-1"}, `OTEL_BSP_MAX_QUEUE_SIZE: must be a whole number from 1 to 1000000 (got "-1")`},
		{"a compression", environment{"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION": "zstd"}, `OTEL_EXPORTER_OTLP_METRICS_COMPRESSION: must be gzip or none (got "zstd")`},
		{"authorities that are not there", environment{"OTEL_EXPORTER_OTLP_CERTIFICATE": "missing.pem"}, `OTEL_EXPORTER_OTLP_CERTIFICATE: must name a readable PEM file with certificates (got "missing.pem")`},
		{"authorities that are none", environment{"OTEL_EXPORTER_OTLP_CERTIFICATE": file(t, "text")}, "OTEL_EXPORTER_OTLP_CERTIFICATE: must name a readable PEM file with certificates"},
		{"a client's certificate without its key", environment{"OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE": file(t, "text")}, "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: must name a PEM file with a certificate"},
		{"a client's key without a certificate", environment{"OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY": file(t, "text")}, "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY one with its key"},
		{"attributes that are none", environment{"OTEL_RESOURCE_ATTRIBUTES": "production"}, "OTEL_RESOURCE_ATTRIBUTES (--otel-resource-attributes): must be KEY=VALUE"},
		{"metrics where Portico serves", environment{"PORTICO_METRICS_LISTEN": "127.0.0.1:8080"}, "PORTICO_METRICS_LISTEN (--metrics-listen): must differ from PORTICO_LISTEN"},
		{"metrics where health is", environment{"PORTICO_METRICS_LISTEN": ":9090", "PORTICO_ADMIN_LISTEN": ":9090"}, "PORTICO_METRICS_LISTEN (--metrics-listen): must differ from PORTICO_ADMIN_LISTEN"},
		{"metrics on no address", environment{"PORTICO_METRICS_LISTEN": "9464"}, "PORTICO_METRICS_LISTEN (--metrics-listen): must be HOST:PORT"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := load(t, test.environ)
			if !strings.Contains(text(err), test.want) || strings.Contains(text(err), "secret") {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestSecretsForACollectorAreNotSentUnnoticed(t *testing.T) {
	for endpoint, want := range map[string]bool{"http://collector:4318": true, "http://127.0.0.1:4318": false, "https://collector:4318": false} {
		cfg := mustLoad(t, environment{"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_EXPORTER_OTLP_HEADERS": "api-key=secret"})
		if warned := strings.Contains(strings.Join(cfg.Warnings, "\n"), "sent unencrypted to collector:4318"); warned != want {
			t.Errorf("%s: warned %v", endpoint, cfg.Warnings)
		}
	}
}

func TestTheNameOfTheService(t *testing.T) {
	for _, test := range []struct {
		environ environment
		want    string
	}{
		{environment{"OTEL_RESOURCE_ATTRIBUTES": "service.name=a,deployment.environment.name=test"}, "a"},
		{environment{"OTEL_RESOURCE_ATTRIBUTES": "service.name=a", "OTEL_SERVICE_NAME": "b"}, "b"},
	} {
		if got := mustLoad(t, test.environ).Telemetry.Export.Attributes["service.name"]; got != test.want {
			t.Errorf("%v: %q", test.environ, got)
		}
	}
}
