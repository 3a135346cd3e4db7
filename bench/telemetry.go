package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
)

// observed are the settings of telemetry that are compared, and the most that they may add to the CPU time of W1r.
var observed = []struct {
	name, what string
	most       float64 // percent
}{
	{"off", "without telemetry", 0},
	{"metrics", "with metrics, for Prometheus", 2},
	{"traces", "with metrics, and every trace recorded and sent by OTLP", 8},
}

// settingsFor returns the settings of Portico for one of them.
func settingsFor(name, collector string) []string {
	const metrics = "PORTICO_METRICS_LISTEN=127.0.0.1:0"
	switch name {
	case "metrics":
		return []string{metrics}
	case "traces":
		return []string{
			metrics, "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=" + collector + "/v1/traces", "OTEL_TRACES_SAMPLER=always_on",
		}
	}
	return nil
}

// telemetry measures W1r with each of these settings, in turns.
func (b *bench) telemetry(ctx context.Context) error {
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // what does not arrive is sent again, which shows as CPU time
	}))
	defer collector.Close()
	up, w, err := startWorld(ctx, b.scratch)
	if err != nil {
		return err
	}
	defer up.stop()
	load := workloads(w)[1]
	var all []contestant
	for _, o := range observed {
		portico, err := startPortico(ctx, b.binary, atEmulator(up, settingsFor(o.name, collector.URL)...)...)
		if err != nil {
			return err
		}
		defer portico.stop() //nolint:gocritic // three processes, which run side by side
		all = append(all, contestant{portico, o.name, load.portico, up})
	}
	b.printRowHead("%s with telemetry", load.name)
	more := *b
	more.rounds *= 5 // a few percent are looked for
	r, err := more.contest(ctx, row{workload: load.name, workers: b.workers, turns: 20}, b.roundTime, all...)
	if err != nil {
		return err
	}
	b.printRow(r)
	for i, o := range observed[1:] {
		added := 100 * (ratios(r.columns[i+1].costs, r.columns[0].costs).median - 1)
		b.atMost(o.most, added, " %", "W1r %s: at most %.0f %% more CPU time", o.what, o.most)
	}
	return nil
}
