package queries_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// pasted are ways in which people paste three hosts and a CVE id that the emulator knows, by what is sent upstream.
var pasted = map[string][]string{
	"192.0.2.1": {
		"192.0.2.1", " 192.0.2.1", "192.0.2.1\n", "\u00a0192.0.2.1\u3000", "\u200b192.0.2.1", "192.0.2\u200b.1", "\ufeff192.0.2.1\u200f",
		"192.0.2[.]1", "192[.]0[.]2[.]1", "192(.)0(.)2(.)1", "192{.}0{.}2{.}1", "192[dot]0(DOT)2{dot}1", "192 dot 0 dot 2 dot 1", `192\.0\.2\.1`,
		"192.0.2.1.", "hxxp://192[.]0[.]2[.]1", "hXXps[:]//192.0.2.1/", "http://192.0.2.1", "https[://]192.0.2.1/", "::ffff:192.0.2.1", "[::FFFF:c000:0201]",
		"１９２．０．２．１",
	},
	"www2.example.com": {
		"www2.example.com", "WWW2.EXAMPLE.COM", "Www2.Example.Com.", "www2.example.com。", " www2[.]example[.]com[.] ", "www2[.example.]com", "www2.example[.com]",
		"https://www2.example.com/", "HTTPS://WWW2.EXAMPLE.COM", "hxxps[:]//www2[.]example[.]com[/]", "h**p://www2.example.com/", "ftp://www2.example.com",
		"//www2.example.com/", "www2.\u00adexample\u2060.com", "ｗｗｗ２．ｅｘａｍｐｌｅ．ｃｏｍ",
	},
	"2001:db8::100:3": {
		"2001:db8::100:3", "2001:DB8::100:3", "2001:0db8:0000:0000:0000:0000:0100:0003", "2001:db8:0:0::100:3", "[2001:db8::100:3]", "http://[2001:DB8::100:3]/",
		"2001[:]db8[:][:]100[:]3",
	},
}

// Each way of pasting a host asks for the same host, and the answer has its canonical id: by id, as a node, and by type.
func TestPastedHostsAreOneHost(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	for _, host := range slices.Sorted(maps.Keys(pasted)) {
		want := s.Direct(t, "hosts/"+host)
		if want == nil {
			t.Fatalf("the emulator does not know %s", host)
		}
		for _, text := range pasted[host] {
			a := s.Askf(t, `{ host(id: %[1]s) { id firstSeenDateTime } node(id: %[1]s) { id } led: node(id: %[2]s) { id } _entities(representations: [{__typename: %[3]q, id: %[1]s}]) { ... on Host { id firstSeenDateTime } } }`,
				asJSON(text), asJSON("Host:"+strings.TrimPrefix(text, "//")), typeOf(host))
			a.WantNoErrors(t)
			a.WantCost(t, 1, 1, 1)
			full := fmt.Sprintf(`{"id":%q,"firstSeenDateTime":%q}`, host, servicetest.DateTime(want["firstSeenDateTime"]))
			if got, want := a.Data, fmt.Sprintf(`{"host":%s,"node":{"id":%[2]q},"led":{"id":%[2]q},"_entities":[%[1]s]}`, full, host); got != want {
				t.Errorf("%q: got %s, want %s", text, got, want)
			}
			if got := a.Waves()[0][0]; !strings.HasPrefix(got, "GET /security/threatIntelligence/hosts/"+host+"?") {
				t.Errorf("%q: sent %s", text, got)
			}
		}
	}
}

// Microsoft Graph may spell the id of a host or a vulnerability in another letter case than it was requested by. What is requested below the entity
// does not depend on that, or on whether the id is selected.
func TestAnIDInAnotherLetterCaseIsTheSame(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	for _, row := range []struct{ field, id, spelled, below string }{
		{"host", "www2.example.com", "WWW2.Example.COM", "lastSeenDateTime hostPairs(first: 1) { nodes { id } } whois { id }"},
		{"vulnerability", "CVE-1998-9002", "cve-1998-9002", "severity articles(first: 1) { nodes { id } }"},
	} {
		t.Run(row.field, func(t *testing.T) {
			want := s.Askf(t, "{ %s(id: %q) { id %s } }", row.field, row.id, row.below)
			s.Emulator.Fail(emulator.Patch(row.id+"?", "id", asJSON(row.spelled)))
			got := s.Askf(t, "{ %s(id: %q) { id %s } } # again", row.field, row.id, row.below)
			got.Want(t, want.Data)
			got.WantCost(t, want.Cost.Requests, want.Cost.Items, 1)
		})
	}
}

