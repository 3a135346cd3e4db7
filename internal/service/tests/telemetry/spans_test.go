package telemetry_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	spanpb "go.opentelemetry.io/proto/otlp/trace/v1"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

const (
	callersTrace  = "0af7651916cd43dd8448eb211c80319c"
	callersSpan   = "b7ad6b7169203331"
	recorded      = "traceparent: 00-" + callersTrace + "-" + callersSpan + "-01"
	notRecorded   = "traceparent: 00-" + callersTrace + "-" + callersSpan + "-00"
	callersTraces = "0af76519-16cd-43dd-8448-eb211c80319c" // as a client-request-id
)

func TestSpansOfARequest(t *testing.T) {
	t.Parallel()
	ids := []string{"port-0", "port-1", "port-2"}
	for _, test := range []struct {
		name     string
		settings []string
		fault    []emulator.Fault
		body     []byte
		want     string
	}{
		{
			name: "a lookup is a GET",
			body: servicetest.Body(`query FirstPort { hostPort(id: "port-0") { port } }`),
			want: `
SERVER POST /graphql status=200
  SERVER query outcome=ok waves=1 requests=1 items=1 name=FirstPort
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=200 wave=1`,
		},
		{
			name: "three lookups are a batch",
			body: servicetest.Body(servicetest.PortsQuery(ids...)),
			want: `
SERVER POST /graphql status=200
  SERVER query outcome=ok waves=1 requests=1 items=3
    CLIENT POST /$batch status=200 items=3 wave=1`,
		},
		{
			name:     "what a response leads to is a second wave",
			settings: []string{"PORTICO_HOST_HINTS=off"},
			body:     servicetest.Body(fmt.Sprintf(`{ hostPort(id: %q) { port host { firstSeenDateTime } } }`, servicetest.ExampleID)),
			want: `
SERVER POST /graphql status=200
  SERVER query outcome=ok waves=2 requests=2 items=2
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=200 wave=1
    CLIENT GET /security/threatIntelligence/hosts/{id} status=200 wave=2`,
		},
		{
			name:  "each try has a span",
			fault: []emulator.Fault{emulator.Failure(503)},
			body:  servicetest.Body(`{ hostPort(id: "port-0") { port } }`),
			want: `
SERVER POST /graphql status=200
  SERVER query outcome=ok waves=1 requests=2 items=2
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=200 resent=1 wave=1
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=503 error=503 wave=1 ERROR`,
		},
		{
			name:  "a token that is refused is one request more",
			fault: []emulator.Fault{emulator.Failure(401)},
			body:  servicetest.Body(`{ hostPort(id: "port-0") { port } }`),
			want: `
SERVER POST /graphql status=200
  SERVER query outcome=ok waves=1 requests=2 items=2
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=200 wave=1
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=401 error=401 wave=1 ERROR
    CLIENT POST status=200`,
		},
		{
			name:  "a failed lookup is an error of the operation",
			fault: []emulator.Fault{emulator.Failure(403)},
			body:  servicetest.Body(`{ hostPort(id: "port-0") { port } }`),
			want: `
SERVER POST /graphql status=200
  SERVER query outcome=partial waves=1 requests=1 items=1
    CLIENT GET /security/threatIntelligence/hostPorts/{id} status=403 error=403 wave=1 ERROR`,
		},
		{
			name:     "a refused operation sends nothing",
			settings: []string{"PORTICO_LIMIT_UPSTREAM_REQUESTS=2"},
			body:     servicetest.Body(servicetest.PortsQuery(ids...)),
			want: `
SERVER POST /graphql status=400
  SERVER query outcome=refused waves=0 requests=0 items=0 ERROR`,
		},
		{
			name: "an invalid document is no operation",
			body: servicetest.Body(`{ nothing }`),
			want: `
SERVER POST /graphql status=200`,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := startCollector(t)
			during(t, c, func(t *testing.T, s *servicetest.Service) {
				s.PutPorts(t, len(ids))
				s.FetchToken(t)
				s.Emulator.Fail(test.fault...)
				s.Post(t, test.body, recorded)
			}, test.settings...)
			spans := ofTrace(c.spans(t), callersTrace)
			if got, want := tree(spans, callersSpan), strings.TrimSpace(test.want); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			if root := tree(ofTrace(c.spans(t), callersTrace), ""); root != "" {
				t.Errorf("spans without a parent:\n%s", root)
			}
		})
	}
}

func ofTrace(spans []*spanpb.Span, id string) []*spanpb.Span {
	return slices.DeleteFunc(slices.Clone(spans), func(s *spanpb.Span) bool { return fmt.Sprintf("%x", s.TraceId) != id })
}

func TestTheTraceReachesMicrosoftGraphAndTheLog(t *testing.T) {
	t.Parallel()
	c := startCollector(t)
	var sent []emulator.Request
	var log string
	during(t, c, func(t *testing.T, s *servicetest.Service) {
		s.PutPorts(t, 3)
		s.Post(t, servicetest.Body(servicetest.PortsQuery("port-0", "port-1", "port-2")), recorded)
		s.Post(t, servicetest.Body(`{ hostPort(id: "port-0") { port } }`), recorded)
		sent, log = s.Emulator.Requests(), s.Log.String()
	})
	if len(sent) != 2 {
		t.Fatalf("sent %v", sent)
	}
	for _, one := range sent {
		if one.ClientRequestID != callersTraces {
			t.Errorf("%s %s: client-request-id %q", one.Method, one.URL, one.ClientRequestID)
		}
	}
	if n := strings.Count(log, "msg=request "); n != 2 || strings.Count(log, "trace_id="+callersTrace+" span_id=") < n {
		t.Errorf("log: %s", log)
	}
	ids := 0
	for _, span := range c.spans(t) {
		if id := attributesOf(span)["msgraph.request_id"]; id != "" && strings.Contains(log, id) {
			ids++
		}
	}
	if ids != 2 {
		t.Errorf("%d spans have a request id of the log", ids)
	}
}

