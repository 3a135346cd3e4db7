package faults_test

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/playground"
	"portico/internal/service"
	"portico/internal/service/servicetest"
)

// linesWith returns the lines of the log with that message.
func linesWith(s *servicetest.Service, message string) (lines []string) {
	for line := range strings.Lines(s.Log.String()) {
		if strings.Contains(line, message) {
			lines = append(lines, strings.TrimSpace(line))
		}
	}
	return lines
}

const failedRequest = "Microsoft Graph request failed"

// However many fields wait for one request, its failure is one line, and so is that of a batch.
func TestOneFailedRequestIsOneLogLine(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault emulator.Fault
		query string
	}{
		"60 aliases of one port":               {emulator.Refusal(400, "BadRequest", strings.Repeat("no ", 300)), aliasesOf(60, "port-0")},
		"60 aliases and an unknown status":     {emulator.Refusal(418, "Teapot", strings.Repeat("no ", 300)), aliasesOf(60, "port-0")},
		"a batch of 20 that fails as a whole":  {emulator.Refusal(403, "Forbidden", strings.Repeat("no ", 300)).On(emulator.Batch), servicetest.PortsQuery(numberedPorts(20)...)},
		"20 ports for want of a token":         {emulator.Failure(400).On(emulator.Token), servicetest.PortsQuery(numberedPorts(20)...)},
		"a response that cannot be read":       {emulator.HTML(200).Times(-1), servicetest.PortsQuery("port-0")},
		"a request that is repeated, and ends": {emulator.Failure(503).Times(-1), servicetest.PortsQuery("port-0")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t)
			s.PutPorts(t, 20)
			if tt.fault.Kind != emulator.Token {
				s.FetchToken(t)
			}
			s.Emulator.Fail(tt.fault.Times(-1))
			if a := s.Ask(t, tt.query); len(a.Errors) == 0 {
				t.Fatalf("no error: %s", a.Text)
			}
			lines := linesWith(s, failedRequest)
			if len(lines) != 1 || len(lines[0]) > 1500 {
				t.Errorf("%d lines, want 1: %.3000q", len(lines), lines)
			}
			if hidden := linesWith(s, "internal error hidden from the caller"); len(hidden) > 0 {
				t.Errorf("a failed request is logged twice: %q", hidden[0])
			}
		})
	}
}

func aliasesOf(n int, id string) string {
	var fields strings.Builder
	for i := range n {
		fmt.Fprintf(&fields, " a%d: hostPort(id: %q) { port }", i, id)
	}
	return "{" + fields.String() + " }"
}

func numberedPorts(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("port-%d", i))
	}
	return ids
}

// What stood in the way of a request is in the log by one word, at WARN, and the code of the error in the request's line.
func TestTheLogSaysWhatStoodInTheWay(t *testing.T) {
	t.Parallel()
	impostor := httptest.NewUnstartedServer(http.NotFoundHandler())
	impostor.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of callers that distrust it
	impostor.StartTLS()
	t.Cleanup(impostor.Close)
	gone := httptest.NewServer(nil)
	gone.Close()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, row := range []struct {
		class, code string
		settings    []string
		fault       *emulator.Fault
	}{
		{"dns", "UPSTREAM_UNAVAILABLE", []string{"PORTICO_GRAPH_URL=https://no-such-name.invalid/v1.0"}, nil},
		{"refused", "UPSTREAM_UNAVAILABLE", []string{"PORTICO_GRAPH_URL=" + gone.URL + "/v1.0"}, nil},
		{"tls", "UPSTREAM_UNAVAILABLE", []string{"PORTICO_GRAPH_URL=" + impostor.URL + "/v1.0"}, nil},
		{"reset", "UPSTREAM_UNAVAILABLE", nil, new(emulator.Reset())},
		{"timeout", "UPSTREAM_UNAVAILABLE", []string{"PORTICO_LIMIT_DEADLINE=300ms"}, new(emulator.Slow(time.Minute))},
		{"status", "UPSTREAM_FAILED", nil, new(emulator.Failure(500))},
		{"status", "UPSTREAM_THROTTLED", nil, new(emulator.TooManyRequests("100"))},
		{"response", "UPSTREAM_BAD_RESPONSE", nil, new(emulator.HTML(200))},
	} {
		rows.Run(row.class+" "+row.code, func(t *testing.T) {
			s := servicetest.Start(t, append([]string{"PORTICO_EMULATOR_SIZE=0", "PORTICO_IDENTITY=passthrough"}, row.settings...)...)
			authorization := "Bearer of-ada"
			if row.fault != nil {
				s.Emulator.Fail(row.fault.Times(-1))
				authorization = s.Bearer("ada", servicetest.Permission)
			}
			a := s.Send(t, servicetest.Operation{Query: `{ hostPort(id: "port-0") { port } }`, Accept: "application/json", Authorization: authorization})
			if a.Codes() != row.code {
				t.Errorf("got %v", a.Errors)
			}
			lines := linesWith(s, failedRequest)
			if len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") || !strings.Contains(lines[0], " class="+row.class+" ") {
				t.Errorf("want one line of class %s: %q", row.class, lines)
			}
			if lines := linesWith(s, "msg=request "); len(lines) != 1 || !strings.Contains(lines[0], "error_codes="+row.code) {
				t.Errorf("the request's line lacks %s: %q", row.code, lines)
			}
		})
	}
}

