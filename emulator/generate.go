package emulator

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// A world is made of numbers: what belongs to a host, a certificate or an article follows from its number, whoever asks
// first. Nothing of it is made before it is asked for.
type world struct {
	size  int // hosts
	certs int // certificates that the hosts show on their usual ports
	hunts int // certificates of team servers
	seed  uint64

	hosts        []string
	certificates []string
	hostNumber   map[string]int
	certNumber   map[string]int
	articles     []string
	profiles     []string
	flaws        []string

	mu   sync.Mutex // one maker at a time
	made map[task]bool
	text []byte
	dice *rand.Rand
}

// A task is one thing to make: of that family, for that number.
type task struct {
	family family
	number int
}

type family int

const (
	familyHost family = iota
	familyPorts
	familyWeb
	familyPairs
	familyDNS
	familyShown
	familyWhois
	familyReputation
	familyCertificate
	familyRelated
	familyIntel
	familyAll
)

// familyOfRow tells what makes each list of a host.
var familyOfRow = map[string]family{
	"ports": familyPorts, "components": familyPorts, "cookies": familyWeb, "trackers": familyWeb,
	"subdomains": familyWeb, "hostPairs": familyPairs, "childHostPairs": familyPairs, "parentHostPairs": familyPairs,
	"passiveDns": familyDNS, "passiveDnsReverse": familyDNS, "sslCertificates": familyShown, "whois": familyWhois,
	historyOfHost: familyWhois, "reputation": familyReputation,
}

// domains are reserved for documentation: RFC 2606, RFC 6761.
var domains = []string{"example.com", "example.net", "example.org", "shop.example", "bank.example", "news.example"}

// networks are reserved for documentation: RFC 5737.
var networks = []string{"192.0.2.", "198.51.100.", "203.0.113."}

// epoch is when the generated world begins.
var epoch = time.Date(2019, time.March, 4, 5, 6, 7, 0, time.UTC)

// The cast are names that a world has besides its hosts, however small it is: sites that the first host serves, and name
// servers. They have no ports.
const (
	castSites   = 30
	castServers = 4
	castSize    = castSites + castServers
)

// prepare numbers the hosts and certificates of the world.
func (e *Emulator) prepare(hosts int, seed uint64) {
	w := &e.world
	w.size, w.seed, w.made = hosts, seed, map[task]bool{}
	if hosts == 0 {
		return
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
	e.makeIntel()
}

// hostID names the host of that number: an address in version 4 while they last, a name, an address in version 6.
// Numbers beyond the world's size are the cast.
func (w *world) hostID(n int) string {
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

// isName reports whether the host of that number is a name.
func (w *world) isName(n int) bool { return n >= w.size || n%4 == 2 }

// address reports whether it is one, of the world.
func (w *world) address(n int) bool { return n < w.size && n%4 != 2 }

// hostType is the value of @odata.type of a host.
func (w *world) hostType(n int) string {
	if w.isName(n) {
		return "#" + namespace + "hostname"
	}
	return "#" + namespace + "ipAddress"
}

// do runs make for a task, once. The world's lock must be held.
func (w *world) do(f family, n int, make func(n int)) {
	if t := (task{f, n}); !w.made[t] {
		w.made[t] = true
		before := w.dice
		w.roll(uint64(f), uint64(n))
		make(n)
		w.dice = before
	}
}

// roll sets the dice to what they are for a thing, whenever it is made.
func (w *world) roll(a, b uint64) { w.dice = rand.New(rand.NewPCG(w.seed<<8|a, b)) }

// keep renders what stands in the world's text as an entity, unless there is one with that id.
func (e *Emulator) keep(set string) *entity {
	p := e.endpoints[set]
	en, err := newEntity(p, e.world.text)
	if err != nil {
		panic("emulator: generating " + set + ": " + err.Error()) // the text is written here
	}
	return e.sets[set].offer(en.id, en)
}

// write starts the text of an entity.
func (w *world) write(format string, args ...any) {
	w.text = fmt.Appendf(w.text[:0], format, args...)
}

// enlist sets what a list of the generated world holds.
func (e *Emulator) enlist(owner, name, key string, ids []string) {
	items := make([]listItem, len(ids))
	for i, id := range ids {
		items[i].key = id
	}
	e.lists.put(e.row(owner, name), key, items, true)
}

// The forms of time that the published examples have.
const (
	dotThree = "2006-01-02T15:04:05.000Z"
	dotTwo   = "2006-01-02T15:04:05.00Z"
	noDot    = "2006-01-02T15:04:05Z"
)

// span draws a first and a last time.
func (w *world) span() (first, last string) {
	from := epoch.Add(time.Duration(w.dice.IntN(3*365*24*3600)) * time.Second)
	to := from.Add(time.Duration(w.dice.IntN(2*365*24*3600)) * time.Second)
	form := []string{dotThree, dotTwo, noDot}[w.dice.IntN(3)]
	return from.Format(form), to.Format(form)
}

// guid draws a GUID.
func (w *world) guid() string {
	text := fmt.Sprintf("%016x%016x", w.dice.Uint64(), w.dice.Uint64())
	return text[:8] + "-" + text[8:12] + "-" + text[12:16] + "-" + text[16:20] + "-" + text[20:]
}

// encoded joins parts the way ids of this API are made.
func encoded(parts ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(parts, "$$")))
}

// digest is the sha1 of the certificate of that number.
func digest(n int) string {
	sum := sha1.Sum(fmt.Appendf(nil, "certificate %d of the generated world", n))
	return hex.EncodeToString(sum[:])
}

func colons(digest string) string {
	var out strings.Builder
	for i := 0; i < len(digest); i += 2 {
		if i > 0 {
			out.WriteByte(':')
		}
		out.WriteString(digest[i : i+2])
	}
	return out.String()
}
