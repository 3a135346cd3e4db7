// Package loopback recognizes this machine by the addresses and the name that only it can reach.
package loopback

import (
	"net/netip"
	"strings"
)

// Is reports whether host is localhost, in any letter case, or a loopback address. An IPv6 address may stand in
// brackets, and may hold an IPv4 address.
func Is(host string) bool {
	if inner, opened := strings.CutPrefix(host, "["); opened {
		host = strings.TrimSuffix(inner, "]")
	}
	ip, err := netip.ParseAddr(host)
	return strings.EqualFold(host, "localhost") || err == nil && ip.Unmap().IsLoopback()
}
