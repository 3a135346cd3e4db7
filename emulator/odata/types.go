package odata

// enums are the enumerations, with their members in the order of their values.
var enums = []enum{
	{"contentFormat", []string{"text", "html", "markdown", "unknownFutureValue"}},
	{"hostPortProtocol", []string{"tcp", "udp", "unknownFutureValue"}},
	{"hostPortStatus", []string{"open", "filtered", "closed", "unknownFutureValue"}},
	{"hostReputationClassification", []string{"unknown", "neutral", "suspicious", "malicious", "unknownFutureValue"}},
	{"hostReputationRuleSeverity", []string{"unknown", "low", "medium", "high", "unknownFutureValue"}},
	{"indicatorSource", []string{"microsoft", "osint", "public", "unknownFutureValue"}},
	{"intelligenceProfileKind", []string{"actor", "tool", "unknownFutureValue"}},
	{"vulnerabilitySeverity", []string{"none", "low", "medium", "high", "critical", "unknownFutureValue"}},
}

// complexTypes are the types without a key.
var complexTypes = []*Type{
	declare("autonomousSystem", nil,
		"name String!", "number Int32!", "organization String!", "value String!",
	),
	declare("cvssSummary", nil,
		"score Double!", "severity vulnerabilitySeverity", "vectorString String",
	),
	declare("formattedContent", nil,
		"content String", "format contentFormat",
	),
	declare("hostPortBanner", nil,
		"banner String!", "firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset",
		"scanProtocol String", "timesObserved Int32",
	),
	declare("hostPortComponent", nil,
		"firstSeenDateTime DateTimeOffset", "isRecent Boolean", "lastSeenDateTime DateTimeOffset",
		"& component hostComponent",
	),
	declare("hostReputationRule", nil,
		"description String!", "name String!", "relatedDetailsUrl String",
		"severity hostReputationRuleSeverity!",
	),
	declare("hostSslCertificatePort", nil,
		"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset", "port Int32",
	),
	declare("hyperlink", nil,
		"name String!", "url String!",
	),
	declare("intelligenceProfileCountryOrRegionOfOrigin", nil,
		"code String!", "label String!",
	),
	declare("sslCertificateEntity", nil,
		"address graph.physicalAddress", "alternateNames String[]", "commonName String", "email String",
		"givenName String", "organizationName String", "organizationUnitName String", "serialNumber String",
		"surname String",
	),
	declare("whoisContact", nil,
		"address graph.physicalAddress", "email String", "fax String", "name String", "organization String",
		"telephone String",
	),
	declare("whoisNameserver", nil,
		"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset", "& host host!",
	),
}

