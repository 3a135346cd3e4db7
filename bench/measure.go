package main

import (
	"context"
	"slices"
	"sync/atomic"
	"time"
)

// A row is one workload at one latency with one number of connections.
type row struct {
	workload, what string
	latency        time.Duration
	workers        int
	portico, proxy column
	ratios         []float64 // Portico's operations per second to the proxy's, round by round
	memory         float64   // of Portico after all loads of the scene, in MiB; in its first row alone
}

// A column is what one target made of it, over all rounds.
type column struct {
	rates []float64
	times []time.Duration
	sent  counts // upstream
	cpu   time.Duration
	bytes int64
}

func (c *column) ops() float64 { return max(1, float64(len(c.times))) }

// quantile returns the time within which that share of the operations was answered.
func (c *column) quantile(share float64) time.Duration {
	if len(c.times) == 0 {
		return 0
	}
	return c.times[min(len(c.times)-1, int(share*float64(len(c.times))))]
}

// A target is what is measured.
type target struct {
	*process
	ops  []operation
	into *column
	next atomic.Int64
}

// measure lets Portico and the proxy take turns.
func measure(ctx context.Context, st *stack, w workload, s scene, workers, rounds int) (row, error) {
	r := row{workload: w.name, what: w.what, latency: s.latency, workers: workers}
	portico := &target{process: st.portico, ops: w.portico, into: &r.portico}
	proxy := &target{process: st.proxy, ops: w.proxy, into: &r.proxy}
	if s.latency > 0 {
		proxy.ops = w.trip // requests one after another would add up; what counts is the one round trip
	}
	for _, t := range []*target{portico, proxy} { // connections and caches
		if _, err := load(ctx, t.address, t.ops, workers, s.round/6, &t.next); err != nil {
			return r, err
		}
	}
	for range rounds {
		for _, t := range []*target{portico, proxy} {
			if err := t.round(ctx, st, workers, s.round); err != nil {
				return r, err
			}
		}
		last := len(r.portico.rates) - 1
		r.ratios = append(r.ratios, r.portico.rates[last]/r.proxy.rates[last])
	}
	slices.Sort(r.portico.times)
	slices.Sort(r.proxy.times)
	return r, nil
}

// round loads the target once and adds what came of it.
func (t *target) round(ctx context.Context, st *stack, workers int, d time.Duration) error {
	before, err := st.upstream.counts(ctx)
	if err != nil {
		return err
	}
	cpu := t.cpu()
	done, err := load(ctx, t.address, t.ops, workers, d, &t.next)
	if err != nil {
		return err
	}
	t.into.cpu += t.cpu() - cpu
	after, err := st.upstream.counts(ctx)
	if err != nil {
		return err
	}
	sent := after.since(before)
	c := t.into
	c.sent.Requests, c.sent.Items, c.sent.Bytes = c.sent.Requests+sent.Requests, c.sent.Items+sent.Items,
		c.sent.Bytes+sent.Bytes
	c.rates = append(c.rates, done.perSecond())
	c.times = append(c.times, done.times...)
	c.bytes += done.bytes
	return nil
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
