package main

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestOnlyThisMachineIsAsked(t *testing.T) {
	handler := local(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }))
	for _, c := range []struct {
		host string
		want int
	}{
		{"localhost:8080", http.StatusNoContent},
		{"127.0.0.1:8080", http.StatusNoContent},
		{"127.0.0.1", http.StatusNoContent},
		{"[::1]:8080", http.StatusNoContent},
		{"rebound.example:8080", http.StatusForbidden},
		{"127.0.0.1.example", http.StatusForbidden},
		{"192.0.2.1:8080", http.StatusForbidden},
		{"", http.StatusForbidden},
	} {
		t.Run(c.host, func(t *testing.T) {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", nil)
			r.Host = c.host
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r)
			if w.Code != c.want {
				t.Errorf("status %d, want %d", w.Code, c.want)
			}
		})
	}
}
