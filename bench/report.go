package main

import (
	"fmt"
	"runtime"
	"strings"
	"time"
)

// printHead says what was run, and on what.
func (b *bench) printHead() {
	b.printf(`Portico on loopback: operations per second, CPU time, memory, and what reaches the upstream

command   %s
machine   %d cores, %s, %s/%s; shared by all processes
rounds    %d of %v for each process, in turns (two fifths as long with latency)

ops/s     completed operations per second, median of the rounds
p50, p99  milliseconds, over all rounds
req, item HTTP requests and items (single requests and those in batches) that reached the upstream, per operation
up B, B   body bytes from the upstream, and to the client, per operation
CPU       milliseconds of the process per 1,000 operations, median of the rounds
MiB       the most memory of the process that was resident up to the end of the row
× ops/s   Portico's ops/s to those of the process in the row, median of the rounds (lowest to highest round)
× CPU     the same of CPU time

The machine is shared, so the numbers depend on what else runs on it. The ratios vary less.

%s`, b.command(), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, b.rounds, b.roundTime, legend())
}

// command is how to run the same, with those settings of the environment that change what is measured.
func (p plan) command() string {
	var words []string
	for _, setting := range p.environ {
		name, _, _ := strings.Cut(setting, "=")
		if strings.HasPrefix(name, "PORTICO_") || name == "GOGC" || name == "GOMEMLIMIT" || name == "GOMAXPROCS" {
			words = append(words, setting)
		}
	}
	return strings.Join(append(append(words, "go", "run", "./bench"), p.given...), " ")
}

// legend says what the workloads are.
func legend() string {
	var text strings.Builder
	for _, w := range workloads(world{}) {
		fmt.Fprintf(&text, "%-10s%s\n", w.name, w.what)
	}
	return text.String()
}

func (b *bench) printRowHead(title string, values ...any) {
	b.printf("\n"+title+"\n", values...)
	b.printf("%-8s %4s %-15s %8s %8s %8s %6s %6s %7s %7s %7s %5s  %-22s %s\n",
		"", "conn", "", "ops/s", "p50 ms", "p99 ms", "req", "item", "up B", "B", "CPU", "MiB", "× ops/s", "× CPU")
}

func (b *bench) printRow(r row) {
	label, workers := r.workload, fmt.Sprint(r.workers)
	for i, c := range r.columns {
		b.printf("%-8s %4s %-15s %8.0f %8.2f %8.2f %s %7.0f %7.0f %5.0f", label, workers, c.name, median(c.rates),
			milliseconds(c.quantile(0.5)), milliseconds(c.quantile(0.99)), c.upstream(), float64(c.bytes)/c.ops(),
			median(c.costs), c.memory)
		if i > 0 {
			b.printf("  %-22s %s", ratios(r.columns[0].rates, c.rates), ratios(r.columns[0].costs, c.costs))
		}
		b.printf("\n")
		label, workers = "", ""
	}
}

// upstream is what reached the upstream, per operation; blank if that was not counted.
func (c *column) upstream() string {
	if !c.counted {
		return fmt.Sprintf("%6s %6s %7s", "", "", "")
	}
	return fmt.Sprintf("%6.2f %6.2f %7.0f", float64(c.sent.Requests)/c.ops(), float64(c.sent.Items)/c.ops(),
		float64(c.sent.Bytes)/c.ops())
}

// String implements fmt.Stringer.
func (s spread) String() string { return fmt.Sprintf("%.2f (%.2f to %.2f)", s.median, s.low, s.high) }

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
