package config

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strconv"
)

const (
	day        = 24 * 60 * 60 * 1000 // in milliseconds
	maxEntries = 1_000_000           // of a queue, which must fit into memory
)

// span is a range of whole numbers.
type span struct{ from, to int }

// numbers are variables that package opentelemetry or its libraries read. They ignore values that they cannot read.
var numbers = map[string]span{
	"OTEL_EXPORTER_OTLP_TIMEOUT":         {1, day},
	"OTEL_EXPORTER_OTLP_TRACES_TIMEOUT":  {1, day},
	"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT": {1, day},
	"OTEL_METRIC_EXPORT_INTERVAL":        {1, day},
	"OTEL_METRIC_EXPORT_TIMEOUT":         {1, day},
	"OTEL_BSP_SCHEDULE_DELAY":            {1, day},
	"OTEL_BSP_EXPORT_TIMEOUT":            {1, day},
	"OTEL_BSP_MAX_QUEUE_SIZE":            {1, maxEntries},
	"OTEL_BSP_MAX_EXPORT_BATCH_SIZE":     {1, maxEntries},
}

// checkExporters holds the variables that are read elsewhere to what can be used there.
func (l *loader) checkExporters() {
	for variable, allowed := range numbers {
		if text := l.environ[variable]; text != "" && !allowed.has(text) {
			l.wrong(variable, fmt.Sprintf("must be a whole number from %d to %d (got %q)", allowed.from, allowed.to, text))
		}
	}
	for _, prefix := range []string{"OTEL_EXPORTER_OTLP", "OTEL_EXPORTER_OTLP_TRACES", "OTEL_EXPORTER_OTLP_METRICS"} {
		if text := l.environ[prefix+"_COMPRESSION"]; text != "" && !slices.Contains([]string{"gzip", "none"}, text) {
			l.wrong(prefix+"_COMPRESSION", fmt.Sprintf("must be gzip or none (got %q)", text))
		}
		l.checkAuthorities(prefix + "_CERTIFICATE")
		l.checkClient(prefix+"_CLIENT_CERTIFICATE", prefix+"_CLIENT_KEY")
	}
}

func (s span) has(text string) bool {
	n, err := strconv.Atoi(text)
	return err == nil && n >= s.from && n <= s.to
}

// checkAuthorities notes a file that holds no certificates of authorities. OpenTelemetry would trust the system's.
func (l *loader) checkAuthorities(variable string) {
	name := l.environ[variable]
	if name == "" {
		return
	}
	content, err := os.ReadFile(name) //nolint:gosec // the operator's
	if err != nil || !x509.NewCertPool().AppendCertsFromPEM(content) {
		l.wrong(variable, fmt.Sprintf("must name a readable PEM file with certificates (got %q)", name))
	}
}

// checkClient notes a certificate without its key. OpenTelemetry would connect without it.
func (l *loader) checkClient(certificate, key string) {
	names := [2]string{l.environ[certificate], l.environ[key]}
	if names == [2]string{} {
		return
	}
	if _, err := tls.LoadX509KeyPair(names[0], names[1]); err != nil {
		l.wrong(certificate, fmt.Sprintf("must name a PEM file with a certificate (got %q), and %s one with its key (got %q)",
			names[0], key, names[1]))
	}
}
