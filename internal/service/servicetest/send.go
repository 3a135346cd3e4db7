package servicetest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/emulator/entra"
)

// ExampleID is the id of the port in Microsoft's published example.
const ExampleID = "ODUuMTMuMTM5LjE4JCQyMQ=="

// Permission is the permission that Microsoft Graph requires for threat intelligence.
const Permission = "ThreatIntelligence.Read.All"

// Operation is a GraphQL query and what is sent with it. Headers that are empty are not sent.
type Operation struct {
	Query, Accept, Authorization string
	Variables                    map[string]any
	// Settings are those that the service has to be started with, see ReadOperation.
	Settings []string
}

// Body is the body of a GraphQL request without variables.
func Body(query string) []byte {
	body, _ := json.Marshal(map[string]string{"query": query}) // strings can be encoded
	return body
}

// Ask sends a query without variables.
func (s *Service) Ask(t testing.TB, query string) Reply {
	t.Helper()
	return s.Send(t, Operation{Query: query})
}

// Askf is Ask with a query that is formatted first.
func (s *Service) Askf(t testing.TB, format string, args ...any) Reply {
	t.Helper()
	return s.Ask(t, fmt.Sprintf(format, args...))
}

// Send sends an operation to /graphql.
func (s *Service) Send(t testing.TB, o Operation) Reply {
	t.Helper()
	body, err := json.Marshal(map[string]any{"query": o.Query, "variables": o.Variables})
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if o.Accept != "" {
		r.Header.Set("Accept", o.Accept)
	}
	if o.Authorization != "" {
		r.Header.Set("Authorization", o.Authorization)
	}
	return s.Do(t, r)
}

// Post sends a body to /graphql as it is, with headers such as "Accept: text/plain".
func (s *Service) Post(t testing.TB, body []byte, headers ...string) Reply {
	t.Helper()
	return s.Request(t, http.MethodPost, "/graphql", body,
		append([]string{"Content-Type: application/json"}, headers...)...)
}

// Request is Do with a request to a path.
func (s *Service) Request(t testing.TB, method, path string, body []byte, headers ...string) Reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	return s.Do(t, r)
}

// Do sends any request that is answered with JSON or with parts of JSON.
func (s *Service) Do(t testing.TB, r *http.Request) Reply {
	t.Helper()
	from := time.Now()
	a := s.receive(t, r)
	a.Took = time.Since(from)
	mediaType, params, _ := mime.ParseMediaType(a.Header.Get("Content-Type"))
	if mediaType != "multipart/mixed" {
		a.Read(t, bytes.NewReader([]byte(a.Text)))
		return a
	}
	parts := multipart.NewReader(bytes.NewReader([]byte(a.Text)), params["boundary"])
	for {
		part, err := parts.NextPart()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			return a
		}
		a.Read(t, part)
	}
}

// Get requests a path, such as /readyz, with pairs of header names and values, and returns the reply with its text
// only.
func (s *Service) Get(t testing.TB, path string, header ...string) Reply {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return s.receive(t, r)
}

// receive sends a request and keeps what was received for the check at the end.
func (s *Service) receive(t testing.TB, r *http.Request) Reply {
	t.Helper()
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintln(&s.received, string(text), response.Header)
	return Reply{Status: response.StatusCode, Header: response.Header, Text: string(text)}
}

// FetchToken has the service fetch its token, and clears the emulator's list of requests.
func (s *Service) FetchToken(t testing.TB) {
	t.Helper()
	const tries = 5 // a busy machine may need longer for the first one than the deadline of the service
	var a Reply
	for range tries {
		if a = s.Ask(t, `{ hostPort(id: "warm") { port } }`); a.Data == `{"hostPort":null}` && len(a.Errors) == 0 {
			s.Emulator.ResetLog()
			return
		}
	}
	t.Fatalf("the first query failed %d times: %s", tries, a.Text)
}

// Bearer is the Authorization header of a caller who brings a token for Microsoft Graph, for
// PORTICO_IDENTITY=passthrough.
func (s *Service) Bearer(oid, scope string) string {
	return "Bearer " + s.Emulator.UserToken(oid, entra.WithAudience(s.Emulator.Audience()), entra.WithScope(scope))
}

// Authorization is the Authorization header of a caller of a service with that PORTICO_IDENTITY.
func (s *Service) Authorization(identity string) string {
	if identity == "passthrough" {
		return s.Bearer("ada", Permission)
	}
	return "Bearer " + s.Emulator.UserToken("ada", entra.WithAudience("api://"+s.Emulator.ClientID()))
}
