package world

import (
	"github.com/go-json-experiment/json/jsontext"

	"portico/emulator/odata"
)

// A referral is an entity with the lists that have it.
type referral struct {
	set   string
	text  string
	lists []string // such as "hosts/85.13.139.18/reputation"
}

// referred are entities that the published examples refer to but no page shows. Their ids are published; the rest is
// invented to agree with the examples.
var referred = []referral{
	{"hosts", `{
  "@odata.type": "#microsoft.graph.security.ipAddress",
  "id": "85.13.139.18",
  "firstSeenDateTime": "2016-07-13T08:43:41.000Z",
  "lastSeenDateTime": "2023-08-09T23:20:33.000Z",
  "countryOrRegion": "DE",
  "hostingProvider": "Example Hosting",
  "netblock": "85.13.128.0/17",
  "autonomousSystem": {
    "name": "EXAMPLE-HOSTING",
    "number": 64496,
    "organization": "Example Hosting",
    "value": "AS64496 - EXAMPLE-HOSTING"
  }
}`, nil},
	{"sslCertificates", `{
  "id": "ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw==",
  "firstSeenDateTime": "2023-02-11T06:02:51.000Z",
  "lastSeenDateTime": "2023-08-09T23:20:33.000Z",
  "fingerprint": "d8:9e:3b:d4:3d:5d:90:9b:47:a1:89:77:aa:9d:5c:e3:6c:ee:18:4c",
  "expirationDateTime": "2024-03-12T23:59:59.000Z",
  "issueDateTime": "2023-02-10T00:00:00.000Z",
  "sha1": "d89e3bd43d5d909b47a18977aa9d5ce36cee184c",
  "serialNumber": "219540171930271841065930471285340917245",
  "subject": {
    "commonName": "*.hosting.example",
    "address": {"city": null, "countryOrRegion": "DE", "postalCode": null, "state": null, "street": null},
    "email": null,
    "givenName": null,
    "organizationName": "Example Hosting",
    "organizationUnitName": null,
    "serialNumber": null,
    "surname": null,
    "alternateNames": ["*.hosting.example", "hosting.example"]
  },
  "issuer": {
    "commonName": "Example Issuing CA 1",
    "address": {"city": null, "countryOrRegion": "US", "postalCode": null, "state": null, "street": null},
    "email": null,
    "givenName": null,
    "organizationName": "Example Trust Services",
    "organizationUnitName": null,
    "serialNumber": null,
    "surname": null,
    "alternateNames": []
  }
}`, nil},
	{"hostComponents", `{
  "id": "T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==",
  "firstSeenDateTime": "2021-05-26T01:05:09.000Z",
  "lastSeenDateTime": "2023-08-09T12:59:13.000Z",
  "name": "OpenSSH",
  "version": "8.2p1",
  "category": "Remote Access",
  "host": {"id": "85.13.139.18"}
}`, nil},
	{"hostComponents", `{
  "id": "EVfwHhqkUQESmqrKSFHobDUHDAKBsWLf",
  "firstSeenDateTime": "2020-10-28T22:39:51.000Z",
  "lastSeenDateTime": "2023-07-18T22:13:54.000Z",
  "name": "scaffolding on HTTPServer2",
  "version": "",
  "category": "Server",
  "host": {"id": "85.13.139.18"}
}`, nil},
	{"hostComponents", `{
  "id": "ZobhjJgOwebxpsXdCUjfTpshygqgcfJj",
  "firstSeenDateTime": "2022-06-26T04:29:25.000Z",
  "lastSeenDateTime": "2023-07-18T00:54:13.000Z",
  "name": "nginx",
  "version": "1.18.0",
  "category": "Server",
  "host": {"id": "85.13.139.18"}
}`, nil},
	{"hostReputations", `{
  "id": "85130000-0000-4000-8000-000000013918",
  "classification": "suspicious",
  "score": 46,
  "rules": [
    {"name": "Resolving IP Address", "description": "hosting.example", "severity": "low", "relatedDetailsUrl": null},
    {"name": "Open ports", "description": "The number of open ports may indicate suspicious behavior",
     "severity": "medium", "relatedDetailsUrl": null}
  ]
}`, []string{"hosts/" + ExampleHostID + "/reputation"}},
	{"passiveDnsRecords", `{
  "id": "ODUuMTMuMTM5LjE4JCRob3N0aW5nLmV4YW1wbGUkJHRydWU=",
  "firstSeenDateTime": "2016-07-13T08:43:41Z",
  "lastSeenDateTime": "2023-08-09T23:20:33Z",
  "collectedDateTime": "2023-08-09T23:20:33.000Z",
  "recordType": "A",
  "parentHost": {"id": "85.13.139.18"},
  "artifact": {"@odata.type": "#microsoft.graph.security.hostname", "id": "hosting.example"}
}`, []string{"hosts/" + ExampleHostID + "/passiveDnsReverse"}},
	{"passiveDnsRecords", `{
  "id": "aG9zdGluZy5leGFtcGxlJCQ4NS4xMy4xMzkuMTgkJGZhbHNl",
  "firstSeenDateTime": "2016-07-13T08:43:41Z",
  "lastSeenDateTime": "2023-08-09T23:20:33Z",
  "collectedDateTime": "2023-08-09T23:20:33.000Z",
  "recordType": "A",
  "parentHost": {"id": "hosting.example"},
  "artifact": {"@odata.type": "#microsoft.graph.security.ipAddress", "id": "85.13.139.18"}
}`, []string{"hosts/hosting.example/passiveDns"}},
	{"passiveDnsRecords", `{
  "id": "MjAuMTAzLjg1LjMzJCRjb250b3NvLmNvbSQkdHJ1ZQ==",
  "firstSeenDateTime": "2022-04-18T10:31:12Z",
  "lastSeenDateTime": "2023-03-07T13:19:35Z",
  "collectedDateTime": "2023-03-07T13:59:34.735Z",
  "recordType": "A",
  "parentHost": {"id": "20.103.85.33"},
  "artifact": {"@odata.type": "#microsoft.graph.security.hostname", "id": "contoso.com"}
}`, []string{"hosts/20.103.85.33/passiveDnsReverse"}},
	{"passiveDnsRecords", `{
  "id": "d3d3LmNvbnRvc28uY29tJCRjb250b3NvLmNvbSQkZmFsc2U=",
  "firstSeenDateTime": "2022-04-18T10:31:12Z",
  "lastSeenDateTime": "2023-03-07T13:19:35Z",
  "collectedDateTime": "2023-03-07T13:59:34.735Z",
  "recordType": "CNAME",
  "parentHost": {"id": "www.contoso.com"},
  "artifact": {"@odata.type": "#microsoft.graph.security.hostname", "id": "contoso.com"}
}`, []string{"hosts/www.contoso.com/passiveDns"}},
}

