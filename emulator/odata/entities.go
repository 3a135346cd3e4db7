package odata

import (
	"slices"
	"strings"
	"sync"
)

// An entity registers one entity type with everything that the API offers of it. The rest of the model follows: the
// navigation properties of its owners, the set at the root, the targets of references and the metadata document.
type entity struct {
	typ       *Type
	set       Set        // without a name: the type is the base of others, or one of several in a set
	endpoints []Endpoint // what holds it besides the GET of one entity by its key; Of is filled in
}

// The types that others are derived from.
var (
	typeArtifact = abstract("artifact", typeEntity)
	typeHost     = abstract("host", typeArtifact,
		"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset")
	typeHostname  = declare("hostname", typeHost, "registrant String", "registrar String")
	typeIPAddress = declare("ipAddress", typeHost,
		"autonomousSystem autonomousSystem", "countryOrRegion String", "hostingProvider String", "netblock String")
	typeIndicator       = abstract("indicator", typeEntity, "source indicatorSource!", "& artifact artifact!")
	typeWhoisBaseRecord = abstract("whoisBaseRecord", typeEntity,
		"abuse whoisContact", "admin whoisContact", "billing whoisContact", "domainStatus String",
		"expirationDateTime DateTimeOffset", "firstSeenDateTime DateTimeOffset",
		"lastSeenDateTime DateTimeOffset", "lastUpdateDateTime DateTimeOffset",
		"nameservers whoisNameserver[]", "noc whoisContact", "rawWhoisText String", "registrant whoisContact",
		"registrar whoisContact", "registrationDateTime DateTimeOffset", "technical whoisContact",
		"whoisServer String", "zone whoisContact", "& host host!")
)

var seen = []string{"firstSeenDateTime", "lastSeenDateTime"}

// HistoryOfHost is the one path with two segments below an entity.
const HistoryOfHost = "whois/history"

