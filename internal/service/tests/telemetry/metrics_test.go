package telemetry_test

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

const (
	scraped     = "PORTICO_METRICS_LISTEN=127.0.0.1:0"
	openMetrics = "application/openmetrics-text; version=1.0.0"
)

// sample matches one line of Prometheus' text: a name, labels and a value.
var sample = regexp.MustCompile(`^([a-z_]+)(\{[^}]*\})? ([-+0-9.eInfNa]+)`)

// series returns the samples of a metric: labels and values.
func series(text, metric string) (list []string) {
	for lines := bufio.NewScanner(strings.NewReader(text)); lines.Scan(); {
		if found := sample.FindStringSubmatch(lines.Text()); found != nil && found[1] == metric {
			list = append(list, found[2]+" "+found[3])
		}
	}
	return list
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	ask := func(query string) func(*testing.T, *servicetest.Service) {
		return func(t *testing.T, s *servicetest.Service) { t.Helper(); s.Ask(t, query) }
	}
	port := `{ hostPort(id: "port-0") { port } }`
	for _, test := range []struct {
		name     string
		settings []string
		run      func(*testing.T, *servicetest.Service)
		metric   string
		want     []string
	}{
		{"operations", nil, ask(port), "portico_operations_total", []string{`{document="anonymous",outcome="ok",type="query"} 1`}},
		{"a name of a caller's is no label", nil, ask("query Mine " + port), "portico_operations_total", []string{`{document="anonymous",outcome="ok",type="query"} 1`}},
		{"an operation that is refused", []string{"PORTICO_LIMIT_UPSTREAM_REQUESTS=1"}, ask(servicetest.PortsQuery("port-0", "port-1")), "portico_operations_total", []string{`{document="anonymous",outcome="refused",type="query"} 1`}},
		{"an operation with an error", nil, func(t *testing.T, s *servicetest.Service) {
			s.Emulator.Fail(emulator.Failure(403))
			s.Ask(t, port)
		}, "portico_operations_total", []string{`{document="anonymous",outcome="partial",type="query"} 1`}},
		{"errors", nil, ask("{ nothing }"), "portico_errors_total", []string{`{code="GRAPHQL_VALIDATION_FAILED"} 1`, `{code="INTERNAL"} 0`}},
		{"errors of Portico's own, before there are any", nil, func(*testing.T, *servicetest.Service) {}, "portico_errors_total", []string{`{code="INTERNAL"} 0`}},
		{"each code once for a response", nil, func(t *testing.T, s *servicetest.Service) {
			s.Emulator.Fail(emulator.Failure(403).Times(2))
			s.Ask(t, servicetest.PortsQuery("port-0", "port-1"))
		}, "portico_errors_total", []string{`{code="INTERNAL"} 0`, `{code="UPSTREAM_FORBIDDEN"} 1`}},
		{"what a limit refuses", []string{"PORTICO_LIMIT_DEPTH=1"}, ask(port), "portico_limit_refused_total", []string{`{code="LIMIT_DEPTH"} 1`}},
		{"requests of an operation", nil, ask(servicetest.PortsQuery("port-0", "port-1", "port-2")), "portico_upstream_requests_sum", []string{" 1"}},
		{"items of an operation", nil, ask(servicetest.PortsQuery("port-0", "port-1", "port-2")), "portico_upstream_items_sum", []string{" 3"}},
		{"waves of an operation", nil, ask(port), "portico_upstream_waves_sum", []string{" 1"}},
		{"places used in batches", nil, ask(servicetest.PortsQuery("port-0", "port-1", "port-2")), "portico_batch_fill_sum", []string{" 0.15"}},
		{"retries", nil, func(t *testing.T, s *servicetest.Service) {
			s.Emulator.Fail(emulator.Failure(503))
			s.Ask(t, port)
		}, "portico_upstream_retries_total", []string{`{status="503"} 1`}},
		{"a hint that is right", nil, ask(fmt.Sprintf(`{ hostPort(id: %q) { host { firstSeenDateTime } } }`, servicetest.ExampleID)), "portico_hint_total", []string{`{result="right"} 1`}},
		{"what the cache answers", []string{"PORTICO_CACHE=memory"}, func(t *testing.T, s *servicetest.Service) { s.Ask(t, port); s.Ask(t, port) }, "portico_cache_requests_total", []string{
			`{kind="ports",layer="memory",result="hit"} 1`, `{kind="ports",layer="memory",result="miss"} 1`,
		}},
		{"what the cache knows not to exist", []string{"PORTICO_CACHE=memory"}, func(t *testing.T, s *servicetest.Service) {
			for range 2 {
				s.Ask(t, `{ hostPort(id: "port-9") { port } }`)
			}
		}, "portico_cache_requests_total", []string{
			`{kind="ports",layer="memory",result="miss"} 1`, `{kind="ports",layer="memory",result="negative"} 1`,
		}},
		{"a part of what the cache has", []string{"PORTICO_CACHE=memory"}, func(t *testing.T, s *servicetest.Service) {
			s.Ask(t, port)
			s.Ask(t, `{ hostPort(id: "port-0") { port status } }`)
		}, "portico_cache_requests_total", []string{
			`{kind="ports",layer="memory",result="miss"} 1`, `{kind="ports",layer="memory",result="partial"} 1`,
		}},
		{"a caller without a token", []string{"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=Read"}, ask(port), "portico_callers_refused_total", []string{`{reason="no_token"} 1`}},
		{"a caller with a token that is none", []string{"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=Read"}, func(t *testing.T, s *servicetest.Service) {
			servicetest.Eventually(t, "keys", func() bool { return s.CallersReady() == nil })
			s.Post(t, servicetest.Body(port), "Authorization: Bearer hostile")
		}, "portico_callers_refused_total", []string{`{reason="invalid_token"} 1`}},
		{"signing keys", []string{"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=Read"}, func(t *testing.T, s *servicetest.Service) {
			servicetest.Eventually(t, "keys", func() bool { return s.CallersReady() == nil })
			servicetest.Eventually(t, "a count", func() bool { return series(s.Metrics(t).Text, "portico_jwks_refreshes_total") != nil })
		}, "portico_jwks_refreshes_total", []string{`{result="ok"} 1`}},
		{"the circuit breaker", nil, ask(port), "portico_breaker_state", []string{`{host="127.0.0.1"} 0`}},
		{"the pause that Microsoft Graph asked for", nil, ask(port), "portico_upstream_pause_seconds", []string{" 0"}},
		{"requests that wait", nil, ask(port), "portico_upstream_waiting", []string{" 0"}},
		{"requests of callers", nil, ask(port), "http_server_request_duration_seconds_count", []string{
			`{http_request_method="POST",http_response_status_code="200",http_route="/graphql",network_protocol_version="1.1",url_scheme="http"} 1`,
		}},
		{"requests under way", nil, ask(port), "http_server_active_requests", []string{`{http_request_method="POST",url_scheme="http"} 0`}},
		{"probes are not counted", nil, func(t *testing.T, s *servicetest.Service) { s.Get(t, "/readyz"); s.Get(t, "/livez") }, "http_server_request_duration_seconds_count", nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, append([]string{scraped}, test.settings...)...)
			s.PutPorts(t, 3)
			s.Get(t, "/readyz") // fetches a token
			test.run(t, s)
			var got []string
			servicetest.Eventually(t, "what the response is counted as", func() bool {
				got = series(s.Metrics(t).Text, test.metric)
				return slices.Equal(got, test.want)
			})
			if !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheBuildIsAMetric(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, scraped)
	text := s.Metrics(t).Text
	if got := series(text, "portico_build_info"); len(got) != 1 || !strings.Contains(got[0], `version="`) || !strings.HasSuffix(got[0], " 1") {
		t.Errorf("build: %q", got)
	}
	for _, name := range []string{"go_goroutine_count", "go_memory_used_bytes", "process_resident_memory_bytes"} {
		if series(text, name) == nil {
			t.Errorf("no %s", name)
		}
	}
}

func TestATrustedDocumentIsNamed(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "port.graphql")
	if err := os.WriteFile(path, []byte(`query FirstPort { hostPort(id: "port-0") { port } }`), 0o600); err != nil {
		t.Fatal(err)
	}
	s := servicetest.StartSmall(t, scraped, "PORTICO_DOCUMENTS="+path)
	s.PutPorts(t, 1)
	s.Ask(t, `query FirstPort { hostPort(id: "port-0") { port } }`)
	s.Ask(t, `query Other { hostPort(id: "port-0") { port } }`)
	want := []string{`{document="FirstPort",outcome="ok",type="query"} 1`, `{document="anonymous",outcome="ok",type="query"} 1`}
	var got []string
	servicetest.Eventually(t, "two operations", func() bool {
		got = series(s.Metrics(t).Text, "portico_operations_total")
		slices.Sort(got)
		return slices.Equal(got, want)
	})
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

// An exemplar leads from a bucket to a trace, if that was recorded.
func TestExemplarsLeadToTraces(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, accept, header string
		want                 bool
	}{
		{"a recorded trace", openMetrics, recorded, true},
		{"a trace that is not recorded", openMetrics, notRecorded, false},
		{"as plain text", "text/plain", recorded, false},
	} {
		c := startCollector(t)
		during(t, c, func(t *testing.T, s *servicetest.Service) {
			s.Post(t, servicetest.Body(fmt.Sprintf(`{ hostPort(id: %q) { port } }`, servicetest.ExampleID)), test.header)
			exemplar := regexp.MustCompile(`http_server_request_duration_seconds_bucket\{[^}]*\} 1 # \{[^}]*trace_id="` + callersTrace)
			has := func() bool { return exemplar.MatchString(s.Metrics(t, "Accept", test.accept).Text) }
			if test.want {
				servicetest.Eventually(t, test.name, has)
			} else if has() {
				t.Errorf("%s has an exemplar", test.name)
			}
		}, scraped)
	}
}

