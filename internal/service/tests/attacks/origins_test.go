package attacks_test

import (
	"bytes"
	"net/http"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

// A page of an allowed origin asks the browser's permission without a token, and then sends one; what it may read tells it
// what to do. Pages of other origins are refused even with a token.
func TestAllowedOriginsMaySendRequests(t *testing.T) {
	t.Parallel()
	const app, other = "Origin: https://app.example.com", "Origin: https://evil.example"
	s := servicetest.StartSmall(t, "PORTICO_ALLOWED_ORIGINS=https://app.example.com", "PORTICO_CALLERS=entra",
		"PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_LIMIT_CALLER_ITEMS=100")
	servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
	token := "Authorization: Bearer " + s.Emulator.UserToken("ada")
	const asks, jsonType = "Access-Control-Request-Method: POST", "Content-Type: application/json"
	const crossSite = "Sec-Fetch-Site: cross-site"
	for _, row := range []struct {
		what, method string
		headers      []string
		status       int
		readable     bool
	}{
		{"a preflight request", "OPTIONS", []string{app, asks, crossSite}, 204, true},
		{"a preflight request of another origin", "OPTIONS", []string{other, asks, crossSite}, 204, false},
		{"a request", "POST", []string{app, jsonType, crossSite, token}, 200, true},
		{"a request of an old browser", "POST", []string{app, jsonType, token}, 200, true},
		{"a GET", "GET", []string{app, crossSite, token}, 200, true},
		{"a request without a token", "POST", []string{app, jsonType, crossSite}, 401, true},
		{"a request of another origin", "POST", []string{other, jsonType, crossSite, token}, 403, false},
		{"a request of another origin without a token", "POST", []string{other, jsonType, crossSite}, 401, false},
		{"a form", "POST", []string{app, "Content-Type: text/plain", crossSite, token}, 415, true},
		{"an image on an allowed page", "GET", []string{crossSite, "Sec-Fetch-Dest: image", token}, 403, false},
	} {
		path, body := "/graphql", servicetest.Body("{ __typename }")
		if row.method == http.MethodGet {
			path, body = "/graphql?query={__typename}", nil
		}
		status, header := ask(t, row.method, s.URL+path, body, row.headers...)
		allowed := header.Get("Access-Control-Allow-Origin")
		if status != row.status || row.readable != (allowed == "https://app.example.com") || !row.readable && allowed != "" {
			t.Errorf("%s: %d, allowed %q", row.what, status, allowed)
		}
		exposed := header.Get("Access-Control-Expose-Headers")
		if row.readable && row.method != http.MethodOptions && (!strings.Contains(exposed, "Www-Authenticate") || !strings.Contains(exposed, "Retry-After")) {
			t.Errorf("%s: exposed %q", row.what, exposed)
		}
	}
	for path, readable := range map[string]bool{"/.well-known/oauth-protected-resource": true, "/readyz": false, "/": false} {
		_, header := ask(t, http.MethodGet, s.URL+path, nil, app)
		if got := header.Get("Access-Control-Allow-Origin") != ""; got != readable {
			t.Errorf("%s: the page can read it: %v", path, got)
		}
	}
}

// ask sends a request, and returns the status and header of the response.
func ask(t *testing.T, method, url string, body []byte, headers ...string) (int, http.Header) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode, response.Header
}
