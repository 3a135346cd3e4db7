package telemetry_test

import (
	"flag"
	"strings"
	"testing"

	"github.com/prometheus/otlptranslator"

	"portico/internal/golden"
	"portico/internal/telemetry"
)

var update = flag.Bool("update", false, "print the table of metrics in docs/operations.md again")

func TestOperationsHasTheTableOfMetrics(t *testing.T) {
	const file, begin, end = "../../docs/operations.md", "internal/telemetry -update -->\n", "<!-- /metrics -->"
	golden.Table(t, file, begin, end, metricsTable(t), *update, "go test ./internal/telemetry -update")
}

// metricsTable has each metric by its two names.
func metricsTable(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("| OpenTelemetry | Prometheus | Labels | Meaning |\n|---|---|---|---|\n")
	for _, m := range telemetry.Metrics() {
		labels := ""
		if m.Labels != "" {
			labels = "`" + strings.ReplaceAll(strings.ReplaceAll(m.Labels, ".", "_"), ",", "`, `") + "`"
		}
		b.WriteString("| `" + m.Name + "` | `" + promName(t, m) + "` | " + labels + " | " + m.What + " |\n")
	}
	return b.String()
}

func promName(t *testing.T, m telemetry.Metric) string {
	t.Helper()
	kinds := map[string]otlptranslator.MetricType{
		"counter": otlptranslator.MetricTypeMonotonicCounter, "gauge": otlptranslator.MetricTypeGauge,
		"histogram": otlptranslator.MetricTypeHistogram,
	}
	namer := otlptranslator.NewMetricNamer("", otlptranslator.UnderscoreEscapingWithSuffixes)
	name, err := namer.Build(otlptranslator.Metric{Name: m.Name, Unit: m.Unit, Type: kinds[m.Kind]})
	if err != nil {
		t.Fatal(err)
	}
	return name
}
