package emulator

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"strings"
	"time"
)

// generated names the members of the generated world, in the order they were made.
type generated struct {
	hosts, ports, certificates, components []string
	portsOf                                map[string][]string
}

// A service is what a generated port offers. Products are invented.
type service struct {
	port                             int
	tls                              bool
	product, version, category, text string
}

// services are what each generated host offers; the first five show a certificate.
var services = []service{
	{443, true, "Example Web Server", "2.4.1", "Server", "HTTP/1.1 200 OK\r\nServer: Example Web Server/2.4.1\r\n"},
	{8443, true, "Sample Application Server", "11.0.3", "Server", "HTTP/1.1 401 Unauthorized\r\nServer: Sample\r\n"},
	{465, true, "Demo Mail Transfer", "4.97", "Mail Server", "220 mail ready\r\n"},
	{993, true, "Demo Mailbox", "2.3.21", "Mail Server", "* OK [CAPABILITY IMAP4rev1] ready\r\n"},
	{990, true, "Example File Transfer", "1.3.8", "File Transfer", "220 FTP ready\r\n"},
	{22, false, "Sample Shell", "9.6p1", "Remote Access", "SSH-2.0-SampleShell_9.6p1\r\n"},
	{80, false, "Example Web Server", "2.4.1", "Server", "HTTP/1.1 301 Moved Permanently\r\n"},
	{53, false, "Demo Name Server", "", "DNS Server", ""},
}

// domains are reserved for documentation: RFC 2606, RFC 6761.
var domains = []string{"example.com", "example.net", "example.org", "shop.example", "bank.example", "news.example"}

// networks are reserved for documentation: RFC 5737.
var networks = []string{"192.0.2.", "198.51.100.", "203.0.113."}

// epoch is when the generated world begins.
var epoch = time.Date(2019, time.March, 4, 5, 6, 7, 0, time.UTC)

// A builder renders the generated world.
type builder struct {
	e     *Emulator
	dice  *rand.Rand
	certs int
	text  []byte
}

// generate makes hosts with their ports, components and certificates. It makes the same for the same numbers.
func (e *Emulator) generate(hosts int, seed uint64) {
	e.world.portsOf = make(map[string][]string, hosts)
	if hosts == 0 {
		return
	}
	b := &builder{e: e, dice: rand.New(rand.NewPCG(seed, 2)), certs: max(hosts/2, min(hosts, 10))}
	for n := range b.certs {
		b.certificate(n)
	}
	for n := range hosts {
		b.host(n)
	}
}

// hostID names the host of that number: an address in version 4 while they last, a name, an address in version 6.
func hostID(n int) (id string, isName bool) {
	const perNetwork = 254
	switch v4 := n/4*2 + n%4; {
	case n%4 < 2 && v4 < perNetwork*len(networks):
		return fmt.Sprint(networks[v4%len(networks)], 1+v4/len(networks)), false
	case n%4 == 2:
		return fmt.Sprintf("www%d.%s", n, domains[n/4%len(domains)]), true
	default:
		addr := netip.MustParseAddr("2001:db8::").As16()
		addr[13], addr[14], addr[15] = byte(n>>16), byte(n>>8), byte(n)
		addr[12] = 1
		return netip.AddrFrom16(addr).String(), false
	}
}

func (b *builder) put(set, id string) {
	p := b.e.endpoint(set)
	en, err := newEntity(p, b.text)
	if err != nil {
		panic("emulator: generating " + set + ": " + err.Error()) // the text is written here
	}
	b.e.sets[p.set].byKey[id] = en
}

func (b *builder) host(n int) {
	id, isName := hostID(n)
	seen, last := b.span()
	country := []string{"DE", "US", "FR", "JP", "BR"}[n%5]
	if isName {
		b.text = fmt.Appendf(b.text[:0], `{"@odata.type":"#microsoft.graph.security.hostname","id":%q,`+
			`"firstSeenDateTime":%q,"lastSeenDateTime":%q,"registrar":"Example Registrar Inc.",`+
			`"registrant":"Example Holder %d"}`, id, seen, last, n%17)
	} else {
		as := 64496 + n%16 // RFC 5398
		b.text = fmt.Appendf(b.text[:0], `{"@odata.type":"#microsoft.graph.security.ipAddress","id":%q,`+
			`"firstSeenDateTime":%q,"lastSeenDateTime":%q,"countryOrRegion":%q,"hostingProvider":"Example Hosting %d",`+
			`"netblock":%q,"autonomousSystem":{"name":"EXAMPLE-%[7]d","number":%[7]d,"organization":"Example Network %[7]d",`+
			`"value":"AS%[7]d - EXAMPLE-%[7]d"}}`, id, seen, last, country, n%7, netblockOf(id), as)
	}
	b.put("hosts", id)
	w := &b.e.world
	w.hosts = append(w.hosts, id)
	for _, s := range services {
		w.portsOf[id] = append(w.portsOf[id], b.port(id, n, s))
	}
	w.ports = append(w.ports, w.portsOf[id]...)
}

func netblockOf(id string) string {
	addr := netip.MustParseAddr(id)
	bits := 24
	if addr.Is6() {
		bits = 32
	}
	block, _ := addr.Prefix(bits) // the length is valid
	return block.String()
}

