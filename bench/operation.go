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
