package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/emulator"
	"portico/graph"
	"portico/graph/limits"
	"portico/internal/auth"
	"portico/internal/callers"
	"portico/msgraph"
)

// An allocation is what one operation costs in memory.
type allocation struct {
	workload string
	result   testing.BenchmarkResult
}

// allocations runs every workload in this process, one operation after another. The upstream is another process, so
// that what it allocates is not counted.
func allocations(ctx context.Context, p plan, scratch string) ([]allocation, error) {
	u, err := startUpstream(ctx, scratch, 0)
	if err != nil {
		return nil, err
	}
	defer u.stop()
	w, err := u.world(ctx)
	if err != nil {
		return nil, err
	}
	handler, end, err := inProcess(u, false)
	if err != nil {
		return nil, err
	}
	defer end()
	var all []allocation
	for _, one := range workloads(w) {
		if p.only == "" || contains(p.only, one.name) {
			all = append(all, allocation{one.name, testing.Benchmark(func(b *testing.B) { benchmark(b, handler, one) })})
		}
	}
	return all, nil
}

// inProcess wires up the GraphQL endpoint as the service does, without what belongs to its listener.
func inProcess(u upstream, showCost bool) (http.Handler, func(), error) {
	client, err := clientOf(u.cert)
	if err != nil {
		return nil, nil, err
	}
	log := slog.New(slog.DiscardHandler)
	tokens, err := auth.New(auth.Settings{
		Authority: u.url, GraphURL: u.url + "/v1.0", Scope: emulator.DefaultAudience + "/.default",
		TenantID: emulator.DefaultTenant, ClientID: emulator.DefaultClientID, Mode: "app",
		Credential: auth.ClientSecret(emulator.DefaultClientSecret), Log: log,
	}, client)
	if err != nil {
		return nil, nil, err
	}
	graphClient, err := msgraph.New(u.url+"/v1.0",
		msgraph.WithHTTPClient(&http.Client{Transport: tokens.Transport(client.Transport)}),
		msgraph.WithIdentity(tokens.Identity), msgraph.WithLogger(log))
	if err != nil {
		return nil, nil, err
	}
	handler := graph.NewHandler(graph.Options{
		Fetch: graphClient, Identity: tokens.Identity, Limits: limits.Default(), HostHints: true,
		ShowCost: showCost, Log: log,
	})
	gate, err := callers.New(callers.Options{Client: client, Log: log})
	if err != nil {
		return nil, nil, err
	}
	return gate.Handler(handler), client.CloseIdleConnections, nil
}

