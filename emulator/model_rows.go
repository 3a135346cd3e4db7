package emulator

import "slices"

// options are the query options that a row takes.
type options uint16

const (
	takesSelect options = 1 << iota
	takesExpand
	takesFilter
	takesOrderBy
	takesTop
	takesSkip
	takesCount
	takesSearch
	needsSearch

	pages  = takesTop | takesSkip | takesCount
	plain  = pages | takesSelect
	sorted = plain | takesOrderBy
)

// A row is one URL below an entity set, or the set itself: what it answers and what its page documents for it.
type row struct {
	owner   string // the set of the entity that it hangs on; empty at the root
	name    string // its segment
	of      *endpoint
	takes   options
	orderBy []string // what $orderby takes, once it is taken
	filter  []string // what $filter takes, once it is taken
	in      bool     // whether $filter takes the operator in
	fields  searchFields
	bare    bool   // whether items have nothing but their id
	entity  bool   // whether it is a single entity
	context string // of @odata.context, before the selected names

	counter *row // what is documented for its number of items alone

	shapes shapeCache
}

// endpoints returns the entity sets. A GET of one entity by its key is documented for each that is not hidden.
// https://learn.microsoft.com/graph/api/resources/security-threatintelligence
func endpoints() []*endpoint {
	sets := []*endpoint{
		{set: "hostPorts", declared: typeHostPort, expand: []string{"mostRecentSslCertificate"}, wrapped: true},
		{set: "hosts", declared: typeHost, concrete: []*structured{typeHostname, typeIPAddress}},
		{set: "sslCertificates", declared: typeSSLCertificate, wrapped: true},
		{set: "hostComponents", declared: typeHostComponent},
		{set: "hostSslCertificates", declared: typeHostSSLCertificate, wrapped: true},
		{set: "hostCookies", declared: typeHostCookie},
		{set: "hostTrackers", declared: typeHostTracker},
		{set: "hostPairs", declared: typeHostPair},
		{set: "subdomains", declared: typeSubdomain, wrapped: true},
		{set: "passiveDnsRecords", declared: typePassiveDNSRecord, wrapped: true},
		{set: "whoisRecords", declared: typeWhoisRecord},
		{set: "whoisHistoryRecords", declared: typeWhoisHistoryRecord},
		{set: "articles", declared: typeArticle},
		{set: "articleIndicators", declared: typeArticleIndicator},
		{set: "intelProfiles", declared: typeIntelligenceProfile},
		{set: "intelligenceProfileIndicators", declared: typeIntelligenceProfileIndicator},
		{set: "vulnerabilities", declared: typeVulnerability, upper: true},
		{set: "vulnerabilityComponents", declared: typeVulnerabilityComponent, hidden: true},
		{set: "hostReputations", declared: typeHostReputation, hidden: true},
	}
	for _, p := range sets {
		p.compile()
	}
	return sets
}

var seen = []string{"firstSeenDateTime", "lastSeenDateTime"}

// rows returns all that is documented besides the GET of one entity by its key; a comment says where a page leaves a
// choice open. set finds an entity set by its name.
func rows(set func(string) *endpoint, documented bool) []*row {
	const onCollection = "Collection(" + namespace + "host)"
	pairs := func(name string) *row {
		return &row{
			owner: "hosts", name: name, of: set("hostPairs"), takes: sorted | takesFilter, orderBy: seen, in: true,
			filter: append([]string{"id", "linkKind", "parentHost/id", "childHost/id"}, seen...),
		}
	}
	dns := func(name string) *row {
		return &row{
			owner: "hosts", name: name, of: set("passiveDnsRecords"), takes: sorted | takesFilter, orderBy: seen,
			filter: []string{"recordType"},
		}
	}
	all := []*row{
		{owner: "hosts", name: "ports", of: set("hostPorts"), takes: plain | takesExpand},
		{owner: "hosts", name: "components", of: set("hostComponents"), takes: plain},
		{owner: "hosts", name: "cookies", of: set("hostCookies"), takes: plain},
		{owner: "hosts", name: "trackers", of: set("hostTrackers"), takes: plain},
		{owner: "hosts", name: "subdomains", of: set("subdomains"), takes: plain &^ takesSkip},
		pairs("hostPairs"), pairs("childHostPairs"), pairs("parentHostPairs"),
		dns("passiveDns"),
		dns("passiveDnsReverse"), // its page names no option
		// Its page takes $orderby and does not say of what.
		{owner: "hosts", name: "sslCertificates", of: set("hostSslCertificates"), takes: sorted, orderBy: seen},
		{owner: "sslCertificates", name: "relatedHosts", of: set("hosts"), takes: pages, bare: true, context: onCollection},
		{owner: "whoisRecords", name: "history", of: set("whoisHistoryRecords"), takes: plain},
		{owner: "hosts", name: historyOfHost, of: set("whoisHistoryRecords"), takes: plain},
		{owner: "articles", name: "indicators", of: set("articleIndicators"), takes: plain},
		{owner: "intelProfiles", name: "indicators", of: set("intelligenceProfileIndicators"), takes: plain},
		{owner: "vulnerabilities", name: "components", of: set("vulnerabilityComponents"), takes: plain},
		{owner: "vulnerabilities", name: "articles", of: set("articles"), takes: plain}, // in the metadata alone

		{owner: "hosts", name: "reputation", of: set("hostReputations"), takes: takesSelect, entity: true},
		{owner: "hosts", name: "whois", of: set("whoisRecords"), takes: takesSelect, entity: true},

		{name: "sslCertificates", of: set("sslCertificates"), takes: sorted | needsSearch, orderBy: seen, fields: certificateFields},
		{
			name: "whoisRecords", of: set("whoisRecords"), takes: sorted | needsSearch, fields: whoisFields,
			orderBy: []string{"expirationDateTime", "registrationDateTime", "host/id"},
		},
		articlesRow(set, documented),
		{
			name: "intelProfiles", of: set("intelProfiles"), takes: sorted | takesSearch | takesFilter,
			orderBy: []string{"title"}, filter: []string{"kind"},
		},
	}
	for _, r := range all {
		r.complete()
	}
	return all
}

// articlesRow takes $orderby as documented only: its page lists that option, the metadata says that articles cannot be
// sorted.
func articlesRow(set func(string) *endpoint, documented bool) *row {
	r := &row{name: "articles", of: set("articles"), takes: plain | takesSearch}
	if documented {
		r.takes |= takesOrderBy
		r.orderBy = []string{"createdDateTime", "lastUpdatedDateTime"}
	}
	return r
}

// historyOfHost is the one path with two segments below an entity.
const historyOfHost = "whois/history"

// complete fills in what follows from the rest.
func (r *row) complete() {
	if r.takes&needsSearch != 0 {
		r.takes |= takesSearch
	}
	switch {
	case r.context != "":
	case r.entity:
		r.context = namespace + r.of.declared.name
	case r.of.hidden:
		r.context = "Collection(" + namespace + r.of.declared.name + ")"
	default:
		r.context = "security/threatIntelligence/" + r.of.set
	}
	r.counter = &row{
		owner: r.owner, name: r.name, of: r.of, fields: r.fields, filter: r.filter, in: r.in,
		takes: r.takes & (takesFilter | takesSearch | needsSearch),
	}
}

func (r *row) sorts(name string) bool   { return slices.Contains(r.orderBy, name) }
func (r *row) filters(name string) bool { return slices.Contains(r.filter, name) }
