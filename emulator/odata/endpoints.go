package odata

// sets returns the entity sets. A GET of one entity by its key is documented for each that is not hidden.
// https://learn.microsoft.com/graph/api/resources/security-threatintelligence
func sets() []*Set {
	all := []*Set{
		{Name: "hostPorts", declared: typeHostPort, expand: []string{"mostRecentSslCertificate"}, Wrapped: true},
		{Name: "hosts", declared: typeHost, concrete: []*Type{typeHostname, typeIPAddress}},
		{Name: "sslCertificates", declared: typeSSLCertificate, Wrapped: true},
		{Name: "hostComponents", declared: typeHostComponent},
		{Name: "hostSslCertificates", declared: typeHostSSLCertificate, Wrapped: true},
		{Name: "hostCookies", declared: typeHostCookie},
		{Name: "hostTrackers", declared: typeHostTracker},
		{Name: "hostPairs", declared: typeHostPair},
		{Name: "subdomains", declared: typeSubdomain, Wrapped: true},
		{Name: "passiveDnsRecords", declared: typePassiveDNSRecord, Wrapped: true},
		{Name: "whoisRecords", declared: typeWhoisRecord},
		{Name: "whoisHistoryRecords", declared: typeWhoisHistoryRecord},
		{Name: "articles", declared: typeArticle},
		{Name: "articleIndicators", declared: typeArticleIndicator},
		{Name: "intelProfiles", declared: typeIntelligenceProfile},
		{Name: "intelligenceProfileIndicators", declared: typeIntelligenceProfileIndicator},
		{Name: "vulnerabilities", declared: typeVulnerability, Upper: true},
		{Name: "vulnerabilityComponents", declared: typeVulnerabilityComponent, Hidden: true},
		{Name: "hostReputations", declared: typeHostReputation, Hidden: true},
	}
	for _, s := range all {
		s.compile()
	}
	return all
}

var seen = []string{"firstSeenDateTime", "lastSeenDateTime"}

// HistoryOfHost is the one path with two segments below an entity.
const HistoryOfHost = "whois/history"

var certificateFields = pathsOf([]string{"fingerprint", "sha1", "serialNumber"}, []string{"subject", "issuer"}, []string{
	"commonName", "email", "givenName", "surname", "serialNumber", "organizationName", "organizationUnitName",
	"alternateNames", "alternateName", "address/city", "address/countryOrRegion", "address/postalCode",
	"address/state", "address/street",
})

var whoisFields = pathsOf([]string{"nameservers/host/id"},
	[]string{"abuse", "admin", "billing", "noc", "registrant", "registrar", "technical", "zone"}, []string{
		"email", "fax", "name", "organization", "telephone", "address/city", "address/countryOrRegion",
		"address/postalCode", "address/state", "address/street",
	})

// endpoints returns everything that is documented besides the GET of one entity by its key. A comment says where a page
// leaves a choice open. set returns an entity set by its name.
func endpoints(set func(string) *Set, documented bool) []*Endpoint {
	const hostCollection = "Collection(" + namespace + "host)"
	pairs := func(name string) *Endpoint {
		return &Endpoint{
			Owner: "hosts", Name: name, Of: set("hostPairs"), takes: sorted | takesFilter, orderBy: seen, in: true,
			filter: append([]string{"id", "linkKind", "parentHost/id", "childHost/id"}, seen...),
		}
	}
	dns := func(name string) *Endpoint {
		return &Endpoint{
			Owner: "hosts", Name: name, Of: set("passiveDnsRecords"), takes: sorted | takesFilter, orderBy: seen,
			filter: []string{"recordType"},
		}
	}
	all := []*Endpoint{
		{Owner: "hosts", Name: "ports", Of: set("hostPorts"), takes: plain | takesExpand},
		{Owner: "hosts", Name: "components", Of: set("hostComponents"), takes: plain},
		{Owner: "hosts", Name: "cookies", Of: set("hostCookies"), takes: plain},
		{Owner: "hosts", Name: "trackers", Of: set("hostTrackers"), takes: plain},
		{Owner: "hosts", Name: "subdomains", Of: set("subdomains"), takes: plain &^ takesSkip},
		pairs("hostPairs"), pairs("childHostPairs"), pairs("parentHostPairs"),
		dns("passiveDns"),
		dns("passiveDnsReverse"), // its page names no option
		// Its page lists $orderby and does not say by what.
		{Owner: "hosts", Name: "sslCertificates", Of: set("hostSslCertificates"), takes: sorted, orderBy: seen},
		{Owner: "sslCertificates", Name: "relatedHosts", Of: set("hosts"), takes: pages, Bare: true, context: hostCollection},
		{Owner: "whoisRecords", Name: "history", Of: set("whoisHistoryRecords"), takes: plain},
		{Owner: "hosts", Name: HistoryOfHost, Of: set("whoisHistoryRecords"), takes: plain},
		{Owner: "articles", Name: "indicators", Of: set("articleIndicators"), takes: plain},
		{Owner: "intelProfiles", Name: "indicators", Of: set("intelligenceProfileIndicators"), takes: plain},
		{Owner: "vulnerabilities", Name: "components", Of: set("vulnerabilityComponents"), takes: plain},
		{Owner: "vulnerabilities", Name: "articles", Of: set("articles"), takes: plain}, // only in the metadata

		{Owner: "hosts", Name: "reputation", Of: set("hostReputations"), takes: takesSelect, Single: true},
		{Owner: "hosts", Name: "whois", Of: set("whoisRecords"), takes: takesSelect, Single: true},

		{Name: "sslCertificates", Of: set("sslCertificates"), takes: sorted | needsSearch, orderBy: seen, fields: certificateFields},
		{
			Name: "whoisRecords", Of: set("whoisRecords"), takes: sorted | needsSearch, fields: whoisFields,
			orderBy: []string{"expirationDateTime", "registrationDateTime", "host/id"},
		},
		articlesEndpoint(set, documented),
		{
			Name: "intelProfiles", Of: set("intelProfiles"), takes: sorted | takesSearch | takesFilter,
			orderBy: []string{"title"}, filter: []string{"kind"},
		},
	}
	for _, e := range all {
		e.complete()
	}
	return all
}

// articlesEndpoint accepts $orderby only in the documented form: its page lists the option, but the metadata says that
// articles cannot be sorted.
func articlesEndpoint(set func(string) *Set, documented bool) *Endpoint {
	e := &Endpoint{Name: "articles", Of: set("articles"), takes: plain | takesSearch}
	if documented {
		e.takes |= takesOrderBy
		e.orderBy = []string{"createdDateTime", "lastUpdatedDateTime"}
	}
	return e
}