// benchmark runs a workload against a handler.
func benchmark(b *testing.B, handler http.Handler, w workload) {
	b.ReportAllocs()
	url := &url.URL{Path: "/graphql"}
	header := http.Header{"Content-Type": {"application/json"}}
	out := &sink{header: http.Header{}}
	for n := 0; b.Loop(); n++ {
		_, body, _ := bytes.Cut(w.portico[n%len(w.portico)][0], []byte("\r\n\r\n"))
		out.reset()
		handler.ServeHTTP(out, &http.Request{
			Method: http.MethodPost, URL: url, Header: header, ContentLength: int64(len(body)),
			Body: io.NopCloser(bytes.NewReader(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		})
		if out.failed() {
			b.Fatalf("unsuccessful response: %d %.200s", out.status, out.text)
		}
	}
}

// A sink is a response writer that keeps the last answer.
type sink struct {
	header http.Header
	status int
	text   []byte
}

func (s *sink) reset() {
	clear(s.header)
	s.status, s.text = 0, s.text[:0]
}

func (s *sink) failed() bool {
	return s.status != http.StatusOK || bytes.HasPrefix(s.text, []byte(`{"errors"`))
}

// Header implements http.ResponseWriter.
func (s *sink) Header() http.Header { return s.header }

// WriteHeader implements http.ResponseWriter.
func (s *sink) WriteHeader(status int) { s.status = status }

// Write implements http.ResponseWriter.
func (s *sink) Write(p []byte) (int, error) {
	s.text = append(s.text, p...)
	return len(p), nil
}

// An axis is a way in which an operation grows.
type axis struct {
	name  string
	sizes []int
	ask   func(w world, n int) []byte
}

func axes() []axis {
	return []axis{
		{"ids", []int{1, 25, 50, 100}, askIDs},
		{"aliases", []int{1, 20, 40, 60}, askAliases},
		{"ports", []int{1, 25, 50, 100}, askFirst},
		{"hosts × lists", []int{2, 10, 20, 40}, askLists},
	}
}

// askIDs asks for one field of ports, by n ids in one list.
func askIDs(w world, n int) []byte {
	query := `query IDs($ids: [ID!]!) { hostPorts(ids: $ids) { ` + scalars + ` } }`
	return post("/graphql", body(query, map[string]any{"ids": w.Ports[:n]}))
}

func askAliases(w world, n int) []byte {
	var fields strings.Builder
	for i, id := range w.Ports[:n] {
		fmt.Fprintf(&fields, "p%d: hostPort(id: %q) { %s } ", i, id, scalars)
	}
	return post("/graphql", body("query Aliases { "+fields.String()+"}", nil))
}

func askFirst(_ world, n int) []byte {
	query := strings.Replace(queryPorts, "first: 100", fmt.Sprintf("first: %d", n), 1)
	return post("/graphql", body(query, map[string]any{"id": wideIDs()[0]}))
}

// askLists asks for two lists of each of n/2 hosts.
func askLists(w world, n int) []byte {
	query := `query Lists($ids: [ID!]!) { hosts(ids: $ids) { ` +
		`ports(first: 5) { nodes { port } } components(first: 5) { nodes { name } } } }`
	return post("/graphql", body(query, map[string]any{"ids": w.Hosts[:n/2]}))
}

// A point is what an operation of one size costs in this process.
type point struct {
	size   int
	cpu    time.Duration
	allocs float64
}

// scaling measures operations that grow along each axis, in this process, and prints what each step costs. An operation
// scales linearly if the last step costs about as much for each item as the first.
func scaling(ctx context.Context, scratch string, out io.Writer) error {
	u, err := startUpstream(ctx, scratch, 0)
	if err != nil {
		return err
	}
	defer u.stop()
	w, err := u.world(ctx)
	if err != nil {
		return err
	}
	handler, end, err := inProcess(u, false)
	if err != nil {
		return err
	}
	defer end()
	fmt.Fprintln(out, "\nScaling of one operation in process: CPU time, and its slope for each item since the size before")
	fmt.Fprintf(out, "%-14s %6s %10s %10s %12s %14s\n", "", "items", "µs/op", "allocs/op", "µs/item", "allocs/item")
	for _, a := range axes() {
		var before point
		for _, n := range a.sizes {
			p, err := measurePoint(handler, a.ask(w, n), n)
			if err != nil {
				return fmt.Errorf("%s, %d: %w", a.name, n, err)
			}
			printPoint(out, a.name, p, before)
			before = p
		}
	}
	return nil
}

func printPoint(out io.Writer, name string, p, before point) {
	step := float64(max(1, p.size-before.size))
	fmt.Fprintf(out, "%-14s %6d %10.0f %10.0f %12.1f %14.1f\n", name, p.size, micros(p.cpu), p.allocs,
		micros(p.cpu-before.cpu)/step, (p.allocs-before.allocs)/step)
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// measurePoint runs an operation a number of times. CPU time varies less than time on a machine that does other things.
func measurePoint(handler http.Handler, request []byte, size int) (point, error) {
	const times = 200
	_, body, _ := bytes.Cut(request, []byte("\r\n\r\n"))
	if err := serveOnce(handler, body); err != nil { // connections and caches
		return point{}, err
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start := ownCPU()
	for range times {
		if err := serveOnce(handler, body); err != nil {
			return point{}, err
		}
	}
	spent := ownCPU() - start
	runtime.ReadMemStats(&after)
	return point{size, spent / times, float64(after.Mallocs-before.Mallocs) / times}, nil
}

func serveOnce(handler http.Handler, body []byte) error {
	out := &sink{header: http.Header{}}
	handler.ServeHTTP(out, &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: "/graphql"}, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(bytes.NewReader(body)),
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	})
	if out.failed() {
		return fmt.Errorf("unsuccessful response: %d %.200s", out.status, out.text)
	}
	return nil
}

// ownCPU is the CPU time that this process has taken.
func ownCPU() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
