package main

import "fmt"

// A finding is a goal, and what came of it.
type finding struct {
	goal    string
	value   float64
	unit    string
	reached bool
	missing string // what to start to measure it; empty: it was measured
}

// atMost and atLeast record a goal.
func (b *bench) atMost(most, value float64, unit, goal string, about ...any) {
	f := finding{goal: fmt.Sprintf(goal, about...), value: value, unit: unit, reached: value <= most}
	b.findings = append(b.findings, f)
}

func (b *bench) atLeast(least, value float64, unit, goal string, about ...any) {
	f := finding{goal: fmt.Sprintf(goal, about...), value: value, unit: unit, reached: value >= least}
	b.findings = append(b.findings, f)
}

// printGoals prints the goals in the order in which they were measured.
func (b *bench) printGoals() {
	b.printf("\nGoals\n")
	for _, f := range b.findings {
		switch {
		case f.missing != "":
			b.printf("%-12s %-72s %s\n", "not measured", f.goal, f.missing)
		case f.reached:
			b.printf("%-12s %-72s %.2f%s\n", "reached", f.goal, f.value, f.unit)
		default:
			b.printf("%-12s %-72s %.2f%s\n", "MISSED", f.goal, f.value, f.unit)
		}
	}
}

// A comparison is a goal that is relative to a peer.
type comparison struct {
	workload string
	at       int // latency in milliseconds
	peer     string
	what     string  // ops/s or CPU
	bound    float64 // least ratio of ops/s, most ratio of CPU
}

const (
	opsPerSecond = "ops/s"
	cpuTimeUsed  = "CPU"
)

// comparisons are the goals relative to peers. A peer is known by the name that -peers gives it.
var comparisons = []comparison{
	{"W1", 0, "tailcall", opsPerSecond, 1},
	{"W1r", 0, "tailcall", cpuTimeUsed, 1.2},
	{"W2", 0, "tailcall", cpuTimeUsed, 1},
	{"W3", 0, "grafast", cpuTimeUsed, 0.4},
	{"W3", 0, "tailcall", opsPerSecond, 5},
	{"W3", 20, "grafast", cpuTimeUsed, 0.4},
	{"W3", 20, "tailcall", opsPerSecond, 5},
	{"W4", 0, "grafast", cpuTimeUsed, 0.6},
	{warm, 0, "tailcall-cached", opsPerSecond, 1},
}

// compare records the goals relative to peers, measured or not.
func (b *bench) compare(rows []row) {
	for _, c := range comparisons {
		b.findings = append(b.findings, c.read(rows))
	}
}

func (c comparison) read(rows []row) finding {
	f := finding{missing: fmt.Sprintf("start %s and name it with -peers, see bench/README.md", c.peer), unit: " ×"}
	f.goal = fmt.Sprintf("%s at %d ms: at most %.1f of %s's CPU time", c.workload, c.at, c.bound, c.peer)
	if c.what == opsPerSecond {
		f.goal = fmt.Sprintf("%s at %d ms: at least %.1f of %s's ops/s", c.workload, c.at, c.bound, c.peer)
	}
	for _, r := range rows {
		peer := r.column(c.peer)
		if peer == nil || r.workload != c.workload || r.latency.Milliseconds() != int64(c.at) {
			continue
		}
		f.missing = ""
		if c.what == opsPerSecond {
			f.value = ratios(r.columns[0].rates, peer.rates).median
			f.reached = f.value >= c.bound
		} else {
			f.value = ratios(r.columns[0].costs, peer.costs).median
			f.reached = f.value <= c.bound
		}
	}
	return f
}