func typeOf(host string) string {
	if strings.HasPrefix(host, "www") {
		return "Hostname"
	}
	return "IpAddress"
}

func asJSON(text string) string {
	literal, _ := json.Marshal(text) // a JSON string is a GraphQL string
	return string(literal)
}

// All ways of pasting three hosts, in one list: three items, and an answer for each position.
func TestEqualIDsAreOneItem(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	var ids, want []string
	for _, host := range slices.Sorted(maps.Keys(pasted)) {
		for _, text := range pasted[host] {
			ids, want = append(ids, text), append(want, host)
		}
	}
	for _, field := range []string{"hosts", "nodes"} {
		a := s.Send(t, servicetest.Operation{
			Query:     `query($ids: [ID!]!) { ` + field + `(ids: $ids) { id ... on Host { firstSeenDateTime ports(first: 1) { totalCount } } } }`,
			Variables: map[string]any{"ids": ids}, Accept: "application/json",
		})
		a.WantNoErrors(t)
		a.WantCost(t, 1, 6, 1)
		var got []string
		for _, host := range servicetest.Data[map[string][]struct{ ID string }](t, a)[field] {
			got = append(got, host.ID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
}

func TestAnIDWithMoreThanAHostSendsNothing(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	for text, host := range map[string]string{
		"192.0.2.0/24":                           "192.0.2.0",
		"2001:DB8::/32":                          "2001:db8::",
		"192.0.2.1:8080":                         "192.0.2.1",
		"192[.]0[.]2[.]1[:]8080":                 "192.0.2.1",
		"[2001:db8::100:3]:443":                  "2001:db8::100:3",
		"https://www2.example.com/login":         "www2.example.com",
		"hxxps://WWW2[.]example[.]com/a?b=1#c":   "www2.example.com",
		"www2.example.com/login":                 "www2.example.com",
		"https://www2.example.com:443/":          "www2.example.com",
		"https://www2.example.com?x=1":           "www2.example.com",
		"https://user:secret@www2.example.com/":  "www2.example.com",
		"someone@www2.example.com":               "www2.example.com",
		"someone[at]www2[dot]example[dot]com":    "www2.example.com",
		"mailto:someone@www2.example.com":        "www2.example.com",
		"fe80::1%eth0":                           "fe80::1",
		"192.0.2.1, 192.0.2.2":                   "192.0.2.1",
		"“www2.example.com” and www.example.com": "www2.example.com",
		"192.0.2.256":                            "",
		"192.0.2":                                "",
		"192.000.002.001":                        "",
		"www2..example.com":                      "",
		"https://":                               "",
		"\u200b \u00a0":                          "",
	} {
		a := s.Askf(t, `{ host(id: %[1]s) { id firstSeenDateTime } hosts(ids: [%[1]s]) { id ports { totalCount } } _entities(representations: [{__typename: "Hostname", id: %[1]s}]) { ... on Host { id firstSeenDateTime } } }`, asJSON(text))
		a.WantErrors(t, "_entities.0: BAD_ID", "host: BAD_ID", "hosts.0: BAD_ID")
		for _, e := range a.Errors {
			if hint, _ := e.Extensions["hint"].(string); hint != strings.TrimSuffix(fmt.Sprintf("use %q", host), `use ""`) {
				t.Errorf("%q at %v: hint %q, want one for %q", text, e.Path, hint, host)
			}
			if !strings.Contains(e.Message, host) {
				t.Errorf("%q at %v: %q does not name %q", text, e.Path, e.Message, host)
			}
		}
	}
}

func TestPastedCVEs(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	for _, text := range []string{"CVE-2021-44228", "cve-2021-44228", " Cve-2021-44228\u00a0", "CVE\u20112021\u201144228", "\u200bcve-2021-44228"} {
		a := s.Askf(t, `{ vulnerability(id: %[1]s) { id severity } vulnerabilities(ids: [%[1]s, "CVE-2021-44228"]) { id } node(id: %[1]s) { id } led: node(id: %[2]s) { id } }`, asJSON(text), asJSON("Vulnerability:"+text))
		a.WantNoErrors(t)
		a.WantCost(t, 1, 1, 1)
		if strings.Count(a.Data, `"id":"CVE-2021-44228"`) != 5 {
			t.Errorf("%q: %s", text, a.Data)
		}
	}
	a := s.Askf(t, `{ vulnerability(id: "https://example.com/vuln/cve-2021-44228") { id } }`)
	a.WantErrors(t, "vulnerability: BAD_ID")
	if hint := a.Errors[0].Extensions["hint"]; hint != `use "CVE-2021-44228"` {
		t.Errorf("hint %q", hint)
	}
}

// aCertificate is the id and the SHA-1 of a certificate.
func aCertificate(t *testing.T, s *servicetest.Service) (id, sha1 string) {
	t.Helper()
	a := s.Askf(t, `{ sslCertificates(search: { serialNumber: "146473198" }, first: 1) { nodes { id sha1 } } }`)
	a.WantNoErrors(t)
	node := servicetest.Data[map[string]map[string][]struct{ ID, Sha1 string }](t, a)["sslCertificates"]["nodes"][0]
	return node.ID, node.Sha1
}

// wantShown checks that a hash finds its certificate among those of a host, as a condition.
func wantShown(t *testing.T, s *servicetest.Service, id, sha1, text string) {
	t.Helper()
	a := s.Askf(t, `{ sslCertificate(id: %q) { relatedHosts(first: 1) { nodes { sslCertificates(where: { sha1: [%q] }) { nodes { sslCertificate { sha1 } } } } } } }`, id, text)
	a.WantNoErrors(t)
	if !strings.Contains(a.Data, sha1) {
		t.Errorf("%q: %s", text, a.Data)
	}
}

// A fingerprint finds its certificate however it is written. An id of a certificate stays letter for letter.
func TestPastedFingerprints(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	id, sha1 := aCertificate(t, s)
	var pairs []string
	for i := 0; i < len(sha1); i += 2 {
		pairs = append(pairs, sha1[i:i+2])
	}
	for _, text := range []string{
		sha1, strings.ToUpper(sha1), strings.Join(pairs, ":"), strings.ToUpper(strings.Join(pairs, ":")), strings.Join(pairs, " "), strings.Join(pairs, "-"),
		"\u200e" + sha1, " " + sha1 + "\n", "SHA1 Fingerprint=" + strings.ToUpper(strings.Join(pairs, ":")),
	} {
		a := s.Askf(t, `{ sslCertificates(search: { sha1: %s }) { nodes { id sha1 } } }`, asJSON(text))
		a.WantNoErrors(t)
		if got := a.Waves()[0][0]; !strings.Contains(got, "sha1:"+sha1) || !strings.Contains(a.Data, sha1) {
			t.Errorf("%q: sent %s, got %s", text, got, a.Data)
		}
	}
	wantShown(t, s, id, sha1, strings.ToUpper(strings.Join(pairs, ":")))
	for _, text := range []string{id, " " + id} {
		if a := s.Askf(t, `{ sslCertificate(id: %s) { id sha1 } }`, asJSON(text)); !strings.Contains(a.Data, sha1) {
			t.Errorf("%q: got %s", text, a.Data)
		}
	}
	for _, text := range []string{strings.ToLower(id), strings.ToUpper(id)} {
		if a := s.Askf(t, `{ sslCertificate(id: %s) { id sha1 } }`, asJSON(text)); a.Data != `{"sslCertificate":null}` {
			t.Errorf("%q: got %s", text, a.Data)
		}
	}
}

// A name server is a host, in a search too.
func TestPastedNameServers(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	plain := s.Askf(t, `{ whoisRecords(search: { nameserver: "ns1.example.com" }) { nodes { id } } }`)
	odd := s.Askf(t, `{ whoisRecords(search: { nameserver: " NS1[.]Example[.]com." }) { nodes { id } } }`)
	odd.WantNoErrors(t)
	if odd.Data != plain.Data || odd.Waves()[0][0] != plain.Waves()[0][0] {
		t.Errorf("got %s by %s, want %s by %s", odd.Data, odd.Waves()[0][0], plain.Data, plain.Waves()[0][0])
	}
	refused := s.Askf(t, `{ whoisRecords(search: { nameserver: "ns1.example.com:53" }) { nodes { id } } }`)
	refused.WantErrors(t, "whoisRecords: BAD_ID")
}
