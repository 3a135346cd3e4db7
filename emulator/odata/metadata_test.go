package odata_test

import (
	"encoding/xml"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator/odata"
)

// publishedTypes is the part of Microsoft Graph's v1.0 metadata, as of 2026-08-20, that is about threat intelligence: the kind of
// each type, its base, and its members. -> marks navigation, => containment, and ! what is not nullable.
// https://github.com/microsoftgraph/msgraph-metadata
var publishedTypes = map[string]string{
	"article":                      "entity of entity | ->indicators:articleIndicator[] body:formattedContent! createdDateTime:DateTimeOffset! imageUrl:String isFeatured:Boolean! lastUpdatedDateTime:DateTimeOffset! summary:formattedContent! tags:String[] title:String!",
	"articleIndicator":             "entity of indicator",
	"artifact":                     "abstract entity of entity",
	"autonomousSystem":             "complex | name:String! number:Int32! organization:String! value:String!",
	"contentFormat":                "enum text=0 html=1 markdown=2 unknownFutureValue=3",
	"cvssSummary":                  "complex | score:Double! severity:vulnerabilitySeverity vectorString:String",
	"entity":                       "abstract entity | id:String!",
	"formattedContent":             "complex | content:String format:contentFormat",
	"host":                         "abstract entity of artifact | ->childHostPairs:hostPair[] ->components:hostComponent[] ->cookies:hostCookie[] ->hostPairs:hostPair[] ->parentHostPairs:hostPair[] ->passiveDns:passiveDnsRecord[] ->passiveDnsReverse:passiveDnsRecord[] ->ports:hostPort[] ->sslCertificates:hostSslCertificate[] ->subdomains:subdomain[] ->trackers:hostTracker[] ->whois:whoisRecord =>reputation:hostReputation firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset",
	"hostComponent":                "entity of artifact | ->host:host! category:String firstSeenDateTime:DateTimeOffset! lastSeenDateTime:DateTimeOffset! name:String! version:String",
	"hostCookie":                   "entity of artifact | ->host:host! domain:String! firstSeenDateTime:DateTimeOffset! lastSeenDateTime:DateTimeOffset! name:String!",
	"hostPair":                     "entity of entity | ->childHost:host! ->parentHost:host! firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset linkKind:String",
	"hostPort":                     "entity of entity | ->host:host! ->mostRecentSslCertificate:sslCertificate banners:hostPortBanner[] firstSeenDateTime:DateTimeOffset lastScanDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset port:Int32! protocol:hostPortProtocol services:hostPortComponent[] status:hostPortStatus timesObserved:Int32",
	"hostPortBanner":               "complex | banner:String! firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset scanProtocol:String timesObserved:Int32",
	"hostPortComponent":            "complex | ->component:hostComponent firstSeenDateTime:DateTimeOffset isRecent:Boolean lastSeenDateTime:DateTimeOffset",
	"hostPortProtocol":             "enum tcp=0 udp=1 unknownFutureValue=2",
	"hostPortStatus":               "enum open=0 filtered=1 closed=2 unknownFutureValue=3",
	"hostReputation":               "entity of entity | classification:hostReputationClassification! rules:hostReputationRule[] score:Int32!",
	"hostReputationClassification": "enum unknown=0 neutral=1 suspicious=2 malicious=3 unknownFutureValue=4",
	"hostReputationRule":           "complex | description:String! name:String! relatedDetailsUrl:String severity:hostReputationRuleSeverity!",
	"hostReputationRuleSeverity":   "enum unknown=0 low=1 medium=2 high=3 unknownFutureValue=4",
	"hostSslCertificate":           "entity of artifact | ->host:host ->sslCertificate:sslCertificate firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset ports:hostSslCertificatePort[]",
	"hostSslCertificatePort":       "complex | firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset port:Int32",
	"hostTracker":                  "entity of artifact | ->host:host! firstSeenDateTime:DateTimeOffset! kind:String! lastSeenDateTime:DateTimeOffset! value:String!",
	"hostname":                     "entity of host | registrant:String registrar:String",
	"hyperlink":                    "complex | name:String! url:String!",
	"indicator":                    "abstract entity of entity | ->artifact:artifact! source:indicatorSource!",
	"indicatorSource":              "enum microsoft=0 osint=1 public=2 unknownFutureValue=3",
	"intelligenceProfile":          "entity of entity | ->indicators:intelligenceProfileIndicator[] aliases:String[] countriesOrRegionsOfOrigin:intelligenceProfileCountryOrRegionOfOrigin[] description:formattedContent! firstActiveDateTime:DateTimeOffset! kind:intelligenceProfileKind! summary:formattedContent! targets:String[] title:String! tradecraft:formattedContent",
	"intelligenceProfileCountryOrRegionOfOrigin": "complex | code:String! label:String!",
	"intelligenceProfileIndicator":               "entity of indicator | firstSeenDateTime:DateTimeOffset! lastSeenDateTime:DateTimeOffset",
	"intelligenceProfileKind":                    "enum actor=0 tool=1 unknownFutureValue=2",
	"ipAddress":                                  "entity of host | autonomousSystem:autonomousSystem countryOrRegion:String hostingProvider:String netblock:String",
	"passiveDnsRecord":                           "entity of artifact | ->artifact:artifact! ->parentHost:host! collectedDateTime:DateTimeOffset! firstSeenDateTime:DateTimeOffset! lastSeenDateTime:DateTimeOffset! recordType:String!",
	"physicalAddress":                            "complex | city:String countryOrRegion:String postalCode:String state:String street:String",
	"security":                                   "entity | =>threatIntelligence:threatIntelligence",
	"sslCertificate":                             "entity of artifact | ->relatedHosts:host[] expirationDateTime:DateTimeOffset fingerprint:String firstSeenDateTime:DateTimeOffset issueDateTime:DateTimeOffset issuer:sslCertificateEntity lastSeenDateTime:DateTimeOffset serialNumber:String sha1:String subject:sslCertificateEntity",
	"sslCertificateEntity":                       "complex | address:graph.physicalAddress alternateNames:String[] commonName:String email:String givenName:String organizationName:String organizationUnitName:String serialNumber:String surname:String",
	"subdomain":                                  "entity of entity | ->host:host! firstSeenDateTime:DateTimeOffset",
	"threatIntelligence":                         "entity of entity | =>articleIndicators:articleIndicator[] =>articles:article[] =>hostComponents:hostComponent[] =>hostCookies:hostCookie[] =>hostPairs:hostPair[] =>hostPorts:hostPort[] =>hostSslCertificates:hostSslCertificate[] =>hostTrackers:hostTracker[] =>hosts:host[] =>intelProfiles:intelligenceProfile[] =>intelligenceProfileIndicators:intelligenceProfileIndicator[] =>passiveDnsRecords:passiveDnsRecord[] =>sslCertificates:sslCertificate[] =>subdomains:subdomain[] =>vulnerabilities:vulnerability[] =>whoisHistoryRecords:whoisHistoryRecord[] =>whoisRecords:whoisRecord[]",
	"unclassifiedArtifact":                       "entity of artifact | kind:String! value:String!",
	"vulnerability":                              "entity of entity | ->articles:article[] =>components:vulnerabilityComponent[] activeExploitsObserved:Boolean! commonWeaknessEnumerationIds:String[]! createdDateTime:DateTimeOffset! cvss2Summary:cvssSummary! cvss3Summary:cvssSummary! description:formattedContent! exploits:hyperlink[] exploitsAvailable:Boolean! hasChatter:Boolean! lastModifiedDateTime:DateTimeOffset! priorityScore:Int32! publishedDateTime:DateTimeOffset! references:hyperlink[] remediation:formattedContent severity:vulnerabilitySeverity!",
	"vulnerabilityComponent":                     "entity of entity | name:String!",
	"vulnerabilitySeverity":                      "enum none=0 low=1 medium=2 high=3 critical=4 unknownFutureValue=5",
	"whoisBaseRecord":                            "abstract entity of entity | ->host:host! abuse:whoisContact admin:whoisContact billing:whoisContact domainStatus:String expirationDateTime:DateTimeOffset firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset lastUpdateDateTime:DateTimeOffset nameservers:whoisNameserver[] noc:whoisContact rawWhoisText:String registrant:whoisContact registrar:whoisContact registrationDateTime:DateTimeOffset technical:whoisContact whoisServer:String zone:whoisContact",
	"whoisContact":                               "complex | address:graph.physicalAddress email:String fax:String name:String organization:String telephone:String",
	"whoisHistoryRecord":                         "entity of whoisBaseRecord",
	"whoisNameserver":                            "complex | ->host:host! firstSeenDateTime:DateTimeOffset lastSeenDateTime:DateTimeOffset",
	"whoisRecord":                                "entity of whoisBaseRecord | ->history:whoisHistoryRecord[]",
}

