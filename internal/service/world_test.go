package service

import (
	"slices"
	"testing"
)

// worldIDs returns ids of the emulator's generated world, by object type of the schema. Every type has some.
func (s *running) worldIDs(t testing.TB) map[string][]string {
	t.Helper()
	e := s.upstream.emulator
	ids := map[string][]string{
		"HostPort": e.PortIDs(), "SslCertificate": append(e.CertificateIDs(), e.HuntCertificateIDs()...),
		"HostComponent": e.ComponentIDs(), "Article": published(e.List("articles")), "IntelligenceProfile": published(e.List("intelProfiles")),
		"Vulnerability": e.VulnerabilityIDs()[1:],
	}
	for _, host := range e.HostIDs() {
		named := "Hostname"
		if isAddress(host) {
			named = "IpAddress"
		}
		ids[named] = append(ids[named], host)
		for named, list := range map[string]string{
			"HostCookie": "cookies", "HostTracker": "trackers", "HostPair": "hostPairs", "HostSslCertificate": "sslCertificates",
			"PassiveDnsRecord": "passiveDns", "Subdomain": "subdomains", "WhoisRecord": "whois", "WhoisHistoryRecord": "whois/history",
		} {
			ids[named] = append(ids[named], e.List("hosts/"+host+"/"+list)...)
		}
	}
	for _, article := range ids["Article"] {
		ids["ArticleIndicator"] = append(ids["ArticleIndicator"], e.List("articles/"+article+"/indicators")...)
	}
	for _, profile := range ids["IntelligenceProfile"] {
		ids["IntelligenceProfileIndicator"] = append(ids["IntelligenceProfileIndicator"], e.List("intelProfiles/"+profile+"/indicators")...)
	}
	for _, flaw := range ids["Vulnerability"] {
		ids["VulnerabilityComponent"] = append(ids["VulnerabilityComponent"], e.List("vulnerabilities/"+flaw+"/components")...)
	}
	for named, all := range ids {
		slices.Sort(all)
		ids[named] = slices.Compact(all)
	}
	return ids
}

// published leaves out the published examples, which come first, and of which lists show something else than the entities.
func published(ids []string) []string { return ids[1:] }
