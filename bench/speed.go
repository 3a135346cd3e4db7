package main

import (
	"context"
	"time"
)

// A scene is one latency of the upstream, and the numbers of connections to measure it with.
type scene struct {
	latency time.Duration
	round   time.Duration
	workers []int
}

func (b *bench) scenes() []scene {
	return []scene{
		{latency: 0, round: b.roundTime, workers: []int{b.workers}},
		{latency: 20 * time.Millisecond, round: b.roundTime * 2 / 5, workers: []int{1, 8}},
	}
}

// speed measures every workload at every latency, beside a reverse proxy.
func (b *bench) speed(ctx context.Context) error {
	for _, s := range b.scenes() {
		rows, err := b.speedAt(ctx, s)
		if err != nil {
			return err
		}
		for _, r := range rows {
			b.speedGoals(r)
		}
	}
	return nil
}

func (b *bench) speedAt(ctx context.Context, s scene) (rows []row, err error) {
	up, err := startUpstream(ctx, b.scratch, s.latency, worldSize)
	if err != nil {
		return nil, err
	}
	defer up.stop()
	proxy, err := startSelf(ctx, roleProxy, "-base", up.url, "-cert", up.cert)
	if err != nil {
		return nil, err
	}
	defer proxy.stop()
	world, err := up.world(ctx)
	if err != nil {
		return nil, err
	}
	b.printRowHead("Upstream latency %v: Portico beside a reverse proxy", s.latency)
	for _, w := range workloads(world) {
		if !b.wants(w.name) {
			continue
		}
		some, err := b.speedOf(ctx, w, s, up, proxy)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

// speedOf starts Portico anew, so that the peak of its memory is that of the workload.
func (b *bench) speedOf(
	ctx context.Context, w workload, s scene, up *upstream, proxy *process,
) (rows []row, err error) {
	portico, err := startPortico(ctx, b.binary, atEmulator(up)...)
	if err != nil {
		return nil, err
	}
	defer portico.stop()
	if err := verify(portico.address, w.portico[0]); err != nil {
		return nil, err
	}
	requests := w.proxy
	if s.latency > 0 {
		requests = w.trip // requests one after another would add up; what counts is the one round trip
	}
	for _, workers := range s.workers {
		r, err := b.contest(ctx, row{workload: w.name, what: w.what, latency: s.latency, workers: workers}, s.round,
			contestant{portico, "portico", w.portico, up}, contestant{proxy, "proxy", requests, up})
		if err != nil {
			return rows, err
		}
		b.printRow(r)
		rows = append(rows, r)
	}
	return rows, nil
}

// within are the goals at a latency: by how many milliseconds the median operation may take longer than a round trip.
var within = map[string]float64{"W2": 4, "W3": 15, "W4": 5}

func (b *bench) speedGoals(r row) {
	portico, proxy := r.columns[0], r.columns[1]
	if r.latency > 0 {
		if most, found := within[r.workload]; found && (r.workload != "W4" || r.workers == 1) {
			b.atMost(most, milliseconds(portico.quantile(0.5)-r.latency), " ms over",
				"%s at %v, connections: %d: p50 within %.0f ms of the round trip", r.workload, r.latency, r.workers, most)
		}
		return
	}
	switch r.workload {
	case "W1r":
		b.atLeast(0.8, ratios(portico.rates, proxy.rates).median, " ×", "W1r at 0 ms: at least 0.8 of the proxy's ops/s")
	case "W3":
		b.atLeast(400, median(portico.rates), " ops/s", "W3 at 0 ms: at least 400 ops/s")
	}
	if r.workload != "W3t" { // its texts fill the caches of documents
		b.atMost(mostMemory, portico.memory, " MiB", "%s at 0 ms: at most %d MiB of memory at the peak", r.workload,
			mostMemory)
	}
}

// mostMemory is the goal for the memory under each load, in MiB.
const mostMemory = 115