// A schema is the part of a metadata document that the test reads.
type schema struct {
	Enums []struct {
		Name    string `xml:",attr"`
		Members []struct {
			Name  string `xml:",attr"`
			Value string `xml:",attr"`
		} `xml:"Member"`
	} `xml:"EnumType"`
	Entities  []schemaType `xml:"EntityType"`
	Complexes []schemaType `xml:"ComplexType"`
}

type schemaType struct {
	Name        string         `xml:",attr"`
	BaseType    string         `xml:",attr"`
	Abstract    string         `xml:",attr"`
	Key         []string       `xml:"Key>PropertyRef"`
	Properties  []schemaMember `xml:"Property"`
	Navigations []schemaMember `xml:"NavigationProperty"`
}

type schemaMember struct {
	Name           string `xml:",attr"`
	Type           string `xml:",attr"`
	Nullable       string `xml:",attr"`
	ContainsTarget string `xml:",attr"`
}

func TestMetadataAgreesWithThePublishedTypes(t *testing.T) {
	var doc struct {
		Schemas []schema `xml:"DataServices>Schema"`
	}
	if err := xml.Unmarshal([]byte(odata.Metadata()), &doc); err != nil {
		t.Fatal(err)
	}
	served := map[string]string{}
	for _, part := range doc.Schemas {
		part.describe(served)
	}
	if diff := cmp.Diff(publishedTypes, served); diff != "" {
		t.Error("-want +got:\n" + diff)
	}
}

