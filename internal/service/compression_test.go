package service

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A cache must know that the response depends on what the client accepts, even if this one sends no Accept-Encoding.
func TestResponsesVaryByWhatClientsAccept(t *testing.T) {
	t.Parallel()
	h := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	for what, accepts := range map[string][]string{"no header": nil, "an empty header": {""}, "gzip": {"gzip"}} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.Header["Accept-Encoding"] = accepts
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Values("Vary"); len(got) != 1 || got[0] != "Accept-Encoding" {
			t.Errorf("%s: Vary is %q", what, got)
		}
	}
}

// Node.js before 22 offers zstd through some clients and cannot read it.
func TestResponsesAreGzipUnlessZstdIsPreferred(t *testing.T) {
	t.Parallel()
	h := compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, strings.Repeat(" ", 4096)+"{}")
	}))
	for accepts, want := range map[string]string{
		"gzip, br, zstd":         "gzip",
		"zstd, gzip":             "gzip",
		"gzip;q=0.8, zstd":       "zstd",
		"gzip;q=0.5, zstd;q=0.5": "gzip",
		"gzip;q=0, zstd":         "zstd",
		"zstd":                   "zstd",
		"br":                     "",
		"":                       "",
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.Header.Set("Accept-Encoding", accepts)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Header().Get("Content-Encoding"); got != want {
			t.Errorf("Accept-Encoding %q: got %q, want %q", accepts, got, want)
		}
	}
}
