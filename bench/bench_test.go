package main

import (
	"context"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/telemetry"
)

var update = flag.Bool("update", false, "write allocations.txt and testdata/cache.txt anew")

// TestMain plays a role if the program was started again for that, as the program itself does.
func TestMain(m *testing.M) {
	if role := os.Getenv("BENCH_ROLE"); role != "" {
		if err := play(context.Background(), role, os.Args[2:]); err != nil {
			panic(err)
		}
		return
	}
	os.Exit(m.Run())
}

// A comparison is fair if both sides ask Microsoft Graph for the same.
func TestProxySendsWhatPorticoSends(t *testing.T) {
	handler, all := service(t, true)
	for _, w := range all {
		t.Run(w.name, func(t *testing.T) {
			for n := range min(4, len(w.portico)) {
				got := askedUpstream(t, handler, w.portico[n])
				if diff := cmp.Diff(askedOfProxy(t, w.proxy[n]), got); diff != "" {
					t.Errorf("operation %d asks upstream for something else than the proxy (-proxy +Portico):\n%s", n, diff)
				}
			}
		})
	}
}

func BenchmarkOperationW1(b *testing.B)  { operationNamed(b, "W1") }
func BenchmarkOperationW1r(b *testing.B) { operationNamed(b, "W1r") }
func BenchmarkOperationW2(b *testing.B)  { operationNamed(b, "W2") }
func BenchmarkOperationW3(b *testing.B)  { operationNamed(b, "W3") }
func BenchmarkOperationW4(b *testing.B)  { operationNamed(b, "W4") }
func BenchmarkOperationW3t(b *testing.B) { operationNamed(b, "W3t") }

func operationNamed(b *testing.B, name string) {
	handler, all := service(b, false)
	benchmark(b, handler, named(all, name))
}

func named(all []workload, name string) workload {
	return all[slices.IndexFunc(all, func(w workload) bool { return w.name == name })]
}

// service returns the endpoint in this process, its upstream being another one.
func service(t testing.TB, showCost bool) (http.Handler, []workload) {
	t.Helper()
	u, w, err := startWorld(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(u.stop)
	handler, err := inProcess(u.url, u.client, endpoint{showCost: showCost})
	if err != nil {
		t.Fatal(err)
	}
	return handler, workloads(w)
}

// askedUpstream returns the URLs that extensions.upstream lists.
func askedUpstream(t *testing.T, handler http.Handler, op operation) []string {
	_, body, _ := strings.Cut(string(op[0]), "\r\n\r\n")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	out := &sink{header: http.Header{}}
	handler.ServeHTTP(out, req)
	var answer struct {
		Extensions struct {
			Upstream struct {
				Calls []struct {
					URL   string
					Items []struct{ URL string }
				}
			}
		}
	}
	if err := json.Unmarshal(out.text, &answer); err != nil || out.failed() {
		t.Fatalf("unsuccessful response: %.200s (%v)", out.text, err)
	}
	var urls []string
	for _, call := range answer.Extensions.Upstream.Calls {
		for _, item := range call.Items {
			urls = append(urls, unescaped(t, item.URL))
		}
		if len(call.Items) == 0 {
			urls = append(urls, unescaped(t, call.URL))
		}
	}
	slices.Sort(urls)
	return urls
}

// askedOfProxy returns the same of prepared requests.
func askedOfProxy(t *testing.T, op operation) []string {
	var urls []string
	for _, request := range op {
		head, body, _ := strings.Cut(string(request), "\r\n\r\n")
		if strings.HasPrefix(head, "GET ") {
			urls = append(urls, unescaped(t, strings.TrimPrefix(strings.Fields(head)[1], "/v1.0")))
			continue
		}
		var sent struct{ Requests []struct{ URL string } }
		if err := json.Unmarshal([]byte(body), &sent); err != nil {
			t.Fatal(err)
		}
		for _, one := range sent.Requests {
			urls = append(urls, unescaped(t, one.URL))
		}
	}
	slices.Sort(urls)
	return urls
}

func unescaped(t *testing.T, text string) string {
	plain, err := url.PathUnescape(text)
	if err != nil {
		t.Fatal(err)
	}
	return plain
}

// The service benchmarks put a listener in front of the endpoint and load it over many connections; their CPU profile
// is that of a busy service, with the load's own part in functions of this package.
func BenchmarkServiceW1r(b *testing.B) { serviceNamed(b, "W1r") }
func BenchmarkServiceW3(b *testing.B)  { serviceNamed(b, "W3") }

func serviceNamed(b *testing.B, name string) {
	handler, all := service(b, false)
	ops := named(all, name).portico
	server := httptest.NewServer(telemetry.Middleware(handler, slog.New(slog.NewTextHandler(io.Discard, nil)), nil, nil, nil))
	b.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	debug.SetGCPercent(400) // as the service does
	var next atomic.Int64
	b.SetParallelism(16)
	b.ReportAllocs()
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		c, err := dial(address)
		if err != nil {
			b.Error(err)
			return
		}
		defer func() { _ = c.conn.Close() }()
		for pb.Next() {
			if err := c.do(ops[int(next.Add(1))%len(ops)][0]); err != nil {
				b.Error(err)
				return
			}
		}
	})
}
