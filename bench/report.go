package main

import (
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"time"
)

// printHead says what was run, and on what.
func printHead(out io.Writer, p plan) {
	fmt.Fprintf(out, `Portico compared with a plain httputil.ReverseProxy, over loopback,
with one upstream (the emulator, TLS and HTTP/2)

command   %s
machine   %d cores, %s, %s/%s; shared by load generator, Portico, proxy and upstream
rounds    %d of %v each, alternating: Portico, proxy, Portico, proxy (two fifths as long with latency)

ops/s     completed operations per second, median of the rounds
p50, p99  milliseconds, over all rounds
ratio     Portico's ops/s to the proxy's, median of the rounds (lowest to highest round)
req, item HTTP requests and items (single requests and those in batches) that reached the upstream, per operation
up B, B   body bytes from the upstream, and to the client, per operation
CPU       milliseconds of the process per 1,000 operations

The proxy's operation consists of the requests that Portico sends upstream for the workload: two GETs for W2, three
batches of 20 for W3, which its client sends one after the other. With latency, it is only the first of them: one round
trip. The proxy does not share responses. Portico executes identical concurrent requests once, which W1 shows.
The machine is shared, so the numbers depend on what else runs on it. The ratios vary less.

%s`, command(p), runtime.NumCPU(), runtime.Version(), runtime.GOOS, runtime.GOARCH, p.rounds, p.round, legend())
}

// command is how to run the same, with those settings of the environment that change what is measured.
func command(p plan) string {
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

func printSceneHead(out io.Writer, s scene) {
	fmt.Fprintf(out, "\nUpstream latency %v\n%-5s %4s %-8s %8s %8s %8s %6s %6s %7s %7s %7s  %s\n",
		s.latency, "", "conn", "", "ops/s", "p50 ms", "p99 ms", "req", "item", "up B", "B", "CPU", "ratio")
}

func printRow(out io.Writer, r row) {
	printColumn(out, fmt.Sprintf("%-5s %4d %-8s", r.workload, r.workers, "Portico"), &r.portico)
	fmt.Fprintf(out, "  %.2f (%.2f to %.2f)\n", median(r.ratios), slices.Min(r.ratios), slices.Max(r.ratios))
	printColumn(out, fmt.Sprintf("%-5s %4s %-8s", "", "", "proxy"), &r.proxy)
	fmt.Fprintln(out)
}

func printColumn(out io.Writer, label string, c *column) {
	n := c.ops()
	fmt.Fprintf(out, "%s %8.0f %8.2f %8.2f %6.2f %6.2f %7.0f %7.0f %7.0f", label, median(c.rates),
		milliseconds(c.quantile(0.5)), milliseconds(c.quantile(0.99)), float64(c.sent.Requests)/n, float64(c.sent.Items)/n,
		float64(c.sent.Bytes)/n, float64(c.bytes)/n, milliseconds(c.cpu)*1000/n)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func printAllocations(out io.Writer, costs []allocation) {
	fmt.Fprintf(out, "\nAllocations of one operation in process, from the handler of /graphql to the wire (the "+
		"upstream is another process)\n"+
		"%-5s %10s %12s %10s\n", "", "allocs/op", "B/op", "µs/op")
	for _, c := range costs {
		fmt.Fprintf(out, "%-5s %10d %12d %10.0f\n", c.workload, c.result.AllocsPerOp(), c.result.AllocedBytesPerOp(),
			float64(c.result.NsPerOp())/1000)
	}
}

// A goal is what is to be reached, and how to read it off the rows.
type goal struct {
	text     string
	workload string
	latency  time.Duration
	workers  int // 0: any
	value    func(row) float64
	unit     string
	reached  func(float64) bool
}

func atLeast(least float64) func(float64) bool { return func(v float64) bool { return v >= least } }
func atMost(most float64) func(float64) bool   { return func(v float64) bool { return v <= most } }

// over is by how many milliseconds the median operation takes longer than one round trip.
func over(r row) float64 { return milliseconds(r.portico.quantile(0.5) - r.latency) }

func goals() []goal {
	ratio := func(r row) float64 { return median(r.ratios) }
	rate := func(r row) float64 { return median(r.portico.rates) }
	memory := func(r row) float64 { return r.memory }
	const latency = 20 * time.Millisecond
	return []goal{
		{"W1r at 0 ms: at least 0.8 of the proxy's ops/s", "W1r", 0, 0, ratio, "", atLeast(0.8)},
		{"W3 at 0 ms: at least 400 ops/s", "W3", 0, 0, rate, " ops/s", atLeast(400)},
		{"W2 at 20 ms, 1 connection: p50 within 4 ms of the round trip", "W2", latency, 1, over, " ms over", atMost(4)},
		{"W2 at 20 ms, 8 connections: the same", "W2", latency, 8, over, " ms over", atMost(4)},
		{"W3 at 20 ms, 1 connection: p50 within 15 ms of the round trip", "W3", latency, 1, over, " ms over", atMost(15)},
		{"W3 at 20 ms, 8 connections: the same", "W3", latency, 8, over, " ms over", atMost(15)},
		{"W4 at 20 ms, 1 connection: p50 within 5 ms of the round trip", "W4", latency, 1, over, " ms over", atMost(5)},
		{"memory after the load at 0 ms: at most 115 MiB", "", 0, 0, memory, " MiB", atMost(115)},
	}
}

func printGoals(out io.Writer, rows []row) {
	fmt.Fprintln(out, "\nGoals")
	for _, g := range goals() {
		for _, r := range rows {
			if g.matches(r) {
				v := g.value(r)
				fmt.Fprintf(out, "%-7s %-64s %.2f%s\n", verdict(g.reached(v)), g.text, v, g.unit)
			}
		}
	}
}

func (g goal) matches(r row) bool {
	named := g.workload == r.workload || g.workload == "" && r.memory > 0
	return named && g.latency == r.latency && (g.workers == 0 || g.workers == r.workers)
}

func verdict(ok bool) string {
	if ok {
		return "reached"
	}
	return "MISSED"
}
