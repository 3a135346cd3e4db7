package world

import (
	"bytes"
	"embed"
	"encoding/json"
	"slices"
)

// exampleFiles are the responses on Microsoft's documentation pages, unchanged except for a trailing comma.
// https://learn.microsoft.com/graph/api/resources/security-api-overview
//
//go:embed examples/*.json
var exampleFiles embed.FS

// The ids of the published example of a hostPort and of its host.
const (
	ExamplePortID = "ODUuMTMuMTM5LjE4JCQyMQ=="
	ExampleHostID = "85.13.139.18"
)

// The ids of other published examples.
const (
	exampleCertID    = "ZmI5NjU1MTUwNWYxZWRiMjRkZDNiMzZmY2ZmZGI3NjU4MzNiODExOA=="
	exampleWhoisID   = "Y29udG9zby5jb20kJDY5NjQ3ODEyMDc3NDY1NzI0MzM="
	exampleProfileID = "9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80"
	exampleVulnID    = "CVE-2021-44228"
)

// An example is one published response: its file, the set of its entities, and the requests that it is the response to.
type example struct {
	file string
	set  string
	urls []string
}

// entityExamples are the pages of single entities.
var entityExamples = []example{
	{"hostPort.get", "hostPorts", []string{"hostPorts/" + ExamplePortID}},
	{"host.get", "hosts", []string{"hosts/contoso.com"}},
	{"sslCertificate.get", "sslCertificates", []string{"sslCertificates/" + exampleCertID}},
	{"hostComponent.get", "hostComponents", []string{"hostComponents/TWljcm9zb2Z0LUlJUyQkMTAuMCQkU2VydmVyJCRjMS5taWNyb3NvZnQuY29t"}},
	{"hostCookie.get", "hostCookies", []string{"hostCookies/c2VjdXJlbWFpbC5jb250b3NvLmNvbSQkT0lEQyQkc2VjdXJlbWFpbC5jb250b3NvLmNvbQ=="}},
	{"hostPair.get", "hostPairs", []string{"hostPairs/ZmluYWxSZWRpcmVjdCQkY29udG9zby5jb20kJGNvbnRvc28uY29tJCRjb250b3NvLmNvbQ=="}},
	{"hostSslCertificate.get", "hostSslCertificates", []string{"hostSslCertificates/Y29udG9zby5jb20xNTUwMGZiOTY1NTE1MDVmMWVkYjI0ZGQzYjM2ZmNmZmRiNzY1ODMzYjgxMTg="}},
	{"hostTracker.get", "hostTrackers", []string{"hostTrackers/Y29udG9zby1hZHZlcnRpc2luZzkyNDEwQ29udG9zb0lkOTI0MTBhYm91dC5hZHMuY29udG9zby5jb20="}},
	{"passiveDnsRecord.get", "passiveDnsRecords", []string{"passiveDnsRecords/Y29udG9zby5jb20kJDIwLjEwMy44NS4zMyQkZmFsc2U="}},
	// Its page requests an id made of the two names, and shows a GUID in the response.
	{"subdomain.get", "subdomains", []string{"subdomains/bG9naW4uY29udG9zby5jb20kJGNvbnRvc28uY29t", "subdomains/8e03a695-67c8-c371-d901-f6f88dbcc2f4"}},
	{"article.get", "articles", []string{"articles/a272d5ab"}},
	{"articleIndicator.get", "articleIndicators", []string{"articleIndicators/ZmFrZS1tYWxpY2lvdXMuc2l0ZQ=="}},
	{"intelligenceProfile.get", "intelProfiles", []string{"intelProfiles/" + exampleProfileID}},
	{"intelligenceProfileIndicator.get", "intelligenceProfileIndicators", []string{"intelligenceProfileIndicators/ff3eecd2-a2be-27c2-8dc0-40d1c0eada55"}},
	{"vulnerability.get", "vulnerabilities", []string{"vulnerabilities/" + exampleVulnID}},
	{"vulnerabilityComponent.get", "vulnerabilityComponents", []string{"vulnerabilities/" + exampleVulnID + "/components/Y3ZlLTIwMjEtNDQyMjg3MTQwOUFwYWNoZSBTb2Z0d2FyZSBGb3VuZGF0aW9uIExvZzRqIDIuMA=="}},
	{"whoisRecord.get", "whoisRecords", []string{"whoisRecords/" + exampleWhoisID}},
	{"whoisHistoryRecord.get", "whoisHistoryRecords", []string{"whoisHistoryRecords/" + exampleWhoisID}},
}

