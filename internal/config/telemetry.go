package config

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/http/httpguts"

	"portico/internal/listen"
	"portico/internal/loopback"
	"portico/internal/opentelemetry"
)

// defaultEndpoint is where collectors listen for OTLP over HTTP.
const defaultEndpoint = "http://localhost:4318"

// checkTelemetry holds the settings about traces and metrics to the rules, and puts in what follows from them.
func (l *loader) checkTelemetry(c *Config) {
	t := &c.Telemetry
	l.checkSecondAddress("PORTICO_METRICS_LISTEN", t.MetricsListen, c.Listen)
	if t.MetricsListen != "" && t.MetricsListen == c.AdminListen && !strings.HasSuffix(c.AdminListen, ":0") {
		l.wrong("PORTICO_METRICS_LISTEN", "must differ from PORTICO_ADMIN_LISTEN")
	}
	for variable, value := range map[string]Switch{
		"PORTICO_TRUST_TRACE_FLAG": t.TrustTraceFlag, "OTEL_SDK_DISABLED": t.Disabled,
	} {
		if value == Auto {
			l.wrong(variable, "must be true or false")
		}
	}
	t.Export = opentelemetry.Options{
		Prometheus: t.MetricsListen != "", Service: "portico", Queue: opentelemetry.LimitsFrom(l.environ),
		Exemplars: opentelemetry.Exemplars(l.environ["OTEL_METRICS_EXEMPLAR_FILTER"]),
	}
	if t.Disabled.On() {
		return
	}
	l.checkResource(t)
	l.checkSampler(t)
	l.refuseOthers()
	l.checkExporters()
	t.Export.Traces = l.target(t, "TRACES", t.TracesExporter, t.TracesEndpoint)
	t.Export.Metrics = l.target(t, "METRICS", t.MetricsExporter, t.MetricsEndpoint)
}

func (l *loader) checkResource(t *Telemetry) {
	attributes, err := pairs(t.ResourceAttributes)
	if err != nil {
		l.wrong("OTEL_RESOURCE_ATTRIBUTES", err.Error())
	}
	if t.ServiceName != "" {
		attributes["service.name"] = t.ServiceName
	}
	t.Export.Attributes = attributes
}

func (l *loader) checkSampler(t *Telemetry) {
	l.oneOf("OTEL_TRACES_SAMPLER", t.Sampler, opentelemetry.Samplers()...)
	ratio := 1.0
	if t.SamplerArg != "" {
		var err error
		if ratio, err = strconv.ParseFloat(t.SamplerArg, 64); err != nil || !(ratio >= 0 && ratio <= 1) {
			l.wrong("OTEL_TRACES_SAMPLER_ARG", "must be a number from 0 to 1 (got "+strconv.Quote(t.SamplerArg)+")")
		}
	}
	t.Export.Sampling = opentelemetry.Sampling{Sampler: t.Sampler, Ratio: ratio, FollowCallers: t.TrustTraceFlag.On()}
}

// refuseOthers notes values of OpenTelemetry's variables that mean something that Portico does not do.
func (l *loader) refuseOthers() {
	allowed := map[string][]string{
		"OTEL_EXPORTER_OTLP_PROTOCOL":         {"http/protobuf"},
		"OTEL_EXPORTER_OTLP_TRACES_PROTOCOL":  {"http/protobuf"},
		"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL": {"http/protobuf"},
		"OTEL_LOGS_EXPORTER":                  {"none"},
		"OTEL_METRICS_EXEMPLAR_FILTER":        opentelemetry.ExemplarFilters(),

		"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE": {"cumulative", "delta", "lowmemory"},
	}
	for variable, values := range allowed {
		if value := l.environ[variable]; value != "" && !slices.Contains(values, value) {
			l.wrong(variable, fmt.Sprintf("must be %s (got %q)", strings.Join(values, ", "), value))
		}
	}
	for one := range strings.SplitSeq(l.environ["OTEL_PROPAGATORS"], ",") {
		if one = strings.TrimSpace(one); one != "" && one != "tracecontext" && one != "baggage" && one != "none" {
			l.wrong("OTEL_PROPAGATORS", fmt.Sprintf("must list tracecontext, baggage (which is not used) or none (got %q)", one))
		}
	}
}

// target returns where a signal goes.
func (l *loader) target(t *Telemetry, signal, exporter, own string) (to opentelemetry.Target) {
	variable := "OTEL_" + signal + "_EXPORTER"
	switch {
	case exporter == "none", exporter == string(Auto) && own == "" && t.Endpoint == "":
		return to
	case exporter != "otlp" && exporter != string(Auto):
		l.wrong(variable, fmt.Sprintf("must be otlp or none (got %q); Prometheus has PORTICO_METRICS_LISTEN", exporter))
		return to
	}
	switch base := t.Endpoint; {
	case own != "":
		to.URL = l.checkEndpoint("OTEL_EXPORTER_OTLP_"+signal+"_ENDPOINT", own)
	default:
		if base == "" {
			base = defaultEndpoint
		}
		if base = l.checkEndpoint("OTEL_EXPORTER_OTLP_ENDPOINT", base); base != "" {
			to.URL = strings.TrimSuffix(base, "/") + "/v1/" + strings.ToLower(signal)
		}
	}
	to.Headers = l.headers(t, signal)
	if base, err := url.Parse(to.URL); err == nil && len(to.Headers) > 0 && base.Scheme == "http" &&
		!loopback.Is(base.Hostname()) {
		l.warn("the headers for the collector are sent unencrypted to " + base.Host + ": use an https endpoint")
	}
	return to
}

// checkEndpoint returns a collector's URL, empty if it is none.
func (l *loader) checkEndpoint(variable, text string) string {
	base, err := url.Parse(text)
	if err != nil || base.Host == "" || base.Scheme != "http" && base.Scheme != "https" || base.User != nil ||
		base.RawQuery != "" || base.Fragment != "" || len(listen.NewHosts(base.Host)) == 0 {
		l.wrong(variable, "must be a plain URL with its scheme, such as http://127.0.0.1:4318")
		return ""
	}
	return text
}

// headers returns those of a signal: its own, or else those of all.
func (l *loader) headers(t *Telemetry, signal string) map[string]string {
	variable, text := "OTEL_EXPORTER_OTLP_HEADERS", t.Headers.Reveal()
	if own := l.environ["OTEL_EXPORTER_OTLP_"+signal+"_HEADERS"]; own != "" {
		variable, text = "OTEL_EXPORTER_OTLP_"+signal+"_HEADERS", own
	}
	list, err := parseList(text)
	if err == nil {
		var headers map[string]string
		if headers, err = pairs(list); err == nil && areHeaders(headers) {
			return headers
		}
	}
	l.wrong(variable, "must be KEY=VALUE,... with names of HTTP headers and percent-encoded values")
	return nil
}

// areHeaders reports whether HTTP can send them.
func areHeaders(all map[string]string) bool {
	for name, value := range all {
		if !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(value) {
			return false
		}
	}
	return true
}

// pairs reads entries of the form KEY=VALUE. The error does not repeat them: they may be secret.
func pairs(list List) (map[string]string, error) {
	all := map[string]string{}
	for _, entry := range list {
		key, value, found := strings.Cut(entry, "=")
		plain, err := url.PathUnescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); !found || key == "" || err != nil {
			return map[string]string{}, fmt.Errorf("must be KEY=VALUE,... with percent-encoded values")
		}
		all[key] = plain
	}
	return all, nil
}
