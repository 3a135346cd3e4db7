package main

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// A contestant is a process that gets a workload, and takes turns with others.
type contestant struct {
	*process
	name     string
	ops      []operation
	upstream *upstream // whose requests are counted; nil: they are not
}

// A row is one workload at one latency with one number of connections. The first column is Portico's.
type row struct {
	workload, what string
	latency        time.Duration
	workers        int
	turns          int // of each contestant in a round, 0 for one: many short ones compare better what ends soon
	columns        []*column
}

// A column is what came of one contestant, over all rounds.
type column struct {
	name    string
	rates   []float64 // operations per second, by round
	costs   []float64 // milliseconds of CPU time for 1,000 operations, by round
	times   []time.Duration
	counted bool
	sent    counts // to the upstream, if counted
	bytes   int64  // of responses
	memory  float64

	now drive         // of this round
	cpu time.Duration // when it began
}

func (c *column) ops() float64 { return max(1, float64(len(c.times))) }

// quantile returns the time within which that share of the operations completed.
func (c *column) quantile(share float64) time.Duration {
	if len(c.times) == 0 {
		return 0
	}
	return c.times[min(len(c.times)-1, int(share*float64(len(c.times))))]
}

// column returns the column of a contestant; nil if it did not take part.
func (r row) column(name string) *column {
	for _, c := range r.columns {
		if c.name == name {
			return c
		}
	}
	return nil
}

// contest lets contestants take turns, in each round beginning with another of them, because the machine may be busy.
func (b *bench) contest(ctx context.Context, r row, round time.Duration, all ...contestant) (row, error) {
	next := make([]atomic.Int64, len(all))
	for i, c := range all { // connections, and what is compiled and stored once
		r.columns = append(r.columns, &column{name: c.name, counted: c.upstream != nil})
		if _, err := load(ctx, c.address, c.ops, r.workers, round/6, &next[i]); err != nil {
			return r, fmt.Errorf("%s, %s: %w", r.workload, c.name, err)
		}
	}
	turns := max(1, r.turns)
	for n := range b.rounds {
		for i, c := range r.columns {
			c.begin(all[i])
		}
		for turn := range turns * len(all) {
			i := (n + turn + turn/len(all)) % len(all)
			if err := r.columns[i].turn(ctx, all[i], r.workers, round/time.Duration(turns), &next[i]); err != nil {
				return r, fmt.Errorf("%s, %s: %w", r.workload, all[i].name, err)
			}
		}
		for i, c := range r.columns {
			c.end(all[i])
		}
	}
	for i, c := range r.columns {
		slices.Sort(c.times)
		c.memory = all[i].peak()
	}
	return r, nil
}

// begin begins a round. Its CPU time is that of the whole round: a process may go on with what a turn has left to it.
func (c *column) begin(of contestant) { c.now, c.cpu = drive{}, of.cpu() }

// turn loads a contestant for some time.
func (c *column) turn(ctx context.Context, of contestant, workers int, d time.Duration, next *atomic.Int64) error {
	before, err := of.upstream.counts(ctx)
	if err != nil {
		return err
	}
	done, err := load(ctx, of.address, of.ops, workers, d, next)
	if err != nil {
		return err
	}
	after, err := of.upstream.counts(ctx)
	if err != nil {
		return err
	}
	c.sent = c.sent.plus(after.since(before))
	c.now.took += done.took
	c.now.bytes += done.bytes
	c.now.times = append(c.now.times, done.times...)
	return nil
}

// end adds what came of a round.
func (c *column) end(of contestant) {
	spent := of.cpu() - c.cpu
	c.rates = append(c.rates, c.now.perSecond())
	c.costs = append(c.costs, milliseconds(spent)*1000/max(1, float64(len(c.now.times))))
	c.times = append(c.times, c.now.times...)
	c.bytes += c.now.bytes
}

// A spread is the median of a ratio over the rounds, and its lowest and highest value.
type spread struct{ median, low, high float64 }

// ratios compares two contestants round by round. A round in which one took less CPU time than can be measured is left
// out.
func ratios(of, to []float64) spread {
	var all []float64
	for i := range min(len(of), len(to)) {
		if of[i] > 0 && to[i] > 0 {
			all = append(all, of[i]/to[i])
		}
	}
	if len(all) == 0 {
		return spread{}
	}
	return spread{median(all), slices.Min(all), slices.Max(all)}
}

func median(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}