// listExamples are the pages of lists, and of single entities below another.
var listExamples = []example{
	{"host.reputation.get", "hostReputations", []string{"hosts/contoso.com/reputation"}},
	{"host.whois.get", "whoisRecords", []string{"hosts/contoso.com/whois"}},
	// Its page requests the ports of one host and shows the port of another.
	{"host.ports.list", "hostPorts", []string{"hosts/8.8.8.8/ports"}},
	{"host.components.list", "hostComponents", []string{"hosts/contoso.com/components"}},
	{"host.cookies.list", "hostCookies", []string{"hosts/contoso.com/cookies"}},
	{"host.trackers.list", "hostTrackers", []string{"hosts/contoso.com/trackers"}},
	{"host.subdomains.list", "subdomains", []string{"hosts/contoso.com/subdomains"}},
	{"host.hostPairs.list", "hostPairs", []string{"hosts/contoso.com/hostPairs"}},
	{"host.childHostPairs.list", "hostPairs", []string{"hosts/contoso.com/childHostPairs"}},
	{"host.parentHostPairs.list", "hostPairs", []string{"hosts/contoso.com/parentHostPairs"}},
	{"host.passiveDns.list", "passiveDnsRecords", []string{"hosts/contoso.com/passiveDns"}},
	{"host.passiveDnsReverse.list", "passiveDnsRecords", []string{"hosts/contoso.com/passiveDnsReverse"}},
	{"host.sslCertificates.list", "hostSslCertificates", []string{
		"hosts/contoso.com/sslCertificates", "hosts/contoso.com/sslCertificates?$count=true&$top=1&$skip=5",
	}},
	{"sslCertificate.relatedHosts.list", "hosts", []string{"sslCertificates/" + exampleCertID + "/relatedHosts"}},
	{"sslCertificates.list", "sslCertificates", []string{`sslCertificates?$search="subject/commonName:microsoft.com"&$count=true&$top=1`}},
	{"whoisRecord.history.list", "whoisHistoryRecords", []string{"whoisRecords/" + exampleWhoisID + "/history", "hosts/contoso.com/whois/history"}},
	{"whoisRecords.list", "whoisRecords", []string{`whoisRecords?$search="admin/address/state:WA&$orderby=registrationDateTime desc"`}},
	{"articles.list", "articles", []string{"articles"}},
	{"article.indicators.list", "articleIndicators", []string{"articles/a272d5ab/indicators"}},
	{"intelProfiles.list", "intelProfiles", []string{"intelProfiles"}},
	{"intelligenceProfile.indicators.list", "intelligenceProfileIndicators", []string{"intelProfiles/" + exampleProfileID + "/indicators"}},
	{"vulnerability.components.list", "vulnerabilityComponents", []string{"vulnerabilities/" + exampleVulnID + "/components"}},
}

// text returns the example without white space.
func (ex example) text() []byte {
	text, err := exampleFiles.ReadFile("examples/" + ex.file + ".json")
	var out bytes.Buffer
	if err == nil {
		err = json.Compact(&out, text)
	}
	if err != nil {
		panic("world: reading example: " + err.Error()) // it is part of the program
	}
	return out.Bytes()
}

// Examples returns the requests that each published example is the response to, by the name of its file. They are
// relative to the API, with the query string decoded.
func Examples() map[string][]string {
	all := map[string][]string{}
	for _, ex := range slices.Concat(entityExamples, listExamples) {
		all[ex.file+".json"] = ex.urls
	}
	return all
}
