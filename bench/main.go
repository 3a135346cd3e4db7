// Command bench measures Portico on loopback: how many operations it completes, their CPU time and memory, and what
// they cost upstream. README.md beside it says how to repeat each number. Linux only: it reads /proc.
//
// Several processes share the machine, so that the memory and the CPU time of each can be told apart:
//
//   - the load generator, this one: a closed loop over kept-alive connections, with an HTTP client that does little;
//   - Portico, built from this module, with its default settings but for those that a part names;
//   - a reverse proxy: httputil.ReverseProxy with the transport of Portico's client, and a token that is set once;
//   - the upstream: the emulator with TLS and HTTP/2. This program plays it itself instead of starting cmd/emulator, to
//     count every request and every item of a batch;
//   - other GraphQL servers, if -peers names any. They run already, in front of an upstream of their own.
//
// The proxy is the ceiling: its client knows what to request, requests it in Microsoft Graph's own terms and reads no
// response. Processes are measured in turns, and a ratio is the median over the turns, for the machine may be busy.
//
// "bench limit" is another measurement: the adaptive limit of requests in flight beside fixed ones. "bench costs"
// measures the worst request under each limit. Both run in one process. "bench stub" is an upstream for -peers.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"
)

// A part is a section of the report.
type part struct {
	name, what string
	run        func(*bench, context.Context) error
}

var parts = []part{
	{"speed", "the workloads beside a reverse proxy, with the peak of memory", (*bench).speed},
	{"peers", "the same beside other GraphQL servers; needs -peers", (*bench).besidePeers},
	{"telemetry", "W1r without telemetry, with metrics, and with every trace", (*bench).telemetry},
	{"cache", "documents cold, warm and half warm; a hot set; a warm W2", (*bench).caching},
	{"scaling", "operations of 1 to 100 elements", (*bench).scaling},
	{"allocations", "allocations of one operation", (*bench).allocations},
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
	if len(args) > 0 {
		switch args[0] {
		case roleUpstream, roleProxy:
			return play(ctx, args[0], args[1:])
		case roleLimit:
			return compareLimits(args[1:])
		case roleCosts:
			return measureCosts()
		case roleStub:
			return serveStub(args[1:])
		}
	}
	p, err := readPlan(args)
	if err != nil {
		return err
	}
	var report strings.Builder
	b := &bench{plan: p, out: io.MultiWriter(os.Stdout, &report)}
	if err := b.measure(ctx); err != nil || p.results == "" {
		return err
	}
	return os.WriteFile(p.results, []byte(report.String()), 0o644)
}

// fullResults is where a run of all parts writes its report, unless it is told otherwise.
const fullResults = "bench/results.txt"

func readPlan(args []string) (plan, error) {
	p := plan{environ: os.Environ()} //nolint:forbidigo // package main: children inherit it, and the report prints part
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.DurationVar(&p.roundTime, "round", 2*time.Second, "`time` for which one process is measured in a round")
	flags.IntVar(&p.rounds, "rounds", 3, "`times` that processes take turns")
	flags.IntVar(&p.workers, "c", 32, "`connections` at no latency")
	flags.StringVar(&p.only, "only", "", "`names` of workloads, comma separated, to leave out the others")
	flags.StringVar(&p.parts, "parts", "", "`names` of parts, comma separated, to leave out the others:\n"+partNames())
	flags.StringVar(&p.binary, "portico", "", "`file` with the program to measure, instead of building it")
	flags.StringVar(&p.results, "results", "", "`file` to write the report to (default of a full run: "+fullResults+")")
	flags.StringVar(&p.peers, "peers", "", "other servers to measure, `NAME=URL,...` of their GraphQL endpoints;\n"+
		"goals are relative to tailcall, grafast and tailcall-cached, see bench/README.md")
	flags.StringVar(&p.behind, "behind", "http://127.0.0.1:9100/v1.0", "`URL` of the upstream that the peers query")
	if err := flags.Parse(args); err != nil {
		return p, err
	}
	flags.Visit(func(f *flag.Flag) {
		if f.Name != "portico" && f.Name != "results" {
			p.given = append(p.given, "-"+f.Name, f.Value.String())
		}
	})
	if p.results == "" && p.parts == "" && p.only == "" {
		p.results = fullResults
	}
	return p, p.check(flags.Args())
}

func partNames() string {
	var text strings.Builder
	for _, one := range parts {
		fmt.Fprintf(&text, "%-12s %s\n", one.name, one.what)
	}
	return text.String()
}

func (p plan) check(left []string) error {
	if len(left) > 0 {
		return fmt.Errorf("unexpected argument %q; see --help", left[0])
	}
	for name := range strings.SplitSeq(p.parts, ",") {
		known := slices.ContainsFunc(parts, func(one part) bool { return strings.EqualFold(one.name, name) })
		if name != "" && !known {
			return fmt.Errorf("-parts has %q; the parts are:\n%s", name, partNames())
		}
	}
	return nil
}

// measure runs the parts and prints as it goes.
func (b *bench) measure(ctx context.Context) (err error) {
	if b.scratch, err = os.MkdirTemp("", "bench"); err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(b.scratch) }()
	if b.binary == "" {
		if b.binary, err = build(ctx, b.scratch); err != nil {
			return err
		}
	}
	b.printHead()
	for _, one := range parts {
		if b.parts != "" && !contains(b.parts, one.name) {
			continue
		}
		if err := one.run(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", one.name, err)
		}
	}
	b.printGoals()
	return nil
}
