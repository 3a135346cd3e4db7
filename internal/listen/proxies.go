package listen

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"strings"
)

// forwarded are the headers by which proxies say where a request came from. Anybody can send them.
var forwarded = []string{
	"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Port",
	"X-Real-Ip",
}

// Proxies are the peers whose X-Forwarded headers are believed.
type Proxies struct {
	ranges []netip.Prefix
	unix   bool
}

// ParseProxies reads addresses and ranges in CIDR notation; "unix" stands for peers on a Unix socket.
func ParseProxies(list []string) (Proxies, error) {
	var p Proxies
	for _, text := range list {
		if text == "unix" {
			p.unix = true
			continue
		}
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, addressErr := netip.ParseAddr(text)
			if addressErr != nil || address.Zone() != "" {
				return Proxies{}, fmt.Errorf("%q is neither an address nor a range such as 10.0.0.0/8, nor unix", text)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		p.ranges = append(p.ranges, netip.PrefixFrom(prefix.Addr().Unmap(), unmappedBits(prefix)).Masked())
	}
	return p, nil
}

func unmappedBits(p netip.Prefix) int {
	if p.Addr().Is4In6() {
		return max(0, p.Bits()-96)
	}
	return p.Bits()
}

// trusts reports whether a peer is one of the proxies.
func (p Proxies) trusts(peer netip.Addr, known bool) bool {
	if !known {
		return p.unix
	}
	for _, prefix := range p.ranges {
		if prefix.Contains(peer) {
			return true
		}
	}
	return false
}

// Handler replaces the peer's address, the host and the scheme of a request by what a trusted proxy says of them, and
// removes the headers that said so, from whomever they came.
func (p Proxies) Handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isForwarded(r.Header) {
			next.ServeHTTP(w, r)
			return
		}
		copied := *r
		copied.Header = maps.Clone(r.Header)
		for _, name := range forwarded {
			delete(copied.Header, name)
		}
		peer, known := addressOf(r.RemoteAddr)
		if !p.trusts(peer, known) {
			next.ServeHTTP(w, &copied)
			return
		}
		p.believe(&copied, r.Header)
		scheme := last(r.Header["X-Forwarded-Proto"])
		next.ServeHTTP(w, copied.WithContext(context.WithValue(r.Context(), schemeKey{}, scheme)))
	})
}

func isForwarded(h http.Header) bool {
	for _, name := range forwarded {
		if _, found := h[name]; found {
			return true
		}
	}
	return false
}

// believe takes over what a trusted proxy says.
func (p Proxies) believe(r *http.Request, said http.Header) {
	if client, found := p.client(said["X-Forwarded-For"]); found {
		r.RemoteAddr = netip.AddrPortFrom(client, 0).String()
	}
	if host := last(said["X-Forwarded-Host"]); host != "" {
		r.Host = host
	}
}

// client returns the last address in X-Forwarded-For that is not a proxy's own: those before it may be invented.
func (p Proxies) client(headers []string) (client netip.Addr, found bool) {
	hops := strings.Split(strings.Join(headers, ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, ok := addressOf(strings.TrimSpace(hops[i]))
		if !ok {
			return client, found
		}
		client, found = hop, true
		if !p.trusts(hop, true) {
			return client, true
		}
	}
	return client, found
}

// last returns the value that the nearest proxy added to a header that grows on its way.
func last(headers []string) string {
	all := strings.Split(strings.Join(headers, ","), ",")
	return strings.ToLower(strings.TrimSpace(all[len(all)-1]))
}

// addressOf returns the address in ADDRESS or ADDRESS:PORT; false if there is none, as on a Unix socket.
func addressOf(text string) (netip.Addr, bool) {
	if whole, err := netip.ParseAddrPort(text); err == nil {
		return whole.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(strings.Trim(text, "[]"))
	return address.Unmap().WithZone(""), err == nil
}

type schemeKey struct{}

// Scheme returns the scheme with which the caller sent the request: by the word of a trusted proxy, for which
// [Proxies.Handler] must be in front, or by whether the connection has TLS.
func Scheme(r *http.Request) string {
	switch said, _ := r.Context().Value(schemeKey{}).(string); {
	case said == "http" || said == "https":
		return said
	case r.TLS != nil:
		return "https"
	}
	return "http"
}
