// Command bench measures Portico beside a bare reverse proxy to the same upstream, in one run, on loopback.
//
// Four processes share the machine, so that the memory and the CPU time of each can be told apart:
//
//   - the load, this one: a closed loop over kept-alive connections, with an HTTP client that does little;
//   - Portico, built from this module, with its default settings but for extensions.upstream, which is off as with a
//     real cloud: HTTP, limits, GraphQL, MSAL, loaders, TLS and HTTP/2 to the upstream, a log line per request;
//   - the proxy: httputil.ReverseProxy with the transport of Portico's client, and a token that is set once;
//   - the upstream: the emulator with TLS and HTTP/2. This program plays it itself instead of starting cmd/emulator, to
//     count every request and every item of a batch.
//
// The proxy is the ceiling: its client knows what to ask, asks it in Microsoft Graph's own words and reads no answer.
// Portico and the proxy are measured in turns, and the ratio is the median over the turns, for the machine may be busy.
//
// "bench limit" is another measurement: the adaptive limit of requests in flight beside fixed ones. "bench costs"
// measures the worst request under each limit. Both run in one process.
//
// The program knows the wire format of both; it knows nothing of how Portico works inside. Linux only: it reads /proc.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// A plan says what is measured, and for how long.
type plan struct {
	round   time.Duration // of one target at no latency; two fifths of it at a latency, where little varies
	rounds  int
	workers int // connections at no latency
	only    string
	at      string // latencies
	binary  string // Portico; empty: it is built
	results string
	given   []string // flags that were set, without names of files
	environ []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) > 0 && (args[0] == roleUpstream || args[0] == roleProxy) {
		return play(ctx, args[0], args[1:])
	}
	if len(args) > 0 && args[0] == roleLimit {
		return compareLimits(args[1:])
	}
	if len(args) > 0 && args[0] == roleCosts {
		return measureCosts()
	}
	p := plan{environ: os.Environ()} //nolint:forbidigo // package main: children inherit it, and the report prints part
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.DurationVar(&p.round, "round", 3*time.Second, "`time` for which one target is measured in a round")
	flags.IntVar(&p.rounds, "rounds", 3, "`times` that Portico and the proxy take turns")
	flags.IntVar(&p.workers, "c", 32, "`connections` at no latency")
	flags.StringVar(&p.only, "only", "", "`names` of workloads, comma separated, to leave out the others")
	flags.StringVar(&p.at, "at", "0s,20ms", "`latencies` of the upstream, out of 0s and 20ms")
	flags.StringVar(&p.binary, "portico", "", "`file` with the program to measure, instead of building it")
	flags.StringVar(&p.results, "results", "bench/results.txt", "`file` to write the table to; empty: to none")
	if err := flags.Parse(args); err != nil {
		return err
	}
	flags.Visit(func(f *flag.Flag) {
		if f.Name != "portico" && f.Name != "results" {
			p.given = append(p.given, "-"+f.Name, f.Value.String())
		}
	})
	var report strings.Builder
	out := io.MultiWriter(os.Stdout, &report)
	if err := measureAll(ctx, p, out); err != nil {
		return err
	}
	if p.results == "" {
		return nil
	}
	return os.WriteFile(p.results, []byte(report.String()), 0o644)
}

// measureAll runs every workload at every latency and prints as it goes.
func measureAll(ctx context.Context, p plan, out io.Writer) error {
	scratch, err := os.MkdirTemp("", "bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	if p.binary == "" {
		if p.binary, err = build(ctx, scratch); err != nil {
			return err
		}
	}
	printHead(out, p)
	var all []row
	for _, s := range scenes(p) {
		if !contains(p.at, s.latency.String()) {
			continue
		}
		rows, err := measureScene(ctx, p, s, scratch, out)
		if err != nil {
			return fmt.Errorf("at a latency of %v: %w", s.latency, err)
		}
		all = append(all, rows...)
	}
	costs, err := allocations(ctx, p, scratch)
	if err != nil {
		return err
	}
	printAllocations(out, costs)
	if err := scaling(ctx, scratch, out); err != nil {
		return err
	}
	printGoals(out, all)
	return nil
}

// A scene is one latency of the upstream, and the numbers of connections to measure it with.
type scene struct {
	latency time.Duration
	round   time.Duration
	workers []int
}

func scenes(p plan) []scene {
	return []scene{
		{latency: 0, round: p.round, workers: []int{p.workers}},
		{latency: 20 * time.Millisecond, round: p.round * 2 / 5, workers: []int{1, 8}},
	}
}

// measureScene starts all processes anew, measures all workloads, and reads the memory at the end.
func measureScene(ctx context.Context, p plan, s scene, scratch string, out io.Writer) ([]row, error) {
	st, err := startStack(ctx, p.binary, scratch, s.latency)
	if err != nil {
		return nil, err
	}
	defer st.stop()
	world, err := st.upstream.world(ctx)
	if err != nil {
		return nil, err
	}
	printSceneHead(out, s)
	var rows []row
	for _, w := range workloads(world) {
		if p.only != "" && !contains(p.only, w.name) {
			continue
		}
		if err := verify(st.portico.address, w); err != nil {
			return nil, fmt.Errorf("%s: %w", w.name, err)
		}
		for _, workers := range s.workers {
			r, err := measure(ctx, st, w, s, workers, p.rounds)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			printRow(out, r)
			rows = append(rows, r)
		}
	}
	now, peak := st.portico.memory()
	fmt.Fprintf(out, "Portico's memory after this load: %.0f MiB resident, %.0f MiB at its peak\n", now, peak)
	if s.latency == 0 && len(rows) > 0 {
		rows[0].memory = now
	}
	return rows, nil
}

func contains(list, name string) bool {
	for one := range strings.SplitSeq(list, ",") {
		if strings.EqualFold(strings.TrimSpace(one), name) {
			return true
		}
	}
	return false
}
