package service

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
)

// linesWith returns the lines of the log with that message.
func (s *running) linesWith(message string) (lines []string) {
	for line := range strings.Lines(s.log.String()) {
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
		"a batch of 20 that fails as a whole":  {emulator.Refusal(403, "Forbidden", strings.Repeat("no ", 300)).On(emulator.Batch), listOf(numberedPorts(20)...)},
		"20 ports for want of a token":         {emulator.Failure(400).On(emulator.Token), listOf(numberedPorts(20)...)},
		"a response that cannot be read":       {emulator.HTML(200).Times(-1), listOf("port-0")},
		"a request that is repeated, and ends": {emulator.Failure(503).Times(-1), listOf("port-0")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := trouble(t)
			s.putPorts(t, 20)
			if tt.fault.Kind != emulator.Token {
				s.warm(t)
			}
			s.emulator.Fail(tt.fault.Times(-1))
			if a := s.say(t, tt.query); len(a.errors) == 0 {
				t.Fatalf("no error: %s", a.text)
			}
			lines := s.linesWith(failedRequest)
			if len(lines) != 1 || len(lines[0]) > 1500 {
				t.Errorf("%d lines, want 1: %.3000q", len(lines), lines)
			}
			if hidden := s.linesWith("hidden from the caller"); len(hidden) > 0 {
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
	rows := &together{t: t}
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
			s := start(t, append([]string{"PORTICO_EMULATOR_SIZE=0", "PORTICO_IDENTITY=passthrough"}, row.settings...)...)
			authorization := "Bearer of-ada"
			if row.fault != nil {
				s.upstream.emulator.Fail(row.fault.Times(-1))
				authorization = s.bearer("ada", permission)
			}
			a := s.ask(t, asking{text: `{ hostPort(id: "port-0") { port } }`, accept: "application/json", authorization: authorization})
			if codes(a) != row.code {
				t.Errorf("got %v", a.errors)
			}
			lines := s.linesWith(failedRequest)
			if len(lines) != 1 || !strings.Contains(lines[0], "level=WARN") || !strings.Contains(lines[0], " class="+row.class+" ") {
				t.Errorf("want one line of class %s: %q", row.class, lines)
			}
			if lines := s.linesWith("msg=request "); len(lines) != 1 || !strings.Contains(lines[0], "error_codes="+row.code) {
				t.Errorf("the request's line lacks %s: %q", row.code, lines)
			}
		})
	}
}

func TestTheLogSaysWhyThereIsNoToken(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	s.emulator.Fail(emulator.Reset().On(emulator.Token).Times(-1))
	s.say(t, listOf("port-0")).want(t, `{"hostPorts":[null]}`, "hostPorts.0: UPSTREAM_AUTH")
	if lines := s.linesWith("token request failed"); len(lines) != 1 || !strings.Contains(lines[0], "class=reset") {
		t.Errorf("got %q", lines)
	}
	if lines := s.linesWith(failedRequest); len(lines) != 1 || !strings.Contains(lines[0], "class=token") {
		t.Errorf("got %q", lines)
	}
}

// An outage of hours fills no disk: lines of one class are bounded, and the next one counts those left out.
func TestFailuresInTheLogAreBounded(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	s.putPorts(t, 1)
	s.warm(t)
	s.emulator.Fail(emulator.Refusal(403, "Forbidden", "No.").Times(-1))
	from := time.Now()
	for i := range 300 {
		s.say(t, fmt.Sprint(listOf("port-0"), "#", i))
	}
	bound := 10 * (int(time.Since(from)/time.Second) + 2)
	if n := len(s.linesWith(failedRequest)); n < 1 || n > bound {
		t.Errorf("300 failures made %d lines, want at most %d", n, bound)
	}
	if n := len(s.linesWith("msg=request ")); n < 300 {
		t.Errorf("%d of 300 requests have their own line", n)
	}
}

// The word of Microsoft Graph on one request takes no replica out of service.
func TestARefusedRequestLeavesTheServiceReady(t *testing.T) {
	t.Parallel()
	for _, status := range []int{401, 403, 429, 500} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			s := trouble(t, "PORTICO_LIMIT_DEADLINE=2s")
			s.putPorts(t, 1)
			s.warm(t)
			s.emulator.Fail(emulator.Failure(status).Times(-1))
			if a := s.say(t, listOf("port-0")); len(a.errors) == 0 {
				t.Fatalf("no error: %s", a.text)
			}
			s.emulator.ClearFaults()
			eventually(t, "ready", func() bool { return s.probe(t, "/readyz") == http.StatusOK })
		})
	}
}

func TestAnEmulatorSaysThatItsDataIsInvented(t *testing.T) {
	t.Parallel()
	s := trouble(t, "PORTICO_SHOW_COST=off", "PORTICO_LIMIT_UPSTREAM_REQUESTS=1")
	s.putPorts(t, 2)
	const jsonType = "Content-Type: application/json"
	for name, a := range map[string]reply{
		"a success":          s.say(t, listOf("port-0")),
		"no JSON":            s.posted(t, []byte("{")),
		"no GraphQL":         s.say(t, "{"),
		"an unknown field":   s.say(t, "{ nothing }"),
		"too much":           s.say(t, listOf("port-0", "port-1")),
		"a wrong media type": s.sent(t, http.MethodPost, "/graphql", nil, "Content-Type: text/plain"),
		"a wrong method":     s.sent(t, http.MethodPut, "/graphql", nil, jsonType),
		"another site":       s.sent(t, http.MethodPost, "/graphql", nil, jsonType, "Sec-Fetch-Site: cross-site"),
	} {
		var body struct{ Extensions map[string]any }
		if parse(t, a.text, &body); body.Extensions["emulator"] != true {
			t.Errorf("%s: %s", name, a.text)
		}
	}
	far := start(t, "PORTICO_CLOUD=global", "PORTICO_IDENTITY=passthrough", "PORTICO_GRAPH_URL="+s.upstream.url)
	if text := far.text(t, "/graphql?query=%7B__typename%7D", "application/json"); text != `{"data":{"__typename":"Query"}}` {
		t.Errorf("a real cloud's data is said to be invented: %s", text)
	}
	deferred := s.text(t, "/graphql?query="+url.QueryEscape(`{ hostPort(id: "`+exampleID+`") { id ... @defer { host { firstSeenDateTime } } } }`),
		"multipart/mixed; deferSpec=20220824, application/json")
	if n := strings.Count(deferred, `"emulator":true`); n < 2 {
		t.Errorf("%d of the parts say that the data is invented: %s", n, deferred)
	}
	if playground.Built() && !strings.Contains(s.text(t, "/", "text/html"), "all data is invented") {
		t.Error("the page does not say that the data is invented")
	}
}

// text gets a path and returns the body, whatever it is.
func (s *running) text(t *testing.T, path, accept string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
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
		s := start(t, "PORTICO_EMULATOR_SIZE=0", setting)
		for _, path := range []string{"/_emulator", "/_emulator/faults", "/_emulator/authorization", "/_emulator/"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.upstream.server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			response, err := s.upstream.server.Client().Do(r)
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
				p := launch(t, settings...)
				if _, err := p.ask(http.DefaultClient, "one"); err != nil {
					t.Error(err)
				}
				p.end()
				_ = p.result(t)
				output = p.stdout.String() + p.stderr.String()
				if !strings.Contains(output, "invented") || !strings.Contains(output, `"duration_ms":`) {
					t.Errorf("the log lacks something: %s", output)
				}
			} else {
				var out lockedBuffer
				if err := Run(t.Context(), nil, environment(settings...), &out, &out, exitOf(t)); err == nil {
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