// However many names, methods, hosts, paths and headers callers invent, the series stay the same.
func TestCallersCannotMakeSeries(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, scraped, "PORTICO_APQ=on")
	count := func() int { return strings.Count(s.Metrics(t).Text, "\n") }
	random := rand.New(rand.NewPCG(1, 2))
	hostile := func() {
		word := fmt.Sprintf("W%x", random.Uint64())
		s.Post(t, servicetest.Body("query "+word+" { __typename }"), "User-Agent: "+word, "X-Forwarded-Host: "+word)
		s.Post(t, servicetest.Body("{ "+word+" }"))
		s.Post(t, servicetest.Body(`{ hostPort(id: "`+word+`") { port } }`))
		discard(t, s, word, "/graphql", "")
		discard(t, s, http.MethodGet, "/"+word, "")
		discard(t, s, http.MethodGet, "/graphql/"+word, "")
		discard(t, s, http.MethodGet, "/", word+".example")
		discard(t, s, http.MethodGet, "/.well-known/oauth-protected-resource/"+word, "")
	}
	hostile()
	hostile()
	servicetest.Eventually(t, "all requests counted", func() bool {
		return slices.Contains(series(s.Metrics(t).Text, "http_server_active_requests"), `{http_request_method="_OTHER",url_scheme="http"} 0`)
	})
	before := count()
	for range 50 {
		hostile()
	}
	if after := count(); after != before {
		t.Errorf("%d lines before, %d after", before, after)
	}
	if text := s.Metrics(t).Text; regexp.MustCompile(`W[0-9a-f]{8}`).MatchString(text) {
		t.Errorf("a word of a caller's is in %s", text)
	}
}

