package emulator

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// HuntSerialNumber is the serial number that a well-known attack tool's certificate has by default.
// https://msrc.microsoft.com/blog/2022/10/hunting-for-cobalt-strike-mining-and-plotting-for-fun-and-profit/
const HuntSerialNumber = "146473198"

// shownMark stands between the host and the fingerprint in the id of a hostSslCertificate.
const shownMark = "15500"

// shows returns the number of the certificate that a host shows for a service, or -1.
func (w *world) shows(n int, s service) int {
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

// fleet is the number of the certificate that many hosts share.
func (w *world) fleet() int { return w.certs + w.hunts }

// A showing is a certificate that a host shows or showed, and where.
type showing struct {
	cert  int
	ports []int
}

// formerly returns the certificate that a host showed before, or -1.
func (w *world) formerly(n int) int {
	if m := (n + 1) % w.certs; n%3 == 0 && m != n%w.certs {
		return m
	}
	return -1
}

// showings lists all certificates of a host.
func (w *world) showings(n int) []showing {
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

// shownBy lists the numbers of the hosts that show or showed a certificate: showings, the other way round.
func (w *world) shownBy(m int) []int {
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
func (e *Emulator) makeShown(n int) {
	w := &e.world
	host := w.hostID(n)
	var ids []string
	for _, s := range w.showings(n) {
		cert := e.makeCertificate(s.cert)
		seen, last := w.span()
		ids = append(ids, e.makeShowing(host, w.hostType(n), cert, digest(s.cert), s.ports, seen, last))
	}
	e.enlist("hosts", "sslCertificates", host, ids)
}

// makeShowing makes one hostSslCertificate. It holds the certificate whole, as the published one does.
func (e *Emulator) makeShowing(host, hostType string, cert *entity, sha1 string, ports []int, seen, last string) string {
	shown := make([]string, len(ports))
	for i, port := range ports {
		shown[i] = fmt.Sprintf(`{"port":%d,"firstSeenDateTime":%q,"lastSeenDateTime":%q}`, port, seen, last)
	}
	id := base64.StdEncoding.EncodeToString([]byte(host + shownMark + sha1))
	e.world.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"ports":[%s],"host":{"@odata.type":%q,"id":%q},`+
		`"sslCertificate":{%s}}`, id, seen, last, strings.Join(shown, ","), hostType, host, cert.raw)
	return e.keep("hostSslCertificates").id
}

// makeRelated makes the list of the hosts that showed a certificate.
func (e *Emulator) makeRelated(m int) {
	w := &e.world
	var hosts []string
	for _, n := range w.shownBy(m) {
		hosts = append(hosts, w.hostID(n))
		e.makeFamily(familyHost, n)
	}
	e.enlist("sslCertificates", "relatedHosts", w.certificates[m], hosts)
}

// makeCertificate makes the certificate of that number, or finds it.
func (e *Emulator) makeCertificate(m int) *entity {
	w := &e.world
	id := w.certificates[m]
	w.do(familyCertificate, m, func(int) { e.writeCertificate(m, id) })
	if en := e.sets["sslCertificates"].find(id); en != nil {
		return en
	}
	return &entity{id: id, raw: fmt.Appendf(nil, `"id":%q`, id)} // it was removed
}

func (e *Emulator) writeCertificate(m int, id string) {
	w := &e.world
	seen, last := w.span()
	issued := epoch.AddDate(0, m%40, m%28)
	name, organization := fmt.Sprintf("cert%d.%s", m, domains[m%len(domains)]), holder(m)
	issuer, authority := fmt.Sprintf("Example Issuing CA %d", 1+m%3), "Example Trust Services"
	serial := fmt.Sprint(w.dice.Uint64())
	switch {
	case m == w.fleet():
		name = "fleet.chain.example"
	case m >= w.certs:
		name, organization, serial = "Sample Team Server", "Example Red Team", HuntSerialNumber
		issuer, authority = name, organization
	case m%9 == 8:
		issuer, authority = name, organization // self-signed
	}
	w.write(`{"id":%q,"firstSeenDateTime":%q,"lastSeenDateTime":%q,"fingerprint":%q,"expirationDateTime":%q,`+
		`"issueDateTime":%q,"sha1":%q,"serialNumber":%q,"subject":%s,"issuer":%s}`, id, seen, last, colons(digest(m)),
		issued.AddDate(1, 0, 0).Format(dotThree), issued.Format(dotThree), digest(m), serial,
		e.party(name, organization, name, "www."+name), e.party(issuer, authority))
	e.keep("sslCertificates")
}

// party renders a subject or an issuer.
func (e *Emulator) party(commonName, organization string, names ...string) string {
	member := "alternateNames"
	if e.documented {
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
