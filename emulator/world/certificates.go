package world

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// HuntSerialNumber is the serial number of the default certificate of a well-known attack tool.
// https://msrc.microsoft.com/blog/2022/10/hunting-for-cobalt-strike-mining-and-plotting-for-fun-and-profit/
const HuntSerialNumber = "146473198"

// shownMark separates the host and the fingerprint in the id of a hostSslCertificate.
const shownMark = "15500"

// shows returns the number of the certificate that a host presents for a service, or -1.
func (w *numbers) shows(n int, s service) int {
	switch {
	case !s.tls:
		return -1
	case s.port == huntService.port:
		return w.certs + n%w.hunts
	case s.port == fleetService.port:
		return w.fleet()
	default:
		return n % w.certs
	}
}

// fleet returns the number of the certificate that many hosts share.
func (w *numbers) fleet() int { return w.certs + w.hunts }

// A showing is a certificate that a host presents or has presented, with the ports.
type showing struct {
	cert  int
	ports []int
}

// formerly returns the number of the certificate that a host presented before, or -1.
func (w *numbers) formerly(n int) int {
	if m := (n + 1) % w.certs; n%3 == 0 && m != n%w.certs {
		return m
	}
	return -1
}

// showings returns all certificates of a host.
func (w *numbers) showings(n int) []showing {
	var all []showing
	for _, s := range w.offers(n) {
		m := w.shows(n, s)
		switch last := len(all) - 1; {
		case m < 0:
		case last >= 0 && all[last].cert == m:
			all[last].ports = append(all[last].ports, s.port)
		default:
			all = append(all, showing{m, []int{s.port}})
		}
	}
	if m := w.formerly(n); len(all) > 0 && m >= 0 {
		all = append(all, showing{m, []int{443}})
	}
	return all
}

// shownBy returns the hosts that present or have presented a certificate. It is the inverse of showings.
func (w *numbers) shownBy(m int) []int {
	var hosts []int
	for n := range w.size {
		switch {
		case m == w.fleet() && w.inFleet(n),
			m >= w.certs && m < w.fleet() && w.hunted(n) && m == w.certs+n%w.hunts,
			m < w.certs && (n%w.certs == m || w.formerly(n) == m):
			hosts = append(hosts, n)
		}
	}
	return hosts
}

// makeShown makes the hostSslCertificates of a host.
func (g *generator) makeShown(n int) {
	host := g.hostID(n)
	var ids []string
	for _, s := range g.showings(n) {
		g.makeCertificate(s.cert)
		seen, last := g.span()
		ids = append(ids, g.makeShowing(host, g.certificates[s.cert], s.ports, seen, last))
	}
	g.enlist("hosts", "sslCertificates", host, ids)
}

// makeShowing makes one hostSslCertificate and returns its id. Like the published one, it contains all of the
// certificate.
func (g *generator) makeShowing(host, certID string, ports []int, seen, last string) string {
	shown := make([]string, len(ports))
	for i, port := range ports {
		shown[i] = fmt.Sprintf(`{"port":%d,"firstSeenDateTime":%q,"lastSeenDateTime":%q}`, port, seen, last)
	}
	sha1, _ := base64.StdEncoding.DecodeString(certID) // that is how these ids are made
	id := base64.StdEncoding.EncodeToString([]byte(host + shownMark + string(sha1)))
	g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"ports":[%s],"host":{"@odata.type":%q,"id":%q},`+
		`"sslCertificate":%s}`, id, seen, last, strings.Join(shown, ","), g.model.Set("hosts").TypeMark(host), host,
		g.certificate(certID))
	return g.keep("hostSslCertificates")
}

// certificate returns a certificate as JSON: its id alone, if it was removed.
func (g *generator) certificate(id string) string {
	if en := g.stored("sslCertificates", id); en != nil {
		return en.JSON()
	}
	return fmt.Sprintf(`{"id":%q}`, id)
}

// makeRelated makes the list of the hosts that have presented a certificate.
func (g *generator) makeRelated(m int) {
	var hosts []string
	for _, n := range g.shownBy(m) {
		hosts = append(hosts, g.hostID(n))
		g.once(seedHost, n, g.makeHost)
	}
	g.enlist("sslCertificates", "relatedHosts", g.certificates[m], hosts)
}

// makeCertificate makes the certificate with that number.
func (g *generator) makeCertificate(m int) { g.once(seedCertificate, m, g.writeCertificate) }

func (g *generator) writeCertificate(m int) {
	seen, last := g.span()
	issued := epoch.AddDate(0, m%40, m%28)
	name, organization := fmt.Sprintf("cert%d.%s", m, domains[m%len(domains)]), holder(m)
	issuer, authority := fmt.Sprintf("Example Issuing CA %d", 1+m%3), "Example Trust Services"
	serial := fmt.Sprint(g.random.Uint64())
	switch {
	case m == g.fleet():
		name = "fleet.chain.example"
	case m >= g.certs:
		name, organization, serial = "Sample Team Server", "Example Red Team", HuntSerialNumber
		issuer, authority = name, organization
	case m%9 == 8:
		issuer, authority = name, organization // self-signed
	}
	g.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"fingerprint":%q,"expirationDateTime":%q,`+
		`"issueDateTime":%q,"sha1":%q,"serialNumber":%q,"subject":%s,"issuer":%s}`, g.certificates[m], seen, last,
		colons(digest(m)),
		issued.AddDate(1, 0, 0).Format(dotThree), issued.Format(dotThree), digest(m), serial,
		g.party(name, organization, name, "www."+name), g.party(issuer, authority))
	g.keep("sslCertificates")
}

// party returns a subject or an issuer as JSON.
func (g *generator) party(commonName, organization string, names ...string) string {
	member := "alternateNames"
	if g.documented {
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

// colons returns a digest with a colon after every two digits, as fingerprints are written.
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
