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

// defined reports whether the metadata has a type of that full name.
func defined(fullName string) bool {
	for _, list := range [][]*Type{entityTypes(), complexTypes} {
		for _, t := range list {
			if t.fullName() == fullName {
				return true
			}
		}
	}
	return false
}
