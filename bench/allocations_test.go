//go:build !race

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"portico/graph"
	"portico/graph/limits"
	"portico/internal/opentelemetry"
	"portico/internal/telemetry"
	"portico/msgraph"
)

// room is how much an operation may allocate beyond what is written in allocations.txt, in percent. Counts vary by less.
const room = 5

// What an operation allocates, from the request to the response, with Portico's client of Microsoft Graph and without a
// network. If a change adds more than that, renew the file with -update and say why. The race detector allocates
// by itself, so that the test runs without it.
func TestAllocationsOfAnOperation(t *testing.T) {
	handler := offline(t)
	var out strings.Builder
	before := allocationsBefore(t)
	workloads := offlineWorkloads()
	for _, traced := range []bool{false, true} {
		workloads = append(workloads, measured(t, workloads[0], traced))
	}
	for _, w := range workloads {
		if w.handler == nil {
			w.handler = handler
		}
		n := allocationsOf(t, w.handler, w.body, 40)
		fmt.Fprintf(&out, "%-4s %7d  %s\n", w.name, n, w.what)
		if limit := before[w.name] * (100 + room) / 100; !*update && n > limit {
			t.Errorf("%s allocates %d times, %d before: renew with go test ./bench -update, and say why", w.name, n, before[w.name])
		}
		if n < before[w.name]*(100-2*room)/100 {
			t.Logf("%s allocates %d times, %d before: keep it with go test ./bench -update", w.name, n, before[w.name])
		}
	}
	if *update {
		if err := os.WriteFile("allocations.txt", []byte(out.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func allocationsBefore(t *testing.T) map[string]int {
	text, err := os.ReadFile("allocations.txt")
	if err != nil && (!*update || !errors.Is(err, fs.ErrNotExist)) {
		t.Fatal(err)
	}
	before := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var name string
		var n int
		if _, err := fmt.Sscan(line, &name, &n); err != nil {
			t.Fatalf("allocations.txt: %q: %v", line, err)
		}
		before[name] = n
	}
	return before
}

// allocationsOf is the least of several counts: what else runs in the process can only add to it.
func allocationsOf(t *testing.T, handler http.Handler, body string, runs int) int {
	out := &sink{header: http.Header{}}
	address, header := &url.URL{Path: "/graphql"}, http.Header{"Content-Type": {"application/json"}}
	once := func() {
		out.reset()
		handler.ServeHTTP(out, &http.Request{
			Method: http.MethodPost, URL: address, Header: header, ContentLength: int64(len(body)),
			Body: io.NopCloser(strings.NewReader(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		})
	}
	if once(); out.failed() {
		t.Fatalf("unsuccessful response: %d %.300s", out.status, out.text)
	}
	var counts []int
	for range 5 {
		counts = append(counts, int(testing.AllocsPerRun(runs, once)))
	}
	return slices.Min(counts)
}

// offlineWorkload is one operation, always the same.
type offlineWorkload struct {
	name, what, body string
	handler          http.Handler // nil: without telemetry
}

// measured is a workload with metrics, and with spans that are recorded and go nowhere.
func measured(t *testing.T, w offlineWorkload, traced bool) offlineWorkload {
	t.Helper()
	o := opentelemetry.Options{Prometheus: true, Service: "portico", Log: slog.New(slog.DiscardHandler)}
	if traced {
		o.Traces.URL = "http://127.0.0.1:9/v1/traces" // nothing listens there, and nothing is sent before the test ends
	}
	sdk, err := opentelemetry.New(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = sdk.Close(ended)
	})
	in, err := telemetry.NewInstruments(sdk)
	if err != nil {
		t.Fatal(err)
	}
	w.name, w.what = "W1r/metrics", "the same, with its log line and metrics"
	if traced {
		w.name, w.what = "W1r/traces", "the same, with three spans that are recorded"
	}
	about := func(*http.Request) (telemetry.Outgoing, bool) {
		return telemetry.Outgoing{Template: "/hostPorts/{id}"}, true
	}
	w.handler = telemetry.Middleware(offlineThrough(t, in.Client(canned{}, about)),
		slog.New(slog.DiscardHandler), nil, in, func(path string) string { return path })
	return w
}

func offlineWorkloads() []offlineWorkload {
	port := func(host, n int) string {
		return fmt.Sprintf("MTAuMC4w%04d%04d", host, n) // an opaque id: the hint is what the other benchmarks measure
	}
	g := group{}
	for i := range 50 {
		g.ports = append(g.ports, port(i%10, i))
	}
	text := func(request []byte) string {
		_, body, _ := strings.Cut(string(request), "\r\n\r\n")
		return body
	}
	return []offlineWorkload{
		{"W1r", "a port's four scalars", text(askScalars(port(1, 1))), nil},
		{"W2", "a port with banners, services, certificate and host", text(askWhole(port(1, 1))), nil},
		{"W3", "50 aliased ports of 10 hosts with certificates", text(askMany(g)), nil},
		{"W4", "a host's 100 ports with certificates and host", text(askList("10.0.0.1")), nil},
	}
}

// offline returns the endpoint in front of a Microsoft Graph that is a function.
func offline(t testing.TB) http.Handler { return offlineThrough(t, canned{}) }

func offlineThrough(t testing.TB, wire http.RoundTripper, options ...msgraph.Option) http.Handler {
	client, err := msgraph.New("http://127.0.0.1:1/v1.0",
		append(options, msgraph.WithHTTPClient(&http.Client{Transport: wire}))...)
	if err != nil {
		t.Fatal(err)
	}
	return graph.NewHandler(graph.Options{
		Fetch: client, Limits: limits.Default(), HostHints: true, Log: slog.New(slog.DiscardHandler),
	})
}

// canned is a Microsoft Graph that returns what a path always returns.
type canned struct{}

// RoundTrip implements http.RoundTripper.
func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	body := cannedBody(r.URL.Path + "?" + r.URL.RawQuery)
	if strings.HasSuffix(r.URL.Path, "/$batch") {
		body = cannedBatch(r.Body)
	}
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header:        http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Request: r,
	}, nil
}

func cannedBatch(from io.Reader) string {
	var batch struct {
		Requests []struct{ ID, URL string }
	}
	if err := json.NewDecoder(from).Decode(&batch); err != nil {
		panic(err)
	}
	var items []string
	for _, r := range batch.Requests {
		items = append(items, fmt.Sprintf(`{"id":%q,"status":200,"headers":{"Content-Type":"application/json"},"body":%s}`, r.ID, cannedBody(r.URL)))
	}
	return `{"responses":[` + strings.Join(items, ",") + `]}`
}

// cannedBody keeps what it returns, so that it does not allocate itself.
func cannedBody(url string) string {
	body, known := cannedBodies.Load(url)
	if !known {
		body, _ = cannedBodies.LoadOrStore(url, newCannedBody(url))
	}
	return body.(string)
}

var cannedBodies sync.Map // by URL

func newCannedBody(url string) string {
	path, _, _ := strings.Cut(url, "?")
	segments := strings.Split(path, "/")
	id := segments[len(segments)-1]
	switch {
	case strings.HasSuffix(path, "/components"):
		return `{"value":[{"id":"c","name":"nginx","version":"1.2","category":"Server"}]}`
	case strings.HasSuffix(path, "/ports"):
		var ports []string
		for n := range topOf(url) {
			ports = append(ports, cannedPort(segments[len(segments)-2], fmt.Sprintf("port-%d", n), n))
		}
		return `{"value":[` + strings.Join(ports, ",") + `]}`
	case strings.Contains(path, "/hosts/"):
		return fmt.Sprintf(`{"@odata.type":"#microsoft.graph.security.ipAddress","id":%q,"firstSeenDateTime":"2020-01-02T03:04:05Z",`+
			`"lastSeenDateTime":"2024-01-02T03:04:05Z","countryOrRegion":"Utopia","netblock":"10.0.0.0/8"}`, id)
	}
	return cannedPort("10.0.0.1", id, 443)
}

// topOf returns how many items a page has.
func topOf(url string) int {
	_, top, _ := strings.Cut(url, "$top=")
	top, _, _ = strings.Cut(top, "&")
	if n, err := strconv.Atoi(top); err == nil {
		return n
	}
	return 100
}

func cannedPort(host, id string, n int) string {
	return fmt.Sprintf(`{"id":%q,"port":%d,"protocol":"tcp","status":"open","timesObserved":7,"firstSeenDateTime":"2020-01-02T03:04:05Z",`+
		`"lastSeenDateTime":"2024-01-02T03:04:05Z","banners":[{"banner":"HTTP/1.1 404 Not Found\r\n","scanProtocol":"http","timesObserved":3,`+
		`"firstSeenDateTime":"2020-01-02T03:04:05Z","lastSeenDateTime":"2024-01-02T03:04:05Z"}],`+
		`"services":[{"isRecent":true,"component":{"id":"c","name":"nginx","version":"1.2","category":"Server"}}],`+
		`"host":{"id":%q},"mostRecentSslCertificate":{"id":"cert-%d","sha1":"a1b2","fingerprint":"f","serialNumber":"5",`+
		`"firstSeenDateTime":"2020-01-02T03:04:05Z","lastSeenDateTime":"2024-01-02T03:04:05Z","issueDateTime":"2020-01-02T03:04:05Z",`+
		`"expirationDateTime":"2030-01-02T03:04:05Z","issuer":{"commonName":"CA","organizationName":"Example"},`+
		`"subject":{"commonName":"example.com","alternateNames":["a.example.com","b.example.com"]}}}`, id, n, host, n)
}