func (s schema) describe(into map[string]string) {
	for _, e := range s.Enums {
		text := "enum"
		for _, m := range e.Members {
			text += " " + m.Name + "=" + m.Value
		}
		into[e.Name] = text
	}
	for _, e := range s.Entities {
		into[e.Name] = e.describe("entity")
	}
	for _, c := range s.Complexes {
		into[c.Name] = c.describe("complex")
	}
}

func (c schemaType) describe(kind string) string {
	if c.BaseType != "" {
		kind += " of " + c.BaseType[strings.LastIndexByte(c.BaseType, '.')+1:]
	}
	if c.Abstract == "true" {
		kind = "abstract " + kind
	}
	var members []string
	for _, m := range c.Properties {
		members = append(members, m.describe())
	}
	for _, m := range c.Navigations {
		mark := "->"
		if m.ContainsTarget == "true" {
			mark = "=>"
		}
		members = append(members, mark+m.describe())
	}
	if len(members) == 0 {
		return kind
	}
	slices.Sort(members)
	return kind + " | " + strings.Join(members, " ")
}

func (m schemaMember) describe() string {
	kind, many := strings.CutPrefix(m.Type, "Collection(")
	kind = strings.TrimSuffix(kind, ")")
	for _, prefix := range []string{"self.", "Edm.", "microsoft.graph.security."} {
		kind = strings.TrimPrefix(kind, prefix)
	}
	if many {
		kind += "[]"
	}
	if m.Nullable == "false" {
		kind += "!"
	}
	return m.Name + ":" + kind
}
