package emulator

// publishedHostPort is the one hostPort that Microsoft publishes in full, letter for letter: it has an impossible
// firstSeenDateTime, and its page wraps it in "value".
// https://learn.microsoft.com/graph/api/security-hostport-get
const publishedHostPort = `{
  "@odata.type": "#microsoft.graph.security.hostPort",
  "id": "ODUuMTMuMTM5LjE4JCQyMQ==",
  "port": 21,
  "firstSeenDateTime": "2016-17-13T08:43:41.00Z",
  "lastSeenDateTime": "2023-08-09T23:18:21.00Z",
  "lastScanDateTime": "2023-08-09T23:20:33.00Z",
  "timesObserved": 3698,
  "status": "open",
  "protocol": "tcp",
  "banners": [
    {
      "banner": "220 FTP on dd44024.kasserver.com ready\r\n",
      "firstSeenDateTime": "2021-03-08T16:21:28.00Z",
      "lastSeenDateTime": "2023-08-09T23:18:21.00Z",
      "scanProtocol": "telnet",
      "timesObserved": 274
    }
  ],
  "services": [
    {
      "firstSeenDateTime": "2021-05-26T01:05:09.00Z",
      "lastSeenDateTime": "2023-08-09T12:59:13.00Z",
      "isRecent": true,
      "component": {
        "id": "T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==",
        "name": "OpenSSH",
        "version": "8.2p1",
        "category": "Remote Access"
      }
    }
  ],
  "mostRecentSslCertificate": {
    "id": "ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw=="
  },
  "host": {
    "id": "85.13.139.18"
  }
}`

// published are the other examples, as their pages have them.
// https://learn.microsoft.com/graph/api/security-host-get
// https://learn.microsoft.com/graph/api/security-sslcertificate-get
// https://learn.microsoft.com/graph/api/security-hostcomponent-get
var published = []struct{ set, text string }{
	{"hosts", `{
  "@odata.type": "#microsoft.graph.security.hostname",
  "id": "contoso.com",
  "firstSeenDateTime": "2009-09-02T03:29:10.000Z",
  "lastSeenDateTime": "2009-09-02T03:29:10.000Z",
  "registrar": "MarkMonitor Inc.",
  "registrant": "Microsoft Corporation"
}`},
	{"sslCertificates", `{
  "id": "ZmI5NjU1MTUwNWYxZWRiMjRkZDNiMzZmY2ZmZGI3NjU4MzNiODExOA==",
  "firstSeenDateTime": "2023-03-10T01:20:47.000Z",
  "lastSeenDateTime": "2023-04-02T00:00:00.000Z",
  "fingerprint": "fb:96:55:15:05:f1:ed:b2:4d:d3:b3:6f:cf:fd:b7:65:83:3b:81:18",
  "sslVersion": "3",
  "expirationDateTime": "2024-03-03T18:56:17.000Z",
  "issueDateTime": "2023-03-09T18:56:17.000Z",
  "sha1": "fb96551505f1edb24dd3b36fcffdb765833b8118",
  "serialNumber": "1137389559885717770175191329273386705719099773",
  "subject": {
    "commonName": "microsoft.com",
    "address": {
      "city": "Redmond",
      "countryOrRegion": "US",
      "postalCode": null,
      "postOfficeBox": null,
      "state": "WA",
      "street": null
    },
    "email": null,
    "givenName": null,
    "organizationName": "Microsoft Corporation",
    "organizationUnitName": null,
    "serialNumber": null,
    "surname": null,
    "alternateName": [
      "pymes.microsoft.com",
      "mac2.microsoft.com",
      "sponsors.microsoft.com",
      "oemcommunity.microsoft.com",
      "gigjam.microsoft.com",
      "businesscentral.microsoft.com"
    ]
  },
  "issuer": {
    "commonName": "Microsoft Azure TLS Issuing CA 05",
    "address": {
      "city": null,
      "countryOrRegion": "US",
      "postalCode": null,
      "postOfficeBox": null,
      "state": null,
      "street": null
    },
    "email": null,
    "givenName": null,
    "organizationName": "Microsoft Corporation",
    "organizationUnitName": null,
    "serialNumber": null,
    "surname": null,
    "alternateName": []
  }
}`},
	{"hostComponents", `{
  "@odata.type": "#microsoft.graph.security.hostComponent",
  "id": "TWljcm9zb2Z0LUlJUyQkMTAuMCQkU2VydmVyJCRjMS5taWNyb3NvZnQuY29t",
  "firstSeenDateTime": "2023-02-28T00:00:19.644Z",
  "lastSeenDateTime": "2023-03-06T23:58:55.615Z",
  "name": "Microsoft-IIS",
  "version": "10.0",
  "category": "Server",
  "host": {
    "id": "contoso.com"
  }
}`},
}

// referred are what the published hostPort refers to but no page shows. Ids are published, all else is invented to
// agree with them.
var referred = []struct{ set, text string }{
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
}`},
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
}`},
	{"hostComponents", `{
  "id": "T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==",
  "firstSeenDateTime": "2021-05-26T01:05:09.000Z",
  "lastSeenDateTime": "2023-08-09T12:59:13.000Z",
  "name": "OpenSSH",
  "version": "8.2p1",
  "category": "Remote Access",
  "host": {
    "id": "85.13.139.18"
  }
}`},
}

// Ids of the published example of a hostPort, and of the host it belongs to.
const (
	ExamplePortID = "ODUuMTMuMTM5LjE4JCQyMQ=="
	ExampleHostID = "85.13.139.18"
)

// publish puts the published examples, and what they refer to, into the sets.
func (e *Emulator) publish() {
	e.mustPut("hostPorts", publishedHostPort)
	e.sets["hostPorts"].byKey[ExamplePortID].asPaged = true
	for _, row := range published {
		e.mustPut(row.set, row.text)
	}
	for _, row := range referred {
		e.mustPut(row.set, row.text)
	}
}

func (e *Emulator) mustPut(set, text string) {
	if err := e.Put(set, text); err != nil {
		panic("emulator: " + err.Error()) // the text is written here
	}
}
