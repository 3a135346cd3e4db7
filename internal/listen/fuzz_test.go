package listen_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"portico/internal/listen"
)

// Whatever a Host header holds, only names of the list and loopback addresses are allowed.
func FuzzHostHeader(f *testing.F) {
	for _, seed := range []string{"portico.example", "portico.example:1", "[::1]:8080", "127.0.0.1", "localhost.", "[::ffff:7f00:1]", "a@b", ":80", "[]"} {
		f.Add(seed)
	}
	hosts := listen.NewHosts("portico.example")
	f.Fuzz(func(t *testing.T, header string) {
		if !hosts.Allow(header) {
			return
		}
		host := strings.ToLower(header)
		if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
			host = host[:at]
		}
		host = strings.TrimSuffix(host, ".")
		ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
		if host != "portico.example" && host != "localhost" && (err != nil || !ip.Unmap().IsLoopback()) {
			t.Errorf("%q is allowed", header)
		}
	})
}

// Whatever an untrusted peer says, it stays who it is; a trusted proxy's word is an address or nothing.
func FuzzForwardedHeaders(f *testing.F) {
	f.Add("192.0.2.1", "portico.example", "https")
	f.Add("192.0.2.1, 10.0.0.1", "a, b", "http, https")
	f.Add(", ,[::1%lo]:x", "", "\x00")
	trusted, err := listen.ParseProxies([]string{"10.0.0.0/8"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, from, host, scheme string) {
		for _, peer := range []string{"203.0.113.5:1", "10.0.0.1:1"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
			r.RemoteAddr, r.Host = peer, "sent.example"
			r.Header = http.Header{"X-Forwarded-For": {from}, "X-Forwarded-Host": {host}, "X-Forwarded-Proto": {scheme}}
			trusted.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if _, err := netip.ParseAddrPort(r.RemoteAddr); err != nil {
					t.Errorf("peer %q", r.RemoteAddr)
				}
				if got := listen.Scheme(r); got != "http" && got != "https" {
					t.Errorf("scheme %q", got)
				}
				if peer[0] == '2' && (r.RemoteAddr != peer || r.Host != "sent.example" || listen.Scheme(r) != "http") {
					t.Errorf("believed: %s %s", r.RemoteAddr, r.Host)
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		}
	})
}
