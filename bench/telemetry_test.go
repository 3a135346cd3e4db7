//go:build !race

package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/auth"
	"portico/internal/opentelemetry"
	"portico/internal/telemetry"
)

// BenchmarkTelemetry measures what telemetry costs an operation of W1r, in CPU time of the process: an operation without
// it, and what metrics add, and what metrics and every trace recorded and sent by OTLP add, with the reading of what is sent. All take turns, because the
// machine may be busy, and the median of the turns counts. The log line is written in all of them. There is no network in front and behind, so that
// shares of a whole operation are smaller: `go run ./bench -parts telemetry` has those.
func BenchmarkTelemetry(b *testing.B) {
	sink := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }))
	defer sink.Close()
	options := []opentelemetry.Options{
		{},
		{Prometheus: true},
		{Prometheus: true, Traces: opentelemetry.Target{URL: sink.URL + "/v1/traces"}, Sampling: opentelemetry.Sampling{Sampler: "always_on"}},
	}
	names := []string{"off", "metrics", "traces"}
	handlers, took := make([]http.Handler, len(names)), make([][]time.Duration, len(names))
	for i, o := range options {
		o.Service, o.Log = "portico", slog.New(slog.DiscardHandler)
		sdk, err := opentelemetry.New(o)
		if err != nil {
			b.Fatal(err)
		}
		defer func() { _ = sdk.Close(b.Context()) }()
		var in *telemetry.Instruments
		if o.Enabled() {
			if in, err = telemetry.NewInstruments(sdk); err != nil {
				b.Fatal(err)
			}
		}
		about := func(*http.Request) (telemetry.Outgoing, bool) {
			return telemetry.Outgoing{Template: "/hostPorts/{id}"}, true
		}
		tokens, err := auth.New(auth.Settings{
			Authority: "https://127.0.0.1:1", GraphURL: "http://127.0.0.1:1", Scope: "x/.default", Mode: auth.Passthrough, Identify: in.Identify(),
		}, nil)
		if err != nil {
			b.Fatal(err)
		}
		endpoint := offlineThrough(b, tokens.Transport(in.Client(canned{}, about)))
		handlers[i] = telemetry.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			endpoint.ServeHTTP(w, r.WithContext(auth.WithCaller(r.Context(), auth.Caller{Token: "x", Key: auth.TokenKey("x")})))
		}), slog.New(slog.NewTextHandler(io.Discard, nil)), nil, in, func(path string) string { return path })
	}
	const turn = 500
	body := offlineWorkloads()[0].body
	for b.Loop() {
		for i, handler := range handlers {
			before := cpuTime()
			for range turn {
				askOffline(handler, body)
			}
			took[i] = append(took[i], (cpuTime()-before)/turn)
		}
	}
	for i, name := range names {
		var extra []time.Duration
		for turn, one := range took[i] {
			if i > 0 {
				one -= took[0][turn]
			}
			extra = append(extra, one)
		}
		slices.Sort(extra)
		b.ReportMetric(float64(extra[len(extra)/2].Nanoseconds())/1000, fmt.Sprintf("cpu-µs/op-%s", name))
	}
}

func askOffline(handler http.Handler, body string) {
	handler.ServeHTTP(&sink{header: http.Header{}}, &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: "/graphql"}, Header: http.Header{"Content-Type": {"application/json"}},
		ContentLength: int64(len(body)), Body: io.NopCloser(strings.NewReader(body)), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
	})
}