func TestTheLogSaysWhyThereIsNoToken(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Emulator.Fail(emulator.Reset().On(emulator.Token).Times(-1))
	s.Ask(t, servicetest.PortsQuery("port-0")).Want(t, `{"hostPorts":[null]}`, "hostPorts.0: UPSTREAM_AUTH")
	if lines := linesWith(s, "token request failed"); len(lines) != 1 || !strings.Contains(lines[0], "class=reset") {
		t.Errorf("got %q", lines)
	}
	if lines := linesWith(s, failedRequest); len(lines) != 1 || !strings.Contains(lines[0], "class=token") {
		t.Errorf("got %q", lines)
	}
}

// An outage of hours fills no disk: lines of one class are bounded, and the next one counts those left out.
func TestFailuresInTheLogAreBounded(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.PutPorts(t, 1)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.Refusal(403, "Forbidden", "No.").Times(-1))
	from := time.Now()
	for i := range 300 {
		s.Ask(t, fmt.Sprint(servicetest.PortsQuery("port-0"), "#", i))
	}
	bound := 10 * (int(time.Since(from)/time.Second) + 2)
	if n := len(linesWith(s, failedRequest)); n < 1 || n > bound {
		t.Errorf("300 failures made %d lines, want at most %d", n, bound)
	}
	if n := len(linesWith(s, "msg=request ")); n < 300 {
		t.Errorf("%d of 300 requests have their own line", n)
	}
}

// The word of Microsoft Graph on one request takes no replica out of service.
func TestARefusedRequestLeavesTheServiceReady(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 429, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, "PORTICO_LIMIT_DEADLINE=2s")
			s.PutPorts(t, 1)
			s.FetchToken(t)
			s.Emulator.Fail(emulator.Failure(status).Times(-1))
			if a := s.Ask(t, servicetest.PortsQuery("port-0")); len(a.Errors) == 0 {
				t.Fatalf("no error: %s", a.Text)
			}
			s.Emulator.ClearFaults()
			servicetest.Eventually(t, "ready", func() bool { return s.Get(t, "/readyz").Status == http.StatusOK })
		})
	}
}