// entities registers every entity type. A comment on an endpoint says where its page leaves a choice open.
// https://learn.microsoft.com/graph/api/resources/security-threatintelligence
var entities = []entity{
	{typ: typeArtifact},
	{typ: typeHostname},
	{typ: typeIPAddress},
	{typ: typeIndicator},
	{typ: typeWhoisBaseRecord},
	{typ: declare("unclassifiedArtifact", typeArtifact, "kind String!", "value String!")},
	{
		typ: typeHost,
		set: Set{Name: "hosts", concrete: []*Type{typeHostname, typeIPAddress}},
		endpoints: []Endpoint{{
			Owner: "sslCertificates", Name: "relatedHosts", takes: pages, Bare: true,
			context: "Collection(" + namespace + "host)",
		}},
	},
	{
		typ: declare("hostPort", typeEntity,
			"banners hostPortBanner[]", "firstSeenDateTime DateTimeOffset", "lastScanDateTime DateTimeOffset",
			"lastSeenDateTime DateTimeOffset", "port Int32!", "protocol hostPortProtocol",
			"services hostPortComponent[]", "status hostPortStatus", "timesObserved Int32", "& host host!",
			"& mostRecentSslCertificate sslCertificate"),
		set:       Set{Name: "hostPorts", expand: []string{"mostRecentSslCertificate"}, Wrapped: true},
		endpoints: []Endpoint{{Owner: "hosts", Name: "ports", takes: plain | takesExpand}},
	},
	{
		typ: declare("hostComponent", typeArtifact,
			"category String", "firstSeenDateTime DateTimeOffset!", "lastSeenDateTime DateTimeOffset!",
			"name String!", "version String", "& host host!"),
		set:       Set{Name: "hostComponents"},
		endpoints: []Endpoint{{Owner: "hosts", Name: "components", takes: plain}},
	},
	{
		typ: declare("hostCookie", typeArtifact,
			"domain String!", "firstSeenDateTime DateTimeOffset!", "lastSeenDateTime DateTimeOffset!",
			"name String!", "& host host!"),
		set:       Set{Name: "hostCookies"},
		endpoints: []Endpoint{{Owner: "hosts", Name: "cookies", takes: plain}},
	},
	{
		typ: declare("hostTracker", typeArtifact,
			"firstSeenDateTime DateTimeOffset!", "kind String!", "lastSeenDateTime DateTimeOffset!",
			"value String!", "& host host!"),
		set:       Set{Name: "hostTrackers"},
		endpoints: []Endpoint{{Owner: "hosts", Name: "trackers", takes: plain}},
	},
	{
		typ: declare("hostPair", typeEntity,
			"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset", "linkKind String",
			"& childHost host!", "& parentHost host!"),
		set:       Set{Name: "hostPairs"},
		endpoints: []Endpoint{pairs("hostPairs"), pairs("childHostPairs"), pairs("parentHostPairs")},
	},
	{
		typ:       declare("subdomain", typeEntity, "firstSeenDateTime DateTimeOffset", "& host host!"),
		set:       Set{Name: "subdomains", Wrapped: true},
		endpoints: []Endpoint{{Owner: "hosts", Name: "subdomains", takes: plain &^ takesSkip}},
	},
	{
		typ: declare("passiveDnsRecord", typeArtifact,
			"collectedDateTime DateTimeOffset!", "firstSeenDateTime DateTimeOffset!",
			"lastSeenDateTime DateTimeOffset!", "recordType String!", "& artifact artifact!", "& parentHost host!"),
		set:       Set{Name: "passiveDnsRecords", Wrapped: true},
		endpoints: []Endpoint{dns("passiveDns"), dns("passiveDnsReverse")}, // the page of the latter names no option
	},
	{
		typ: declare("hostReputation", typeEntity,
			"classification hostReputationClassification!", "rules hostReputationRule[]", "score Int32!"),
		set:       Set{Name: "hostReputations", Hidden: true},
		endpoints: []Endpoint{{Owner: "hosts", Name: "reputation", takes: takesSelect, Single: true}},
	},
	{
		typ: declare("hostSslCertificate", typeArtifact,
			"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset",
			"ports hostSslCertificatePort[]", "& host host", "& sslCertificate sslCertificate"),
		set: Set{Name: "hostSslCertificates", Wrapped: true},
		// Its page lists $orderby and does not say by what.
		endpoints: []Endpoint{{Owner: "hosts", Name: "sslCertificates", takes: sorted, orderBy: seen}},
	},
	{
		typ: declare("sslCertificate", typeArtifact,
			"expirationDateTime DateTimeOffset", "fingerprint String", "firstSeenDateTime DateTimeOffset",
			"issueDateTime DateTimeOffset", "issuer sslCertificateEntity", "lastSeenDateTime DateTimeOffset",
			"serialNumber String", "sha1 String", "subject sslCertificateEntity"),
		set: Set{Name: "sslCertificates", Wrapped: true},
		endpoints: []Endpoint{{
			Name: "sslCertificates", takes: sorted | needsSearch, orderBy: seen,
			fields: certificateFields,
		}},
	},
	{
		typ: declare("whoisRecord", typeWhoisBaseRecord),
		set: Set{Name: "whoisRecords"},
		endpoints: []Endpoint{
			{Owner: "hosts", Name: "whois", takes: takesSelect, Single: true},
			{
				Name: "whoisRecords", takes: sorted | needsSearch, fields: whoisFields,
				orderBy: []string{"expirationDateTime", "registrationDateTime", "host/id"},
			},
		},
	},
	{
		typ: declare("whoisHistoryRecord", typeWhoisBaseRecord),
		set: Set{Name: "whoisHistoryRecords"},
		endpoints: []Endpoint{
			{Owner: "whoisRecords", Name: "history", takes: plain}, {Owner: "hosts", Name: HistoryOfHost, takes: plain},
		},
	},
	{
		typ: declare("article", typeEntity,
			"body formattedContent!", "createdDateTime DateTimeOffset!", "imageUrl String", "isFeatured Boolean!",
			"lastUpdatedDateTime DateTimeOffset!", "summary formattedContent!", "tags String[]", "title String!"),
		set: Set{Name: "articles"},
		endpoints: []Endpoint{
			// Its page lists $orderby, but the metadata says that articles cannot be sorted.
			{Name: "articles", takes: plain | takesSearch, ifDocumented: []string{"createdDateTime", "lastUpdatedDateTime"}},
			{Owner: "vulnerabilities", Name: "articles", takes: plain}, // only in the metadata
		},
	},
	{
		typ:       declare("articleIndicator", typeIndicator),
		set:       Set{Name: "articleIndicators"},
		endpoints: []Endpoint{{Owner: "articles", Name: "indicators", takes: plain}},
	},
	{
		typ: declare("intelligenceProfile", typeEntity,
			"aliases String[]", "countriesOrRegionsOfOrigin intelligenceProfileCountryOrRegionOfOrigin[]",
			"description formattedContent!", "firstActiveDateTime DateTimeOffset!",
			"kind intelligenceProfileKind!", "summary formattedContent!", "targets String[]", "title String!",
			"tradecraft formattedContent"),
		set: Set{Name: "intelProfiles"},
		endpoints: []Endpoint{{
			Name: "intelProfiles", takes: sorted | takesSearch | takesFilter, orderBy: []string{"title"},
			filter: []string{"kind"},
		}},
	},
	{
		typ: declare("intelligenceProfileIndicator", typeIndicator,
			"firstSeenDateTime DateTimeOffset!", "lastSeenDateTime DateTimeOffset"),
		set:       Set{Name: "intelligenceProfileIndicators"},
		endpoints: []Endpoint{{Owner: "intelProfiles", Name: "indicators", takes: plain}},
	},
	{
		typ: declare("vulnerability", typeEntity,
			"activeExploitsObserved Boolean!", "commonWeaknessEnumerationIds String[]!",
			"createdDateTime DateTimeOffset!", "cvss2Summary cvssSummary!", "cvss3Summary cvssSummary!",
			"description formattedContent!", "exploits hyperlink[]", "exploitsAvailable Boolean!",
			"hasChatter Boolean!", "lastModifiedDateTime DateTimeOffset!", "priorityScore Int32!",
			"publishedDateTime DateTimeOffset!", "references hyperlink[]", "remediation formattedContent",
			"severity vulnerabilitySeverity!"),
		set: Set{Name: "vulnerabilities", Upper: true},
	},
	{
		typ:       declare("vulnerabilityComponent", typeEntity, "name String!"),
		set:       Set{Name: "vulnerabilityComponents", Hidden: true},
		endpoints: []Endpoint{{Owner: "vulnerabilities", Name: "components", takes: plain}},
	},
}