func TestWithoutTracesNothingOfATraceIsUsed(t *testing.T) {
	t.Parallel()
	for _, settings := range [][]string{nil, {"PORTICO_METRICS_LISTEN=127.0.0.1:0"}} {
		s := servicetest.StartSmall(t, settings...)
		s.Post(t, servicetest.Body(fmt.Sprintf(`{ hostPort(id: %q) { port } }`, servicetest.ExampleID)), recorded)
		if sent := s.Emulator.Requests(); len(sent) != 1 || sent[0].ClientRequestID != "" {
			t.Errorf("%v: sent %v", settings, sent)
		}
		if strings.Contains(s.Log.String(), "trace_id") {
			t.Errorf("%v: log %s", settings, s.Log)
		}
	}
}

// A caller can name a trace and prevent its recording. It cannot cause it where the operator's sampler would not.
func TestWhoDecidesThatATraceIsRecorded(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name     string
		settings []string
		header   string
		want     bool
	}{
		{"by default, all", nil, "", true},
		{"by default, what the caller recorded", nil, recorded, true},
		{"by default, not what the caller did not record", nil, notRecorded, false},
		{"always_on, also what the caller did not record", []string{"OTEL_TRACES_SAMPLER=always_on"}, notRecorded, true},
		{"none", []string{"OTEL_TRACES_SAMPLER=parentbased_always_off"}, "", false},
		{"none, whatever the caller recorded", []string{"OTEL_TRACES_SAMPLER=parentbased_always_off"}, recorded, false},
		{"what the caller recorded, if it is trusted", []string{"OTEL_TRACES_SAMPLER=parentbased_always_off", "PORTICO_TRUST_TRACE_FLAG=on"}, recorded, true},
		{"a share of nothing", []string{"OTEL_TRACES_SAMPLER=traceidratio", "OTEL_TRACES_SAMPLER_ARG=0"}, recorded, false},
		{"a share of all", []string{"OTEL_TRACES_SAMPLER=parentbased_traceidratio", "OTEL_TRACES_SAMPLER_ARG=1"}, recorded, true},
		{"a malformed traceparent begins a trace", nil, "traceparent: 00-" + callersTrace + "-zz-01", true},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := startCollector(t)
			during(t, c, func(t *testing.T, s *servicetest.Service) {
				if test.header == "" {
					s.Ask(t, "{ __typename }")
					return
				}
				s.Post(t, servicetest.Body("{ __typename }"), test.header)
			}, test.settings...)
			got := slices.ContainsFunc(c.spans(t), func(s *spanpb.Span) bool { return s.Name == "query" })
			if got != test.want {
				t.Errorf("recorded: %v", got)
			}
		})
	}
}

// What callers and Microsoft Graph send stays out of all that is exported: it may be a secret, personal, or what an
// investigation is about.
func TestNothingPrivateIsExported(t *testing.T) {
	t.Parallel()
	const token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJob3N0aWxlIn0.c2lnbmF0dXJl"
	c := startCollector(t)
	var scraped string
	var secrets []string
	during(t, c, func(t *testing.T, s *servicetest.Service) {
		secrets = append(secrets, s.Emulator.ClientSecret(), s.Emulator.Tenant(), s.Emulator.ClientID())
		s.Emulator.Fail(emulator.RawBody(500, `{"error":{"code":"private-code","message":"private-message"}}`).
			WithHeader("request-id", "private-request").WithHeader("private-header", "private-value"))
		body := []byte(`{"query":"query Q($id: ID!) { hostPort(id: $id) { port } private_alias: hostPort(id: \"private-literal\") { port } } # private-comment",` +
			`"variables":{"id":"private-variable"},"extensions":{"private":"private-extension"}}`)
		s.Post(t, body, recorded, "Authorization: Bearer "+token, "tracestate: vendor=private-state",
			"baggage: user=private-baggage", "User-Agent: private-agent", "X-Forwarded-For: 192.0.2.77", "Referer: https://private.example/")
		for _, one := range []struct{ method, path, host string }{
			{http.MethodGet, "/private-path?private-query=1", ""},
			{http.MethodGet, "/graphql/private-document", ""},
			{http.MethodGet, "/graphql?query=%7Bprivate%7D", ""},
			{"PRIVATE", "/graphql", ""},
			{http.MethodGet, "/", "private.example"},
		} {
			discard(t, s, one.method, one.path, one.host)
		}
		scraped = s.Metrics(t, "Accept", "application/openmetrics-text; version=1.0.0").Text
	}, "PORTICO_METRICS_LISTEN=127.0.0.1:0", "PORTICO_IDENTITY=passthrough", "OTEL_EXPORTER_OTLP_HEADERS=api-key=private-key")
	for where, text := range map[string]string{"OTLP": c.text(), "Prometheus": scraped} {
		if len(text) < 1000 {
			t.Errorf("%s has only %q", where, text)
		}
		for _, secret := range append(secrets, "rivate", "PRIVATE", "192.0.2.77", token[:12], "hostile") {
			if at := strings.Index(text, secret); at >= 0 {
				t.Errorf("%s holds %q: …%s", where, secret, text[max(0, at-200):min(len(text), at+100)])
			}
		}
	}
	if key := c.headers[0].Get("Api-Key"); key != "private-key" {
		t.Errorf("the collector got the key %q", key)
	}
}

// discard sends a request and does not look at the response.
func discard(t *testing.T, s *servicetest.Service, method, path, host string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
}
