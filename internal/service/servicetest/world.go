package servicetest

import (
	"slices"
	"strings"
	"testing"

	"portico/emulator"
)

// WorldIDs returns ids of the emulator's invented world, by object type of the schema. Every type has some.
func (s *Service) WorldIDs(t testing.TB) map[string][]string {
	t.Helper()
	e := s.Emulator
	ids := map[string][]string{
		"HostPort": e.PortIDs(), "SslCertificate": append(e.CertificateIDs(), e.HuntCertificateIDs()...),
		"HostComponent": e.ComponentIDs(), "Article": invented(e.List("articles")),
		"IntelligenceProfile": invented(e.List("intelProfiles")),
		"Vulnerability":       e.VulnerabilityIDs()[1:],
	}
	for _, host := range e.HostIDs() {
		named := "Hostname"
		if isAddress(host) {
			named = "IpAddress"
		}
		ids[named] = append(ids[named], host)
		for named, list := range map[string]string{
			"HostCookie": "cookies", "HostTracker": "trackers", "HostPair": "hostPairs", "HostSslCertificate": "sslCertificates",
			"PassiveDnsRecord": "passiveDns", "Subdomain": "subdomains", "WhoisRecord": "whois",
			"WhoisHistoryRecord": "whois/history",
		} {
			ids[named] = append(ids[named], e.List("hosts/"+host+"/"+list)...)
		}
	}
	for _, article := range ids["Article"] {
		ids["ArticleIndicator"] = append(ids["ArticleIndicator"], e.List("articles/"+article+"/indicators")...)
	}
	for _, profile := range ids["IntelligenceProfile"] {
		ids["IntelligenceProfileIndicator"] = append(ids["IntelligenceProfileIndicator"],
			e.List("intelProfiles/"+profile+"/indicators")...)
	}
	for _, vulnerability := range ids["Vulnerability"] {
		ids["VulnerabilityComponent"] = append(ids["VulnerabilityComponent"],
			e.List("vulnerabilities/"+vulnerability+"/components")...)
	}
	for named, all := range ids {
		slices.Sort(all)
		ids[named] = slices.Compact(all)
	}
	return ids
}

// invented leaves out the published example, which comes first. Its list differs from its entity.
func invented(ids []string) []string { return ids[1:] }

// Addresses returns the first n hosts of the world that are IP addresses.
func Addresses(e *emulator.Emulator, n int) (ids []string) {
	for _, id := range e.HostIDs() {
		if isAddress(id) && len(ids) < n {
			ids = append(ids, id)
		}
	}
	return ids
}

// Address returns the host with number i among those that are IP addresses.
func Address(e *emulator.Emulator, i int) string { return Addresses(e, i+1)[i] }

func isAddress(id string) bool { return !strings.ContainsAny(id, "ghijklmnopqrstuvwxyz") }
