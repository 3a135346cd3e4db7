package world

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
)

// Numbers decide what belongs to whom in the generated world. Hosts and certificates are numbered, and everything about
// them follows from their numbers, so no entity has to exist before another can refer to it.
type numbers struct {
	size  int // hosts
	certs int // certificates that the hosts present on their usual ports
	hunts int // certificates of team servers

	hosts        []string // ids, by number
	certificates []string // ids, by number
	hostNumber   map[string]int
	certNumber   map[string]int
}

// domains are reserved for documentation: RFC 2606, RFC 6761.
var domains = []string{"example.com", "example.net", "example.org", "shop.example", "bank.example", "news.example"}

// networks are reserved for documentation: RFC 5737.
var networks = []string{"192.0.2.", "198.51.100.", "203.0.113."}

// The cast are names that every world has besides its hosts, however small it is: sites on the first host, and name
// servers. They have no ports.
const (
	castSites   = 30
	castServers = 4
	castSize    = castSites + castServers
)

// newNumbers numbers the hosts and certificates of a world with that many hosts.
func newNumbers(hosts int) numbers {
	w := numbers{size: hosts}
	if hosts == 0 {
		return w
	}
	w.certs, w.hunts = max(hosts/2, min(hosts, 10)), min(hosts, huntCertificates)
	w.hostNumber = make(map[string]int, hosts+castSize)
	w.hosts = make([]string, hosts)
	for n := range hosts + castSize {
		id := w.hostID(n)
		w.hostNumber[id] = n
		if n < hosts {
			w.hosts[n] = id
		}
	}
	w.certNumber = make(map[string]int, w.certs+w.hunts+1)
	for n := range w.certs + w.hunts + 1 {
		id := encoded(digest(n))
		w.certNumber[id] = n
		w.certificates = append(w.certificates, id)
	}
	return w
}

// hostID returns the id of a host. Hosts come in groups of four: two IPv4 addresses as long as there are any, a name,
// and an IPv6 address. Numbers from the size of the world on are the cast.
func (w *numbers) hostID(n int) string {
	const perNetwork = 254
	switch v4 := n/4*2 + n%4; {
	case n >= w.size+castSites:
		return fmt.Sprintf("ns%d.dns.example", n-w.size-castSites)
	case n >= w.size:
		return fmt.Sprintf("site%02d.chain.example", n-w.size)
	case n%4 < 2 && v4 < perNetwork*len(networks):
		return fmt.Sprint(networks[v4%len(networks)], 1+v4/len(networks))
	case n%4 == 2:
		return fmt.Sprintf("www%d.%s", n, domains[n/4%len(domains)])
	default:
		addr := netip.MustParseAddr("2001:db8::").As16()
		addr[13], addr[14], addr[15] = byte(n>>16), byte(n>>8), byte(n)
		addr[12] = 1
		return netip.AddrFrom16(addr).String()
	}
}

// isName reports whether the host is a name.
func (w *numbers) isName(n int) bool { return n >= w.size || n%4 == 2 }

// isAddress reports whether the host is an address.
func (w *numbers) isAddress(n int) bool { return !w.isName(n) }

// encoded joins parts and encodes them, as most ids of this API are made.
func encoded(parts ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(parts, "$$")))
}

// digest returns the sha1 of the certificate with that number.
func digest(n int) string {
	sum := sha1.Sum(fmt.Appendf(nil, "certificate %d of the generated world", n))
	return hex.EncodeToString(sum[:])
}
