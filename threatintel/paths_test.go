package threatintel_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
	"portico/threatintel"
)

// Every request is the documented path, with the key as one segment.
func TestEveryRequestIsADocumentedPath(t *testing.T) {
	t.Parallel()
	const id, at = "a/b+c", "a%2Fb%2Bc"
	component := coded("cve-2021-4422871409Log4j/2")
	var q msgraph.Query
	want := map[string]msgraph.Lookup{
		"articles":                                               threatintel.Articles(q).Lookup,
		"articles/" + at:                                         threatintel.ArticleByID(id, q).Lookup,
		"articles/" + at + "/indicators":                         threatintel.ArticleIndicatorsOf(id, q).Lookup,
		"articleIndicators/" + at:                                threatintel.ArticleIndicatorByID(id, q).Lookup,
		"hosts/" + at:                                            threatintel.HostByID(id, q).Lookup,
		"hosts/" + at + "/childHostPairs":                        threatintel.ChildHostPairsOf(id, q).Lookup,
		"hosts/" + at + "/components":                            threatintel.ComponentsOf(id, q).Lookup,
		"hosts/" + at + "/cookies":                               threatintel.CookiesOf(id, q).Lookup,
		"hosts/" + at + "/hostPairs":                             threatintel.HostPairsOf(id, q).Lookup,
		"hosts/" + at + "/parentHostPairs":                       threatintel.ParentHostPairsOf(id, q).Lookup,
		"hosts/" + at + "/passiveDns":                            threatintel.PassiveDNSOf(id, q).Lookup,
		"hosts/" + at + "/passiveDnsReverse":                     threatintel.PassiveDNSReverseOf(id, q).Lookup,
		"hosts/" + at + "/ports":                                 threatintel.PortsOf(id, q).Lookup,
		"hosts/" + at + "/reputation":                            threatintel.ReputationOf(id, q).Lookup,
		"hosts/" + at + "/sslCertificates":                       threatintel.HostSSLCertificatesOf(id, q).Lookup,
		"hosts/" + at + "/subdomains":                            threatintel.SubdomainsOf(id, q).Lookup,
		"hosts/" + at + "/trackers":                              threatintel.TrackersOf(id, q).Lookup,
		"hosts/" + at + "/whois":                                 threatintel.WhoisOf(id, q).Lookup,
		"hostComponents/" + at:                                   threatintel.HostComponentByID(id, q).Lookup,
		"hostCookies/" + at:                                      threatintel.HostCookieByID(id, q).Lookup,
		"hostPairs/" + at:                                        threatintel.HostPairByID(id, q).Lookup,
		"hostPorts/" + at:                                        threatintel.HostPortByID(id, q).Lookup,
		"hostSslCertificates/" + at:                              threatintel.HostSSLCertificateByID(id, q).Lookup,
		"hostTrackers/" + at:                                     threatintel.HostTrackerByID(id, q).Lookup,
		"intelProfiles":                                          threatintel.IntelligenceProfiles(q).Lookup,
		"intelProfiles/" + at:                                    threatintel.IntelligenceProfileByID(id, q).Lookup,
		"intelProfiles/" + at + "/indicators":                    threatintel.IntelligenceProfileIndicatorsOf(id, q).Lookup,
		"intelligenceProfileIndicators/" + at:                    threatintel.IntelligenceProfileIndicatorByID(id, q).Lookup,
		"passiveDnsRecords/" + at:                                threatintel.PassiveDNSRecordByID(id, q).Lookup,
		"sslCertificates":                                        threatintel.SSLCertificates(q).Lookup,
		"sslCertificates/" + at:                                  threatintel.SSLCertificateByID(id, q).Lookup,
		"sslCertificates/" + at + "/relatedHosts":                threatintel.RelatedHostsOf(id, q).Lookup,
		"subdomains/" + at:                                       threatintel.SubdomainByID(id, q).Lookup,
		"vulnerabilities/" + at:                                  threatintel.VulnerabilityByID(id, q).Lookup,
		"vulnerabilities/" + at + "/articles":                    threatintel.VulnerabilityArticlesOf(id, q).Lookup,
		"vulnerabilities/" + at + "/components":                  threatintel.VulnerabilityComponentsOf(id, q).Lookup,
		"vulnerabilities/cve-2021-44228/components/" + component: threatintel.VulnerabilityComponentByID(component, q).Lookup,
		"whoisRecords":                                           threatintel.WhoisRecords(q).Lookup,
		"whoisRecords/" + at:                                     threatintel.WhoisRecordByID(id, q).Lookup,
		"whoisRecords/" + at + "/history":                        threatintel.WhoisRecordHistoryOf(id, q).Lookup,
		"whoisHistoryRecords/" + at:                              threatintel.WhoisHistoryRecordByID(id, q).Lookup,
	}
	for path, lookup := range want {
		if diff := cmp.Diff("/security/threatIntelligence/"+path, lookup.Path); diff != "" {
			t.Errorf("-want +got:\n%s", diff)
		}
		if threatintel.TopicOf(lookup.Path) == "" {
			t.Errorf("%s has no topic", path)
		}
	}
}

// A component's request needs the CVE id at the start of its id. Without one, the request has an empty vulnerability id.
func TestAComponentIDWithoutItsVulnerability(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"x", coded("71409name"), coded("no mark"), "../../users", "%"} {
		path := threatintel.VulnerabilityComponentByID(id, msgraph.Query{}).Path
		if got := segments(path); got != 6 {
			t.Errorf("%q: %s has %d segments", id, path, got)
		}
	}
}

func segments(path string) (n int) {
	for _, r := range path {
		if r == '/' {
			n++
		}
	}
	return n
}