func (b *builder) port(host string, n int, s service) string {
	id := encoded(host, fmt.Sprint(s.port))
	component := encoded(s.product, s.version, s.category, host)
	seen, last := b.span()
	status, protocol := "open", "tcp"
	switch {
	case s.port == 53:
		protocol = "udp"
	case b.dice.IntN(12) == 0:
		status = []string{"filtered", "closed"}[b.dice.IntN(2)]
	}
	b.component(component, host, s, seen, last)
	cert := "null"
	if s.tls {
		cert = fmt.Sprintf(`{"id":%q}`, b.e.world.certificates[n%b.certs])
	}
	observed := 1 + b.dice.IntN(5000)
	b.text = fmt.Appendf(b.text[:0], `{"id":%q,"port":%d,"firstSeenDateTime":%q,"lastSeenDateTime":%q,`+
		`"lastScanDateTime":%[4]q,"timesObserved":%[5]d,"status":%q,"protocol":%q,"banners":%s,`+
		`"services":[{"firstSeenDateTime":%[3]q,"lastSeenDateTime":%[4]q,"isRecent":%[9]t,"component":{"id":%[10]q,`+
		`"name":%[11]q,"version":%[12]q,"category":%[13]q}}],"mostRecentSslCertificate":%[14]s,"host":{"id":%[15]q}}`,
		id, s.port, seen, last, observed, status, protocol, banners(s, seen, last, observed), n%2 == 0, component,
		s.product, s.version, s.category, cert, host)
	b.put("hostPorts", id)
	return id
}

func banners(s service, seen, last string, observed int) string {
	if s.text == "" {
		return "[]"
	}
	return fmt.Sprintf(`[{"banner":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"scanProtocol":%q,"timesObserved":%d}]`,
		s.text, seen, last, scanProtocol(s), (observed+1)/2)
}

func scanProtocol(s service) string {
	if s.category == "Server" {
		return "http"
	}
	return "telnet"
}

func (b *builder) component(id, host string, s service, seen, last string) {
	if b.e.sets["hostComponents"].byKey[id] != nil {
		return // the same product on another port
	}
	b.text = fmt.Appendf(b.text[:0], `{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"name":%q,"version":%q,`+
		`"category":%q,"host":{"id":%q}}`, id, seen, last, s.product, s.version, s.category, host)
	b.put("hostComponents", id)
	b.e.world.components = append(b.e.world.components, id)
}

func (b *builder) certificate(n int) {
	sum := sha1.Sum(fmt.Appendf(nil, "certificate %d of the generated world", n))
	digest := hex.EncodeToString(sum[:])
	id := encoded(digest)
	seen, last := b.span()
	issued := epoch.AddDate(0, n%40, n%28)
	name := fmt.Sprintf("cert%d.%s", n, domains[n%len(domains)])
	issuer := fmt.Sprintf("Example Issuing CA %d", 1+n%3)
	organization := "Example Trust Services"
	if n%9 == 8 {
		issuer, organization = name, fmt.Sprintf("Example Holder %d", n%17) // self-signed
	}
	b.text = fmt.Appendf(b.text[:0], `{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"fingerprint":%q,`+
		`"expirationDateTime":%q,"issueDateTime":%q,"sha1":%q,"serialNumber":"%d","subject":%s,"issuer":%s}`,
		id, seen, last, colons(digest), issued.AddDate(1, 0, 0).Format(dotThree), issued.Format(dotThree), digest,
		b.dice.Uint64(), b.party(name, fmt.Sprintf("Example Holder %d", n%17), name, "www."+name),
		b.party(issuer, organization))
	b.put("sslCertificates", id)
	b.e.world.certificates = append(b.e.world.certificates, id)
}

// party renders a subject or an issuer.
func (b *builder) party(commonName, organization string, names ...string) string {
	member := "alternateNames"
	if b.e.documented {
		member = "alternateName"
	}
	quoted := make([]string, len(names))
	for i, name := range names {
		quoted[i] = fmt.Sprintf("%q", name)
	}
	return fmt.Sprintf(`{"commonName":%q,"address":{"city":null,"countryOrRegion":"US","postalCode":null,"state":null,`+
		`"street":null},"email":null,"givenName":null,"organizationName":%q,"organizationUnitName":null,`+
		`"serialNumber":null,"surname":null,%q:[%s]}`, commonName, organization, member, strings.Join(quoted, ","))
}

// The forms of time that the published examples have.
const (
	dotThree = "2006-01-02T15:04:05.000Z"
	dotTwo   = "2006-01-02T15:04:05.00Z"
	noDot    = "2006-01-02T15:04:05Z"
)

// span draws a first and a last time.
func (b *builder) span() (first, last string) {
	from := epoch.Add(time.Duration(b.dice.IntN(3*365*24*3600)) * time.Second)
	to := from.Add(time.Duration(b.dice.IntN(2*365*24*3600)) * time.Second)
	form := []string{dotThree, dotTwo, noDot}[b.dice.IntN(3)]
	return from.Format(form), to.Format(form)
}

// encoded joins parts the way ids of this API are made.
func encoded(parts ...string) string {
	return base64.StdEncoding.EncodeToString([]byte(strings.Join(parts, "$$")))
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

// HostIDs returns the ids of the generated hosts, always in the same order.
func (e *Emulator) HostIDs() []string { return append([]string(nil), e.world.hosts...) }

// PortIDs returns the ids of the generated hostPorts, host by host, always in the same order.
func (e *Emulator) PortIDs() []string { return append([]string(nil), e.world.ports...) }

// PortsOf returns the ids of a generated host's eight hostPorts. The first five show a certificate.
func (e *Emulator) PortsOf(hostID string) []string {
	return append([]string(nil), e.world.portsOf[hostID]...)
}

// CertificateIDs returns the ids of the generated sslCertificates. Each is shown by several hosts, if there are more
// than ten hosts; the first ten hosts show ten.
func (e *Emulator) CertificateIDs() []string { return append([]string(nil), e.world.certificates...) }

// ComponentIDs returns the ids of the generated hostComponents.
func (e *Emulator) ComponentIDs() []string { return append([]string(nil), e.world.components...) }
