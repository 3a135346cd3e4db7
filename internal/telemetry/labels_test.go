package telemetry

import (
	"strconv"
	"testing"

	"portico/internal/opentelemetry"
)

// What callers or Microsoft Graph send must not make a metric grow without end.
func TestSetsOfLabelsAreBounded(t *testing.T) {
	t.Parallel()
	sdk, err := opentelemetry.New(opentelemetry.Options{Prometheus: true, Service: "portico"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sdk.Close(t.Context()) }()
	l := newLabels(named("a"), sdk.Histograms.New("x", "s", "what", 1))
	for i := range maxLabels {
		l.of(strconv.Itoa(i))
	}
	if again := l.of("1"); again != l.of("1") || len(l.all()) != maxLabels {
		t.Errorf("%d sets", len(l.all()))
	}
	one, other := l.of("one more"), l.of("another")
	one.series.Record(2, nil)
	if one != other || one == l.of("1") || len(l.all()) != maxLabels+1 {
		t.Errorf("%d sets, and two more are one: %v", len(l.all()), one == other)
	}
}