func pairs(name string) Endpoint {
	return Endpoint{
		Owner: "hosts", Name: name, takes: sorted | takesFilter, orderBy: seen, in: true,
		filter: append([]string{"id", "linkKind", "parentHost/id", "childHost/id"}, seen...),
	}
}

func dns(name string) Endpoint {
	return Endpoint{
		Owner: "hosts", Name: name, takes: sorted | takesFilter, orderBy: seen, filter: []string{"recordType"},
	}
}

var certificateFields = pathsOf([]string{"fingerprint", "sha1", "serialNumber"}, []string{"subject", "issuer"},
	[]string{
		"commonName", "email", "givenName", "surname", "serialNumber", "organizationName", "organizationUnitName",
		"alternateNames", "alternateName", "address/city", "address/countryOrRegion", "address/postalCode",
		"address/state", "address/street",
	})

var whoisFields = pathsOf([]string{"nameservers/host/id"},
	[]string{"abuse", "admin", "billing", "noc", "registrant", "registrar", "technical", "zone"}, []string{
		"email", "fax", "name", "organization", "telephone", "address/city", "address/countryOrRegion",
		"address/postalCode", "address/state", "address/street",
	})

// entityTypes returns the entity types sorted by name, with the navigation properties that follow from the endpoints.
var entityTypes = sync.OnceValue(func() []*Type {
	root := declare("threatIntelligence", typeEntity)
	all := []*Type{root}
	ofSet := map[string]*Type{}
	for _, e := range entities {
		all = append(all, e.typ)
		ofSet[e.set.Name] = e.typ
	}
	for _, e := range entities {
		if e.set.Name != "" && !e.set.Hidden {
			root.members = append(root.members, member{name: e.set.Name, kind: e.typ.Name, many: true, navigation: contained})
		}
		for _, at := range e.endpoints {
			if owner := ofSet[at.Owner]; at.Owner != "" && !strings.Contains(at.Name, "/") {
				owner.members = append(owner.members, at.navigation(e))
			}
		}
	}
	slices.SortFunc(all, func(a, b *Type) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all
})

// navigation returns the property that leads from the owner to the endpoint. What has no set at the root is contained.
func (e *Endpoint) navigation(of entity) member {
	m := member{name: e.Name, kind: of.typ.Name, many: !e.Single, navigation: linked}
	if of.set.Hidden {
		m.navigation = contained
	}
	return m
}
