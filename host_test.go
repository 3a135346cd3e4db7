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
		{"[::1]", http.StatusNoContent},
		{"LocalHost", http.StatusNoContent},
		{"LOCALHOST:8080", http.StatusNoContent},
		{"127.8.9.10:1", http.StatusNoContent},
		{"[::FFFF:127.0.0.1]", http.StatusNoContent},
		{"[127.0.0.1]", http.StatusForbidden},
		{"[127.0.0.1", http.StatusForbidden},
		{"127.0.0.1]", http.StatusForbidden},
		{"[[::1]]", http.StatusForbidden},
		{"]::1[", http.StatusForbidden},
		{"[::1", http.StatusForbidden},
		{"::1]", http.StatusForbidden},
		{"::1", http.StatusForbidden},
		{"[localhost]", http.StatusForbidden},
		{"[::1]x", http.StatusForbidden},
		{"[::1%lo]", http.StatusForbidden},
		{"localhost:x", http.StatusForbidden},
		{"localhost:80:80", http.StatusForbidden},
		{"localhost:99999", http.StatusForbidden},
		{"localhost.example", http.StatusForbidden},
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