// named are hosts of which the examples contain only the name. All their properties are null.
var named = []string{
	"8.8.8.8", "20.103.85.33", "20.112.250.133", "20.231.239.246", "20.236.44.162", "about.ads.contoso.com",
	"c1.microsoft.com", "fake-malicious.site", "hosting.example", "login.contoso.com", "microsoft.com",
	"ns1-205.azure-dns.com", "ns2-205.azure-dns.net", "ns3-205.azure-dns.org", "ns4-205.azure-dns.info",
	"ns1.contoso-dns.com", "ns2.contoso-dns.com", "ns3.contoso-dns.com", "ns4.contoso-dns.com",
	"securemail.contoso.com", "www.contoso.com",
}

const hostingCertID = "ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw=="

// refer stores what the examples refer to in sets and lists.
func (p publisher) refer() {
	for _, row := range referred {
		id := p.mustPut(row.set, []byte(row.text))
		for _, path := range row.lists {
			p.mustAdd(path, id)
		}
	}
	for _, id := range named {
		p.referHost(id)
	}
	p.referPorts()
	p.referCertificates()
	// The page of the list shows one of many components.
	more := p.makeFlawComponents(exampleVulnID, "Apache Software Foundation Log4j 2.0",
		"Apache Software Foundation Log4j 2.1",
		"Apache Software Foundation Log4j 2.2", "Apache Software Foundation Log4j 2.3")
	p.mustList("vulnerabilities/"+exampleVulnID+"/components", more...)
	if len(p.articles) > 0 {
		p.mustList("vulnerabilities/"+exampleVulnID+"/articles", p.articles[:2]...)
	}
}

