package threatintel_test

import (
	"testing"

	"portico/threatintel"
)

func TestEveryPathHasItsTopic(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]threatintel.Topic{
		"hosts/a": threatintel.AboutHosts, "hosts/a/reputation": threatintel.AboutReputations,
		"hosts/a/ports": threatintel.AboutPorts, "hostPorts/a": threatintel.AboutPorts,
		"hosts/a/passiveDns": threatintel.AboutPassiveDNS, "hosts/a/passiveDnsReverse": threatintel.AboutPassiveDNS,
		"hosts/a/subdomains": threatintel.AboutPassiveDNS, "subdomains/a": threatintel.AboutPassiveDNS,
		"passiveDnsRecords/a": threatintel.AboutPassiveDNS, "hosts/a/components": threatintel.AboutComponents,
		"hosts/a/cookies": threatintel.AboutComponents, "hosts/a/trackers": threatintel.AboutComponents,
		"hosts/a/hostPairs": threatintel.AboutComponents, "hosts/a/parentHostPairs": threatintel.AboutComponents,
		"hosts/a/childHostPairs": threatintel.AboutComponents, "hosts/a/sslCertificates": threatintel.AboutComponents,
		"hostComponents/a": threatintel.AboutComponents, "hostCookies/a": threatintel.AboutComponents,
		"hostTrackers/a": threatintel.AboutComponents, "hostPairs/a": threatintel.AboutComponents,
		"hostSslCertificates/a": threatintel.AboutComponents, "sslCertificates": threatintel.AboutComponents,
		"sslCertificates/a/relatedHosts": threatintel.AboutComponents, "sslCertificates/a": threatintel.AboutCertificates,
		"hosts/a/whois": threatintel.AboutWhois, "whoisRecords": threatintel.AboutWhois,
		"whoisRecords/a": threatintel.AboutWhois, "whoisRecords/a/history": threatintel.AboutWhois,
		"whoisHistoryRecords/a": threatintel.AboutWhois,
		"articles":              threatintel.AboutListings, "intelProfiles": threatintel.AboutListings,
		"articles/a": threatintel.AboutArticles, "articles/a/indicators": threatintel.AboutArticles,
		"articleIndicators/a": threatintel.AboutArticles, "intelProfiles/a": threatintel.AboutArticles,
		"intelProfiles/a/indicators": threatintel.AboutArticles, "intelligenceProfileIndicators/a": threatintel.AboutArticles,
		"vulnerabilities/a": threatintel.AboutVulnerabilities, "vulnerabilities/a/components": threatintel.AboutVulnerabilities,
		"vulnerabilities/a/components/b": threatintel.AboutVulnerabilities,
		"vulnerabilities/a/articles":     threatintel.AboutVulnerabilities,
		"somethingNew/a":                 "",
	} {
		if got := threatintel.TopicOf(threatintel.Root + path); got != want {
			t.Errorf("%s is about %q, want %q", path, got, want)
		}
	}
	if got := threatintel.TopicOf("/users/a"); got != "" {
		t.Errorf("a path elsewhere is about %q", got)
	}
}