// The entity types, as published.
var (
	typeArticle = declare("article", typeEntity,
		"body formattedContent!", "createdDateTime DateTimeOffset!", "imageUrl String", "isFeatured Boolean!",
		"lastUpdatedDateTime DateTimeOffset!", "summary formattedContent!", "tags String[]", "title String!",
		"-> indicators articleIndicator[]",
	)
	typeIndicator = abstract("indicator", typeEntity,
		"source indicatorSource!", "& artifact artifact!",
	)
	typeArticleIndicator = declare("articleIndicator", typeIndicator)
	typeArtifact         = abstract("artifact", typeEntity)
	typeHost             = abstract("host", typeArtifact,
		"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset", "-> childHostPairs hostPair[]",
		"-> components hostComponent[]", "-> cookies hostCookie[]", "-> hostPairs hostPair[]",
		"-> parentHostPairs hostPair[]", "-> passiveDns passiveDnsRecord[]",
		"-> passiveDnsReverse passiveDnsRecord[]", "-> ports hostPort[]", "=> reputation hostReputation",
		"-> sslCertificates hostSslCertificate[]", "-> subdomains subdomain[]", "-> trackers hostTracker[]",
		"-> whois whoisRecord",
	)
	typeHostComponent = declare("hostComponent", typeArtifact,
		"category String", "firstSeenDateTime DateTimeOffset!", "lastSeenDateTime DateTimeOffset!",
		"name String!", "version String", "& host host!",
	)
	typeHostCookie = declare("hostCookie", typeArtifact,
		"domain String!", "firstSeenDateTime DateTimeOffset!", "lastSeenDateTime DateTimeOffset!",
		"name String!", "& host host!",
	)
	typeHostname = declare("hostname", typeHost,
		"registrant String", "registrar String",
	)
	typeHostPair = declare("hostPair", typeEntity,
		"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset", "linkKind String",
		"& childHost host!", "& parentHost host!",
	)
	typeHostPort = declare("hostPort", typeEntity,
		"banners hostPortBanner[]", "firstSeenDateTime DateTimeOffset", "lastScanDateTime DateTimeOffset",
		"lastSeenDateTime DateTimeOffset", "port Int32!", "protocol hostPortProtocol",
		"services hostPortComponent[]", "status hostPortStatus", "timesObserved Int32", "& host host!",
		"& mostRecentSslCertificate sslCertificate",
	)
	typeHostReputation = declare("hostReputation", typeEntity,
		"classification hostReputationClassification!", "rules hostReputationRule[]", "score Int32!",
	)
	typeHostSSLCertificate = declare("hostSslCertificate", typeArtifact,
		"firstSeenDateTime DateTimeOffset", "lastSeenDateTime DateTimeOffset",
		"ports hostSslCertificatePort[]", "& host host", "& sslCertificate sslCertificate",
	)
	typeHostTracker = declare("hostTracker", typeArtifact,
		"firstSeenDateTime DateTimeOffset!", "kind String!", "lastSeenDateTime DateTimeOffset!",
		"value String!", "& host host!",
	)
	typeIntelligenceProfile = declare("intelligenceProfile", typeEntity,
		"aliases String[]", "countriesOrRegionsOfOrigin intelligenceProfileCountryOrRegionOfOrigin[]",
		"description formattedContent!", "firstActiveDateTime DateTimeOffset!",
		"kind intelligenceProfileKind!", "summary formattedContent!", "targets String[]", "title String!",
		"tradecraft formattedContent", "-> indicators intelligenceProfileIndicator[]",
	)
	typeIntelligenceProfileIndicator = declare("intelligenceProfileIndicator", typeIndicator,
		"firstSeenDateTime DateTimeOffset!", "lastSeenDateTime DateTimeOffset",
	)
	typeIPAddress = declare("ipAddress", typeHost,
		"autonomousSystem autonomousSystem", "countryOrRegion String", "hostingProvider String",
		"netblock String",
	)
	typePassiveDNSRecord = declare("passiveDnsRecord", typeArtifact,
		"collectedDateTime DateTimeOffset!", "firstSeenDateTime DateTimeOffset!",
		"lastSeenDateTime DateTimeOffset!", "recordType String!", "& artifact artifact!", "& parentHost host!",
	)
	typeSSLCertificate = declare("sslCertificate", typeArtifact,
		"expirationDateTime DateTimeOffset", "fingerprint String", "firstSeenDateTime DateTimeOffset",
		"issueDateTime DateTimeOffset", "issuer sslCertificateEntity", "lastSeenDateTime DateTimeOffset",
		"serialNumber String", "sha1 String", "subject sslCertificateEntity", "-> relatedHosts host[]",
	)
	typeSubdomain = declare("subdomain", typeEntity,
		"firstSeenDateTime DateTimeOffset", "& host host!",
	)
	typeThreatIntelligence = declare("threatIntelligence", typeEntity,
		"=> articleIndicators articleIndicator[]", "=> articles article[]",
		"=> hostComponents hostComponent[]", "=> hostCookies hostCookie[]", "=> hostPairs hostPair[]",
		"=> hostPorts hostPort[]", "=> hosts host[]", "=> hostSslCertificates hostSslCertificate[]",
		"=> hostTrackers hostTracker[]", "=> intelligenceProfileIndicators intelligenceProfileIndicator[]",
		"=> intelProfiles intelligenceProfile[]", "=> passiveDnsRecords passiveDnsRecord[]",
		"=> sslCertificates sslCertificate[]", "=> subdomains subdomain[]",
		"=> vulnerabilities vulnerability[]", "=> whoisHistoryRecords whoisHistoryRecord[]",
		"=> whoisRecords whoisRecord[]",
	)
	typeUnclassifiedArtifact = declare("unclassifiedArtifact", typeArtifact,
		"kind String!", "value String!",
	)
	typeVulnerability = declare("vulnerability", typeEntity,
		"activeExploitsObserved Boolean!", "commonWeaknessEnumerationIds String[]!",
		"createdDateTime DateTimeOffset!", "cvss2Summary cvssSummary!", "cvss3Summary cvssSummary!",
		"description formattedContent!", "exploits hyperlink[]", "exploitsAvailable Boolean!",
		"hasChatter Boolean!", "lastModifiedDateTime DateTimeOffset!", "priorityScore Int32!",
		"publishedDateTime DateTimeOffset!", "references hyperlink[]", "remediation formattedContent",
		"severity vulnerabilitySeverity!", "-> articles article[]", "=> components vulnerabilityComponent[]",
	)
	typeVulnerabilityComponent = declare("vulnerabilityComponent", typeEntity,
		"name String!",
	)
	typeWhoisBaseRecord = abstract("whoisBaseRecord", typeEntity,
		"abuse whoisContact", "admin whoisContact", "billing whoisContact", "domainStatus String",
		"expirationDateTime DateTimeOffset", "firstSeenDateTime DateTimeOffset",
		"lastSeenDateTime DateTimeOffset", "lastUpdateDateTime DateTimeOffset",
		"nameservers whoisNameserver[]", "noc whoisContact", "rawWhoisText String", "registrant whoisContact",
		"registrar whoisContact", "registrationDateTime DateTimeOffset", "technical whoisContact",
		"whoisServer String", "zone whoisContact", "& host host!",
	)
	typeWhoisHistoryRecord = declare("whoisHistoryRecord", typeWhoisBaseRecord)
	typeWhoisRecord        = declare("whoisRecord", typeWhoisBaseRecord,
		"-> history whoisHistoryRecord[]",
	)
)

// entityTypes are the entity types, sorted by name.
var entityTypes = []*Type{
	typeArticle, typeArticleIndicator, typeArtifact, typeHost, typeHostComponent, typeHostCookie,
	typeHostname, typeHostPair, typeHostPort, typeHostReputation, typeHostSSLCertificate, typeHostTracker,
	typeIndicator, typeIntelligenceProfile, typeIntelligenceProfileIndicator, typeIPAddress,
	typePassiveDNSRecord, typeSSLCertificate, typeSubdomain, typeThreatIntelligence, typeUnclassifiedArtifact,
	typeVulnerability, typeVulnerabilityComponent, typeWhoisBaseRecord, typeWhoisHistoryRecord,
	typeWhoisRecord,
}

// defined reports whether the metadata has a type of that full name.
func defined(fullName string) bool {
	for _, list := range [][]*Type{entityTypes, complexTypes} {
		for _, t := range list {
			if t.fullName() == fullName {
				return true
			}
		}
	}
	return false
}