// referHost stores a host with nothing but its id, and a reputation without findings.
func (p publisher) referHost(id string) {
	p.mustPut("hosts", p.model.Set("hosts").Unknown(id))
	p.seeded(seedNamed, uint64(p.count("hosts")), func() {
		p.write(`{"id":%q,"classification":"unknown","score":0,"rules":[]}`, p.guid())
	})
	p.mustList("hosts/"+id+"/reputation", p.keep("hostReputations"))
}

// referPorts gives the host of the two published hostPorts both of them, and some more.
func (p publisher) referPorts() {
	const published = "tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao"
	ports := []string{ExamplePortID, published}
	components := []string{
		"T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==", "EVfwHhqkUQESmqrKSFHobDUHDAKBsWLf",
		"ZobhjJgOwebxpsXdCUjfTpshygqgcfJj",
	}
	p.seeded(seedNamed, 0, func() {
		for _, s := range []service{services[5], services[6], services[7], remoteService} {
			ports = append(ports, p.makePort(ExampleHostID, huntHosts, s, ""))
			id, _ := p.makeComponent(ExampleHostID, s)
			components = append(components, id)
		}
	})
	p.mustList("hosts/"+ExampleHostID+"/ports", ports...)
	p.mustList("hosts/"+ExampleHostID+"/components", components...)
}

// referCertificates makes hosts present the published certificates, and the certificates refer back to the hosts.
func (p publisher) referCertificates() {
	const seen, last = "2023-03-10T01:20:47.000Z", "2023-04-02T00:00:00.000Z"
	showing := func(host, cert string, port int) string { return p.makeShowing(host, cert, []int{port}, seen, last) }
	related := []string{"20.112.250.133", "20.231.239.246", "20.236.44.162"}
	for _, host := range related {
		p.mustList("hosts/"+host+"/sslCertificates", showing(host, exampleCertID, 443))
	}
	p.mustList("hosts/"+ExampleHostID+"/sslCertificates",
		showing(ExampleHostID, hostingCertID, 21), showing(ExampleHostID, exampleCertID, 443))
	p.mustList("sslCertificates/"+hostingCertID+"/relatedHosts", ExampleHostID)
	p.mustList("sslCertificates/"+exampleCertID+"/relatedHosts", append(related, "contoso.com", ExampleHostID)...)
}

// mustPut stores an entity that is written in this file, and returns its id.
func (p publisher) mustPut(set string, text []byte) string {
	compact := jsontext.Value(text)
	err := compact.Compact()
	var en *odata.Entity
	if err == nil {
		en, err = odata.NewEntity(p.model.Set(set), compact)
	}
	if err != nil {
		panic("world: " + err.Error())
	}
	p.put(set, en.ID, en)
	return en.ID
}

// mustList sets a list whose path is written in this file.
func (p publisher) mustList(path string, ids ...string) {
	if _, err := p.putList(path, ids); err != nil {
		panic("world: " + err.Error())
	}
}

// mustAdd adds an entity to a list whose path is written in this file.
func (p publisher) mustAdd(path, id string) {
	at, ok := p.listAt(path)
	if !ok {
		panic("world: no list " + path)
	}
	p.lists.add(at.Endpoint, at.Key, item{id: id})
}
