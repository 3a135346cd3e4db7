package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"

	"portico/emulator"
	"portico/graph"
	"portico/graph/limits"
	"portico/internal/auth"
	"portico/internal/callers"
	"portico/msgraph"
)

// allocations measures every workload in this process, one operation after another. The upstream is another process, so
// that what it allocates is not counted.
func (b *bench) allocations(ctx context.Context) error {
	handler, u, w, err := b.inProcess(ctx)
	if err != nil {
		return err
	}
	defer u.stop()
	b.printf("\nAllocations of one operation in process, from the handler of /graphql to the wire\n%-5s %10s %12s %10s\n",
		"", "allocs/op", "B/op", "µs/op")
	for _, one := range workloads(w) {
		if b.wants(one.name) {
			r := testing.Benchmark(func(b *testing.B) { benchmark(b, handler, one) })
			b.printf("%-5s %10d %12d %10.0f\n", one.name, r.AllocsPerOp(), r.AllocedBytesPerOp(), float64(r.NsPerOp())/1000)
		}
	}
	return nil
}

// inProcess starts an upstream, and the usual GraphQL endpoint in this process in front of it.
func (b *bench) inProcess(ctx context.Context) (http.Handler, *upstream, world, error) {
	u, w, err := startWorld(ctx, b.scratch)
	if err != nil {
		return nil, nil, w, err
	}
	handler, err := inProcess(u.url, u.client, endpoint{})
	if err != nil {
		u.stop()
	}
	return handler, u, w, err
}

// An endpoint says how the GraphQL endpoint in this process differs from the usual.
type endpoint struct {
	showCost bool
	front    func(*msgraph.Client) graph.Fetcher // puts a cache in front of the client; nil: none
}

// inProcess wires up the GraphQL endpoint as the service does, without what belongs to its listener.
func inProcess(base string, client *http.Client, e endpoint) (http.Handler, error) {
	log := slog.New(slog.DiscardHandler)
	tokens, err := auth.New(auth.Settings{
		Authority: base, GraphURL: base + "/v1.0", Scope: emulator.DefaultAudience + "/.default",
		TenantID: emulator.DefaultTenant, ClientID: emulator.DefaultClientID, Mode: "app",
		Credential: auth.ClientSecret(emulator.DefaultClientSecret), Log: log,
	}, client)
	if err != nil {
		return nil, err
	}
	wire, err := msgraph.New(base+"/v1.0",
		msgraph.WithHTTPClient(&http.Client{Transport: tokens.Transport(client.Transport)}),
		msgraph.WithIdentity(tokens.Identity), msgraph.WithLogger(log))
	if err != nil {
		return nil, err
	}
	var fetch graph.Fetcher = wire
	if e.front != nil {
		fetch = e.front(wire)
	}
	handler := graph.NewHandler(graph.Options{
		Fetch: fetch, Identity: tokens.Identity, Limits: limits.Default(), HostHints: true,
		ShowCost: e.showCost, Log: log,
	})
	gate, err := callers.New(callers.Options{Client: client, Log: log})
	if err != nil {
		return nil, err
	}
	return gate.Handler(handler), nil
}

// benchmark runs a workload against a handler.
func benchmark(b *testing.B, handler http.Handler, w workload) {
	b.ReportAllocs()
	url := &url.URL{Path: "/graphql"}
	header := http.Header{"Content-Type": {"application/json"}}
	out := &sink{header: http.Header{}}
	for n := 0; b.Loop(); n++ {
		body := bodyOf(w.portico[n%len(w.portico)])
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

// bodyOf returns the body of the first request of an operation.
func bodyOf(op operation) []byte {
	_, body, _ := bytes.Cut(op[0], []byte("\r\n\r\n"))
	return body
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
