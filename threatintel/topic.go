package threatintel

import "strings"

// A Topic is what a resource is about, as far as it matters for how fast it changes.
type Topic string

// The topics.
const (
	AboutHosts           Topic = "hosts"
	AboutReputations     Topic = "reputation"
	AboutPorts           Topic = "ports"
	AboutPassiveDNS      Topic = "passive-dns"
	AboutComponents      Topic = "components" // and cookies, trackers, host pairs, and which hosts had which certificates
	AboutCertificates    Topic = "certificates"
	AboutWhois           Topic = "whois"
	AboutListings        Topic = "listings" // of articles and of profiles
	AboutArticles        Topic = "articles" // and profiles, and the indicators of both
	AboutVulnerabilities Topic = "vulnerabilities"
)

// topics are the topics of entity sets.
var topics = map[string]Topic{
	"hosts": AboutHosts, "hostPorts": AboutPorts, "passiveDnsRecords": AboutPassiveDNS, "subdomains": AboutPassiveDNS,
	"hostComponents": AboutComponents, "hostCookies": AboutComponents, "hostTrackers": AboutComponents,
	"hostPairs": AboutComponents, "hostSslCertificates": AboutComponents, "sslCertificates": AboutCertificates,
	"whoisRecords": AboutWhois, "whoisHistoryRecords": AboutWhois,
	"articles": AboutArticles, "articleIndicators": AboutArticles,
	"intelProfiles": AboutArticles, "intelligenceProfileIndicators": AboutArticles,
	"vulnerabilities": AboutVulnerabilities,
}

// listTopics are the topics of what is below an entity, where it differs from the entity's.
var listTopics = map[string]Topic{
	"hosts/reputation": AboutReputations, "hosts/ports": AboutPorts, "hosts/passiveDns": AboutPassiveDNS,
	"hosts/passiveDnsReverse": AboutPassiveDNS, "hosts/subdomains": AboutPassiveDNS, "hosts/whois": AboutWhois,
	"hosts/components": AboutComponents, "hosts/cookies": AboutComponents, "hosts/trackers": AboutComponents,
	"hosts/hostPairs": AboutComponents, "hosts/parentHostPairs": AboutComponents, "hosts/childHostPairs": AboutComponents,
	"hosts/sslCertificates": AboutComponents, "sslCertificates/relatedHosts": AboutComponents,
}

// TopicOf returns the topic of the resource at a path; empty for a path that is not known.
func TopicOf(path string) Topic {
	path, found := strings.CutPrefix(path, Root)
	if !found {
		return ""
	}
	set, rest, _ := strings.Cut(path, "/")
	id, below, _ := strings.Cut(rest, "/")
	topic := topics[set]
	if id == "" {
		return listingOf(topic)
	}
	below, _, _ = strings.Cut(below, "/")
	if one, known := listTopics[set+"/"+below]; known {
		return one
	}
	return topic
}

// listingOf returns the topic of the list of all entities of a topic. New ones appear in it.
func listingOf(topic Topic) Topic {
	switch topic {
	case AboutArticles:
		return AboutListings
	case AboutCertificates:
		return AboutComponents
	}
	return topic
}
