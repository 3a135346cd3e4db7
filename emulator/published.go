package emulator

import (
	"bytes"
	"embed"
	"encoding/json"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Examples are the answers that Microsoft's pages publish, as they stand there but for a trailing comma.
// https://learn.microsoft.com/graph/api/resources/security-api-overview
//
//go:embed examples/*.json
var exampleFiles embed.FS

// Ids of the published example of a hostPort, and of the host it belongs to.
const (
	ExamplePortID = "ODUuMTMuMTM5LjE4JCQyMQ=="
	ExampleHostID = "85.13.139.18"
)

// Ids of other published examples.
const (
	exampleCertID    = "ZmI5NjU1MTUwNWYxZWRiMjRkZDNiMzZmY2ZmZGI3NjU4MzNiODExOA=="
	exampleWhoisID   = "Y29udG9zby5jb20kJDY5NjQ3ODEyMDc3NDY1NzI0MzM="
	exampleProfileID = "9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80"
	exampleVulnID    = "CVE-2021-44228"
)

// An example is one published answer: its file, the requests that it answers, and the set that its entities are of.
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
	// Asked for by the text that its name and its parent's give, answered with a GUID: the page has both.
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
	// Its page asks for one host and shows another's port.
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

// publish puts the published examples, and what they refer to, into sets and lists.
func (e *Emulator) publish() {
	e.canned.byURL = map[string][]byte{}
	for _, ex := range entityExamples {
		p := e.endpoint(ex.set)
		en := publishedEntity(p, unwrapped(ex.text()))
		for _, url := range ex.urls {
			key := url[strings.LastIndexByte(url, '/')+1:]
			e.sets[p.set].byKey[key] = en
		}
		e.sets[p.set].byKey[en.id] = en
		en.asPaged = en.id == ExamplePortID
	}
	for _, ex := range listExamples {
		e.publishList(ex)
	}
	e.refer()
	for _, ex := range slices.Concat(entityExamples, listExamples) {
		e.publishAnswer(ex)
	}
}

// publishList puts what an example of a list shows into the lists that it answers for. What it shows may differ from
// what the entity's own page shows.
func (e *Emulator) publishList(ex example) {
	p := e.endpoint(ex.set)
	for _, url := range ex.urls {
		at, ok := e.routeSegments(url)
		if !ok || at.row.needsSearch() {
			continue
		}
		var items []listItem
		for _, text := range itemsOf(ex.text()) {
			en := publishedEntity(p, text)
			kept := e.sets[p.set].offer(en.id, en)
			it := listItem{key: en.id}
			if !bytes.Equal(kept.raw, en.raw) {
				it.own = en
			}
			items = append(items, it)
		}
		others, _ := e.lists.find(at.row, at.key) // the generated articles and profiles
		e.lists.put(at.row, at.key, append(items, others...), false)
	}
}

// publishAnswer keeps an example as the answer to its requests.
func (e *Emulator) publishAnswer(ex example) {
	for _, url := range ex.urls {
		path, query, asked := strings.Cut(url, "?")
		at, ok := e.route(root + path)
		if !ok {
			panic("emulator: no such path: " + url) // it is written here
		}
		key := at.row.path(at.key)
		if asked {
			key += "?" + query
		}
		e.canned.byURL[key] = ex.text()
	}
}

// text returns the example without white space.
func (ex example) text() []byte {
	text, err := exampleFiles.ReadFile("examples/" + ex.file + ".json")
	var out bytes.Buffer
	if err == nil {
		err = json.Compact(&out, text)
	}
	if err != nil {
		panic("emulator: reading example: " + err.Error()) // it is a part of the program
	}
	return out.Bytes()
}

func publishedEntity(p *endpoint, text jsontext.Value) *entity {
	en, err := newEntity(p, patchObject(text, []string{"@odata.context"}, ""))
	if err != nil {
		panic("emulator: " + err.Error()) // the text is a part of the program
	}
	return en
}

// unwrapped takes the one member of {"value":{…}} out.
func unwrapped(text []byte) jsontext.Value {
	inner := jsontext.Value(text)
	_ = eachMember(text, func(name string, v jsontext.Value) error { // it was compacted before
		if name == "value" && v.Kind() == '{' {
			inner = v
		}
		return nil
	})
	return inner
}

// itemsOf returns the elements of "value", or the text itself where it is no list.
func itemsOf(text []byte) []jsontext.Value {
	items := []jsontext.Value{text}
	_ = eachMember(text, func(name string, v jsontext.Value) error { // it was compacted before
		if name == "value" && v.Kind() == '[' {
			items = elements(v)
		}
		return nil
	})
	return items
}

// elements returns the elements of a JSON array; none where it is no array.
func elements(array jsontext.Value) []jsontext.Value {
	var values []jsontext.Value
	d := jsontext.NewDecoder(bytes.NewReader(array))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return nil
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil
		}
		values = append(values, v.Clone())
	}
	return values
}