func TestAnEmulatorSaysThatItsDataIsInvented(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_SHOW_COST=off", "PORTICO_LIMIT_UPSTREAM_REQUESTS=1")
	s.PutPorts(t, 2)
	const jsonType = "Content-Type: application/json"
	for name, a := range map[string]servicetest.Reply{
		"a success":                      s.Ask(t, servicetest.PortsQuery("port-0")),
		"no JSON":                        s.Post(t, []byte("{")),
		"a document that is not GraphQL": s.Ask(t, "{"),
		"an unknown field":               s.Ask(t, "{ nothing }"),
		"too much":                       s.Ask(t, servicetest.PortsQuery("port-0", "port-1")),
		"a wrong media type":             s.Request(t, http.MethodPost, "/graphql", nil, "Content-Type: text/plain"),
		"a wrong method":                 s.Request(t, http.MethodPut, "/graphql", nil, jsonType),
		"another site":                   s.Request(t, http.MethodPost, "/graphql", nil, jsonType, "Sec-Fetch-Site: cross-site"),
	} {
		var body struct{ Extensions map[string]any }
		if servicetest.Decode(t, a.Text, &body); body.Extensions["emulator"] != true {
			t.Errorf("%s: %s", name, a.Text)
		}
	}
	far := servicetest.Start(t, "PORTICO_CLOUD=global", "PORTICO_IDENTITY=passthrough", "PORTICO_GRAPH_URL="+s.UpstreamURL)
	if text := textAt(t, far, "/graphql?query=%7B__typename%7D", "application/json"); strings.Contains(text, "emulator") || !strings.HasPrefix(text, `{"data":{"__typename":"Query"}`) {
		t.Errorf("a real cloud's data is said to be invented: %s", text)
	}
	deferred := textAt(t, s, "/graphql?query="+url.QueryEscape(`{ hostPort(id: "`+servicetest.ExampleID+`") { id ... @defer { host { firstSeenDateTime } } } }`),
		"multipart/mixed; deferSpec=20220824, application/json")
	if n := strings.Count(deferred, `"emulator":true`); n < 2 {
		t.Errorf("%d of the parts say that the data is invented: %s", n, deferred)
	}
	if playground.Built() && !strings.Contains(textAt(t, s, "/", "text/html"), "all data is invented") {
		t.Error("the page does not say that the data is invented")
	}
}

// text gets a path and returns the body, whatever it is.
func textAt(t *testing.T, s *servicetest.Service, path, accept string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept", accept)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Error(err)
	}
	return string(text)
}

// The emulator's data and faults cannot be changed from outside unless the operator asks for that.
func TestTheEmbeddedEmulatorIsControlledOnDemandOnly(t *testing.T) {
	t.Parallel()
	for setting, want := range map[string]int{"PORTICO_EMULATOR_CONTROL=off": 404, "PORTICO_EMULATOR_CONTROL=on": 200, "": 404} {
		s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=0", setting)
		for _, path := range []string{"/_emulator", "/_emulator/faults", "/_emulator/authorization", "/_emulator/"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.EmulatorServer.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := s.EmulatorServer.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			if response.StatusCode != want {
				t.Errorf("%s, %s: %d, want %d", setting, path, response.StatusCode, want)
			}
		}
	}
}

// JSON logs are JSON from the first line to the last, whatever happens, so that what collects them need not guess.
func TestJSONLogsHoldNothingElse(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = taken.Close() })
	for name, settings := range map[string][]string{
		"a run with a signal": nil,
		"wrong settings":      {"PORTICO_LIMIT_DEPTH=deep", "PORTICO_CLOUD=mars"},
		"no free address":     {"PORTICO_LISTEN=" + taken.Addr().String()},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var output string
			settings := append([]string{"PORTICO_LOG_FORMAT=json", "PORTICO_EMULATOR_SIZE=0"}, settings...)
			if len(settings) == 2 {
				p := servicetest.Launch(t, settings...)
				if _, err := p.Ask(http.DefaultClient, "one"); err != nil {
					t.Error(err)
				}
				p.End()
				_ = p.Result(t)
				output = p.Stdout.String() + p.Stderr.String()
				if !strings.Contains(output, "invented") || !strings.Contains(output, `"duration_ms":`) {
					t.Errorf("the log lacks something: %s", output)
				}
			} else {
				var out servicetest.Buffer
				if err := service.Run(t.Context(), nil, servicetest.Environment(settings...), &out, &out, service.Process{Exit: servicetest.ExitOf(t)}); err == nil {
					t.Error("it started")
				}
				output = out.String()
			}
			for line := range strings.Lines(output) {
				if !json.Valid([]byte(line)) {
					t.Errorf("no JSON: %s", line)
				}
			}
			if output == "" {
				t.Error("nothing is logged")
			}
		})
	}
}
