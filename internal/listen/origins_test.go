package listen_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"portico/internal/listen"
)

func TestOriginsAreReadAsBrowsersSendThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://app.example.com": "https://app.example.com", "https://App.Example.com:443": "https://app.example.com",
		"https://app.example.com:8443": "https://app.example.com:8443", "http://localhost:5173": "http://localhost:5173",
		"http://127.0.0.1:80": "http://127.0.0.1", "http://[::1]:3000": "http://[::1]:3000",
		"*": "", "null": "", "": "", "https://*.example.com": "", "https://": "", "app.example.com": "", "//app.example.com": "",
		"https://app.example.com/": "", "https://app.example.com/path": "", "https://user@app.example.com": "",
		"https://app.example.com?": "", "https://app.example.com#": "https://app.example.com", "http://app.example.com": "",
		"ftp://app.example.com": "", "file://localhost": "", "https://app.example.com:": "", "https://a b": "", "https://app.example.com:99999": "",
		"chrome-extension://abcdefghijklmnop": "",
	} {
		got, err := listen.ParseOrigin(text)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
}

// next is what a page wants to reach.
var next = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })

func TestBrowsersLearnTheAllowedOrigins(t *testing.T) {
	t.Parallel()
	const app = "https://app.example.com"
	handler := listen.Origins{app, "http://localhost:5173"}.Handler(next)
	for _, row := range []struct {
		what, method, origin, wants string
		status                      int
		allowed                     string
	}{
		{"a preflight request", "OPTIONS", app, "POST", 204, app},
		{"a preflight request for QUERY", "OPTIONS", app, "QUERY", 204, app},
		{"a preflight request of another allowed origin", "OPTIONS", "http://localhost:5173", "POST", 204, "http://localhost:5173"},
		{"a preflight request for DELETE", "OPTIONS", app, "DELETE", 204, ""},
		{"a preflight request of another origin", "OPTIONS", "https://evil.example", "POST", 204, ""},
		{"a preflight request of an origin with the name in it", "OPTIONS", "https://app.example.com.evil.example", "POST", 204, ""},
		{"a preflight request of a sandboxed page", "OPTIONS", "null", "POST", 204, ""},
		{"a request", "POST", app, "", 418, app},
		{"a request of another origin", "POST", "https://evil.example", "", 418, ""},
		{"a request of no browser", "POST", "", "", 418, ""},
		{"OPTIONS that is not a preflight request", "OPTIONS", app, "", 418, app},
	} {
		r := httptest.NewRequestWithContext(t.Context(), row.method, "/graphql", nil)
		if row.origin != "" {
			r.Header.Set("Origin", row.origin)
		}
		if row.wants != "" {
			r.Header.Set("Access-Control-Request-Method", row.wants)
			r.Header.Set("Access-Control-Request-Headers", "authorization,content-type,traceparent")
		}
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		header := w.Header()
		if w.Code != row.status || header.Get("Access-Control-Allow-Origin") != row.allowed {
			t.Errorf("%s: %d, allowed %q", row.what, w.Code, header.Get("Access-Control-Allow-Origin"))
		}
		if got := header.Get("Access-Control-Allow-Credentials"); got != "" {
			t.Errorf("%s: credentials %q", row.what, got)
		}
		if !strings.Contains(strings.Join(header.Values("Vary"), ","), "Origin") {
			t.Errorf("%s: a cache could give the response to another origin", row.what)
		}
		preflight := row.wants != "" && row.allowed != ""
		if preflight && (header.Get("Access-Control-Max-Age") != "7200" || header.Get("Access-Control-Allow-Headers") == "") {
			t.Errorf("%s: %v", row.what, header)
		}
	}
}

func TestWithoutOriginsNothingIsAllowed(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodOptions, "/graphql", nil)
	r.Header.Set("Origin", "https://app.example.com")
	r.Header.Set("Access-Control-Request-Method", http.MethodPost)
	w := httptest.NewRecorder()
	listen.Origins(nil).Handler(next).ServeHTTP(w, r)
	if w.Code != http.StatusTeapot || w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%d, %v", w.Code, w.Header())
	}
}
