package service

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"portico/internal/config"
	"portico/internal/telemetry"
)

// TestMain runs the tests in the root of the repository, where testdata, the documentation and the examples are.
func TestMain(m *testing.M) {
	if err := os.Chdir("../.."); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// exampleID is the id of the port in Microsoft's published example.
const exampleID = "ODUuMTMuMTM5LjE4JCQyMQ=="

// running is the whole service on the emulator, behind a real listener.
type running struct {
	*Service
	url string
	log *lockedBuffer
}

// start runs the service with settings as in the environment.
func start(t testing.TB, settings ...string) *running {
	t.Helper()
	cfg, err := config.Load(nil, settings, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	log := &lockedBuffer{}
	logger, err := telemetry.New(log, "text", slog.LevelDebug)
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(cfg, logger)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(s.handler)
	t.Cleanup(func() {
		server.Close()
		s.Close()
	})
	return &running{Service: s, url: server.URL, log: log}
}

// answered is an answer to a GraphQL question; the parts of an incremental one are put together.
type answered struct {
	status int
	data   string // of the first payload
	parts  []incremental
	errors []graphqlError
	cost   upstreamCost
	// warnings are those of all payloads.
	warnings []responseWarning
}

type incremental struct {
	Label  string          `json:"label"`
	Path   []any           `json:"path"`
	Data   json.RawMessage `json:"data"`
	Errors []graphqlError  `json:"errors"`
	Extensions
}

// Extensions are those of an answer.
type Extensions struct {
	Extensions struct {
		Upstream upstreamCost      `json:"upstream"`
		Warnings []responseWarning `json:"warnings"`
	} `json:"extensions"`
}

type graphqlError struct {
	Message    string         `json:"message"`
	Path       []any          `json:"path"`
	Extensions map[string]any `json:"extensions"`
}

// responseWarning is one of extensions.warnings.
type responseWarning struct {
	Message, Code string
	Path          []any
}

type upstreamCost struct {
	Requests, Items, Waves int
	Calls                  []struct {
		Method, URL string
		Wave        int
		Items       []struct{ URL string }
	}
}

// waves returns the requests of the answer, rendered, by the wave that they left in.
func (a answered) waves() [][]string {
	waves := make([][]string, a.cost.Waves)
	for _, call := range a.cost.Calls {
		var items []string
		for _, item := range call.Items {
			items = append(items, item.URL)
		}
		waves[call.Wave-1] = append(waves[call.Wave-1], render(call.Method, call.URL, items))
	}
	return waves
}

func (s *running) ask(t testing.TB, q asking) answered {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": q.text, "variables": q.variables})
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", q.accept)
	if q.authorization != "" {
		request.Header.Set("Authorization", q.authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	a := answered{status: response.StatusCode}
	mediaType, params, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if mediaType != "multipart/mixed" {
		a.add(t, response.Body)
		return a
	}
	parts := multipart.NewReader(response.Body, params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			if err != io.EOF {
				t.Error(err)
			}
			return a
		}
		a.add(t, part)
	}
}

func (a *answered) add(t testing.TB, body io.Reader) {
	t.Helper()
	var payload struct {
		Data        json.RawMessage `json:"data"`
		Errors      []graphqlError  `json:"errors"`
		Incremental []incremental   `json:"incremental"`
		Extensions
	}
	if err := json.NewDecoder(body).Decode(&payload); err != nil {
		t.Fatal(err)
	}
	if payload.Data != nil {
		a.data = string(payload.Data)
	}
	a.errors = append(a.errors, payload.Errors...)
	a.addCost(payload.Extensions.Extensions.Upstream)
	a.warnings = append(a.warnings, payload.Extensions.Extensions.Warnings...)
	for _, part := range payload.Incremental {
		a.parts = append(a.parts, part)
		a.errors = append(a.errors, part.Errors...)
		a.addCost(part.Extensions.Extensions.Upstream)
	}
}

// addCost keeps what the last payload says of the whole operation.
func (a *answered) addCost(cost upstreamCost) {
	if cost.Requests >= a.cost.Requests {
		a.cost = cost
	}
}

func TestReadyzTellsHowItStandsWithMicrosoftGraph(t *testing.T) {
	s := start(t)
	s.ask(t, exampleQuestion("the first port"))
	response, err := http.Get(s.url + "/readyz?verbose")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"ok", "upstream_limit 16", "upstream_waiting 0", "upstream_paused_identities 0", "upstream_breaker closed"} {
		if !strings.Contains("\n"+string(body), "\n"+line+"\n") {
			t.Errorf("no line %q in\n%s", line, body)
		}
	}
}
