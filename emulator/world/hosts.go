package world

import (
	"fmt"
	"net/netip"
	"strings"
)

// A service is what a host offers on a port. The products are invented.
type service struct {
	port                             int
	tls                              bool
	product, version, category, text string
}

// services are what each generated host offers. The first five present a certificate.
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

// What some hosts offer in addition. Analysts search for the banner of team servers.
var (
	huntService = service{
		50050, true, "Sample Team Server", "4.4", "Server",
		"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 0\r\n",
	}
	fleetService  = service{9443, true, "Demo Fleet Console", "7.2", "Server", "HTTP/1.1 200 OK\r\nServer: Demo Fleet\r\n"}
	remoteService = service{3389, false, "Sample Desktop", "10.0", "Remote Access", ""}
)

// Hosts below these numbers are team servers, or belong to the fleet that shares a certificate.
const (
	huntHosts        = 72
	huntCertificates = 12
	fleetHosts       = 64
)

func (w *numbers) hunted(n int) bool  { return n < min(huntHosts, w.size) }
func (w *numbers) inFleet(n int) bool { return n < fleetHosts && w.isAddress(n) }

// offers returns the services of a host.
func (w *numbers) offers(n int) []service {
	if n >= w.size {
		return nil
	}
	all := append([]service(nil), services...)
	if w.hunted(n) {
		all = append(all, huntService)
	}
	if w.inFleet(n) {
		all = append(all, fleetService)
	}
	if n%2 == 0 {
		all = append(all, remoteService)
	}
	return all
}

func (s service) portID(host string) string { return encoded(host, fmt.Sprint(s.port)) }

func (s service) componentID(host string) string {
	return encoded(s.product, s.version, s.category, host)
}

func (g *generator) makeHost(n int) {
	seen, last := g.span()
	if g.isName(n) {
		g.write(`{"@odata.type":%q,"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,`+
			`"registrar":"Example Registrar Inc.","registrant":%q}`, g.hostType(n), g.hostID(n), seen, last, holder(n))
	} else {
		as := 64496 + n%16 // RFC 5398
		country := []string{"DE", "US", "FR", "JP", "BR"}[n%5]
		g.write(`{"@odata.type":%q,"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"countryOrRegion":%q,`+
			`"hostingProvider":"Example Hosting %d","netblock":%q,"autonomousSystem":{"name":"EXAMPLE-%[8]d",`+
			`"number":%[8]d,"organization":"Example Network %[8]d","value":"AS%[8]d - EXAMPLE-%[8]d"}}`,
			g.hostType(n), g.hostID(n), seen, last, country, n%7, netblockOf(g.hostID(n)), as)
	}
	g.keep("hosts")
}

func holder(n int) string { return fmt.Sprintf("Example Holder %d", n%17) }

func netblockOf(id string) string {
	addr := netip.MustParseAddr(id)
	bits := 24
	if addr.Is6() {
		bits = 32
	}
	block, _ := addr.Prefix(bits) // the length is valid
	return block.String()
}

// makePorts makes the ports of a host and the components that run on them.
func (g *generator) makePorts(n int) {
	host := g.hostID(n)
	var ports, components []string
	for _, s := range g.offers(n) {
		cert := ""
		if m := g.shows(n, s); m >= 0 {
			cert = g.certificates[m]
		}
		ports = append(ports, g.makePort(host, n, s, cert))
		if id, added := g.makeComponent(host, s); added {
			components = append(components, id)
		}
	}
	g.enlist("hosts", "ports", host, ports)
	g.enlist("hosts", "components", host, components)
}

func (g *generator) makePort(host string, n int, s service, cert string) string {
	seen, last := g.span()
	status, protocol := "open", "tcp"
	switch usual := s.port < 9000; {
	case s.port == 53:
		protocol = "udp"
	case usual && g.random.IntN(12) == 0:
		status = []string{"filtered", "closed"}[g.random.IntN(2)]
	}
	shown := "null"
	if cert != "" {
		shown = fmt.Sprintf(`{"id":%q}`, cert)
	}
	observed := 1 + g.random.IntN(5000)
	g.write(`{"id":%q,"port":%d,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"lastScanDateTime":%[4]q,`+
		`"timesObserved":%[5]d,"status":%q,"protocol":%q,"banners":%s,"services":[{"firstSeenDateTime":%[3]q,`+
		`"lastSeenDateTime":%[4]q,"isRecent":%[9]t,"component":{"id":%[10]q,"name":%[11]q,"version":%[12]q,`+
		`"category":%[13]q}}],"mostRecentSslCertificate":%[14]s,"host":{"id":%[15]q}}`,
		s.portID(host), s.port, seen, last, observed, status, protocol, g.banners(n, s, seen, last, observed), n%2 == 0,
		s.componentID(host), s.product, s.version, s.category, shown, host)
	return g.keep("hostPorts")
}

// banners returns the banners of a port as JSON. Team servers have theirs on port 443 too.
func (w *numbers) banners(n int, s service, seen, last string, observed int) string {
	texts := []string{s.text}
	if s.port == 443 && w.hunted(n) {
		texts = append(texts, huntService.text)
	}
	var out []string
	for i, text := range texts {
		if text == "" {
			continue
		}
		out = append(out, fmt.Sprintf(`{"banner":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"scanProtocol":%q,`+
			`"timesObserved":%d}`, text, seen, last, scanProtocol(s), (observed+1)/(i+2)))
	}
	return "[" + strings.Join(out, ",") + "]"
}

func scanProtocol(s service) string {
	if s.category == "Server" {
		return "http"
	}
	return "telnet"
}

// makeComponent makes the component of a service and returns its id. It reports false if the host has it already, on
// another port.
func (g *generator) makeComponent(host string, s service) (id string, added bool) {
	id = s.componentID(host)
	if _, known := g.lookup("hostComponents", id); known {
		return id, false
	}
	seen, last := g.span()
	g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"name":%q,"version":%q,"category":%q,`+
		`"host":{"id":%q}}`, id, seen, last, s.product, s.version, s.category, host)
	return g.keep("hostComponents"), true
}

// makeReputation makes the reputation of a host. Team servers are malicious.
func (g *generator) makeReputation(n int) {
	classification, score, rules := "neutral", n%30, ""
	switch {
	case g.hunted(n):
		classification, score = "malicious", 90+n%11
		rules = fmt.Sprintf(`{"name":"Team server","description":"The host shows a default certificate of a team server",`+
			`"severity":"high","relatedDetailsUrl":"https://news.example/articles/%s"},{"name":"Name server",`+
			`"description":"Domain is using a name server that has been associated with suspicious behavior",`+
			`"severity":"medium","relatedDetailsUrl":null}`, g.articles[n%len(g.articles)])
	case n%4 == 3:
		classification, score = "suspicious", 40+n%30
		rules = `{"name":"Registrar","description":"Domains registered using this registrar are frequently associated ` +
			`with suspicious behavior","severity":"low","relatedDetailsUrl":null}`
	case n%9 == 0:
		classification, score = "unknown", 0
	}
	g.write(`{"id":%q,"classification":%q,"score":%d,"rules":[%s]}`, g.guid(), classification, score, rules)
	g.enlist("hosts", "reputation", g.hostID(n), []string{g.keep("hostReputations")})
}
