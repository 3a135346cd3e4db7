package listen

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"portico/internal/loopback"
)

// Hosts are the names that requests may be for. A web page whose own name resolves to Portico's address cannot send
// requests to another one (DNS rebinding). This machine's loopback names always belong to it: no page can have them.
type Hosts map[string]bool

// NewHosts returns the names, each with or without a port, which does not count.
func NewHosts(names ...string) Hosts {
	hosts := Hosts{}
	for _, name := range names {
		if host, ok := hostOf(name); ok {
			hosts[host] = true
		}
	}
	return hosts
}

// Allow reports whether requests may be for the name in a Host header.
func (h Hosts) Allow(header string) bool {
	host, ok := hostOf(header)
	if !ok {
		return false
	}
	return h[host] || loopback.Is(host)
}

// Handler passes on requests for allowed names, and lets refuse answer the others.
func (h Hosts) Handler(next, refuse http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !h.Allow(r.Host) {
			refuse.ServeHTTP(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// hostOf returns the host of HOST or HOST:PORT in one spelling: lower case, an IPv6 address without its brackets, no
// dot at the end. It is false for what no client sends.
func hostOf(text string) (host string, ok bool) {
	if at := strings.LastIndexByte(text, ':'); at >= 0 && !strings.HasSuffix(text, "]") {
		if _, err := strconv.ParseUint("0"+text[at+1:], 10, 16); err != nil {
			return "", false
		}
		text = text[:at]
	}
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	ip, err := netip.ParseAddr(inner)
	switch {
	case opened || closed:
		return ip.String(), opened && closed && err == nil && ip.Is6() && ip.Zone() == ""
	case err == nil:
		return inner, ip.Is4() // which has one spelling
	}
	host = strings.ToLower(strings.TrimSuffix(text, "."))
	return host, host != "" && !strings.ContainsFunc(host, notInName)
}

// notInName reports whether r cannot be part of a host name.
func notInName(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '.' && r != '_'
}