func TestMetricsAreServedOnTheirOwnAddressOnly(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, scraped, "PORTICO_ADMIN_LISTEN=127.0.0.1:0")
	find := func(name string) string {
		found := regexp.MustCompile(name + `=(\S+)`).FindStringSubmatch(p.Stderr.String())
		if found == nil {
			t.Fatalf("log: %s", p.Stderr)
		}
		return found[1]
	}
	for _, test := range []struct {
		what, address, path string
		want                int
	}{
		{"metrics", find("metrics_address"), "/metrics", 200},
		{"GraphQL on that address", find("metrics_address"), "/graphql", 404},
		{"profiles on that address", find("metrics_address"), "/debug/pprof/", 404},
		{"health on that address", find("metrics_address"), "/livez", 404},
		{"metrics on the main address", p.Address, "/metrics", 404},
		{"metrics on the address for health", find("admin_address"), "/metrics", 404},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+test.address+test.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != test.want {
			t.Errorf("%s: %d", test.what, response.StatusCode)
		}
	}
}

// Metrics go to a collector, too, by OpenTelemetry's own names.
func TestMetricsAreExported(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	during(t, c, func(t *testing.T, s *servicetest.Service) {
		s.Ask(t, fmt.Sprintf(`{ hostPort(id: %q) { port } }`, servicetest.ExampleID))
	})
	names := c.metricNames()
	for _, name := range []string{
		"http.client.request.duration", "http.server.active_requests", "http.server.request.duration", "portico.operations",
		"portico.overhead", "portico.upstream.requests", "portico.upstream.items", "portico.upstream.waves", "portico.upstream.pause",
		"portico.breaker.state", "portico.build_info", "go.goroutine.count",
	} {
		if !slices.Contains(names, name) {
			t.Errorf("no %s in %v", name, names)
		}
	}
}

// A collector that fails costs its own data, and one line in the log.
func TestACollectorThatFails(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	c.status = http.StatusBadRequest
	var log *servicetest.Buffer
	during(t, c, func(t *testing.T, s *servicetest.Service) {
		log = s.Log
		s.Ask(t, fmt.Sprintf(`{ hostPort(id: %q) { port } }`, servicetest.ExampleID)).
			Want(t, `{"hostPort":{"port":21}}`)
	})
	for _, signal := range []string{"traces", "metrics"} {
		if !strings.Contains(log.String(), `msg="exporting telemetry failed" signal=`+signal) {
			t.Errorf("%s: log %s", signal, log)
		}
	}
	if strings.Contains(log.String(), strings.TrimPrefix(c.URL, "http://")) {
		t.Errorf("the log has the collector's address: %s", log)
	}
}
