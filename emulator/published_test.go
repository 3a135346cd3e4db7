package emulator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
)

const (
	ti         = "/v1.0/security/threatIntelligence/"
	exampleDir = "world/examples"
)

// examples are the responses on Microsoft's documentation pages, with the requests that get them.
var examples = []struct{ file, url string }{
	{"hostPort.get.json", "hostPorts/ODUuMTMuMTM5LjE4JCQyMQ=="},
	{"host.get.json", "hosts/contoso.com"},
	{"host.reputation.get.json", "hosts/contoso.com/reputation"},
	{"host.whois.get.json", "hosts/contoso.com/whois"},
	{"host.ports.list.json", "hosts/8.8.8.8/ports"},
	{"host.components.list.json", "hosts/contoso.com/components"},
	{"host.cookies.list.json", "hosts/contoso.com/cookies"},
	{"host.trackers.list.json", "hosts/contoso.com/trackers"},
	{"host.subdomains.list.json", "hosts/contoso.com/subdomains"},
	{"host.hostPairs.list.json", "hosts/contoso.com/hostPairs"},
	{"host.childHostPairs.list.json", "hosts/contoso.com/childHostPairs"},
	{"host.parentHostPairs.list.json", "hosts/contoso.com/parentHostPairs"},
	{"host.passiveDns.list.json", "hosts/contoso.com/passiveDns"},
	{"host.passiveDnsReverse.list.json", "hosts/contoso.com/passiveDnsReverse"},
	{"host.sslCertificates.list.json", "hosts/contoso.com/sslCertificates?$count=true&$top=1&$skip=5"},
	{"host.sslCertificates.list.json", "hosts/contoso.com/sslCertificates"},
	{"sslCertificate.get.json", "sslCertificates/ZmI5NjU1MTUwNWYxZWRiMjRkZDNiMzZmY2ZmZGI3NjU4MzNiODExOA=="},
	{"sslCertificate.relatedHosts.list.json", "sslCertificates/ZmI5NjU1MTUwNWYxZWRiMjRkZDNiMzZmY2ZmZGI3NjU4MzNiODExOA==/relatedHosts"},
	{"sslCertificates.list.json", "sslCertificates?$search=%22subject/commonName:microsoft.com%22&$count=true&$top=1"},
	{"hostComponent.get.json", "hostComponents/TWljcm9zb2Z0LUlJUyQkMTAuMCQkU2VydmVyJCRjMS5taWNyb3NvZnQuY29t"},
	{"hostCookie.get.json", "hostCookies/c2VjdXJlbWFpbC5jb250b3NvLmNvbSQkT0lEQyQkc2VjdXJlbWFpbC5jb250b3NvLmNvbQ=="},
	{"hostPair.get.json", "hostPairs/ZmluYWxSZWRpcmVjdCQkY29udG9zby5jb20kJGNvbnRvc28uY29tJCRjb250b3NvLmNvbQ=="},
	{"hostSslCertificate.get.json", "hostSslCertificates/Y29udG9zby5jb20xNTUwMGZiOTY1NTE1MDVmMWVkYjI0ZGQzYjM2ZmNmZmRiNzY1ODMzYjgxMTg="},
	{"hostTracker.get.json", "hostTrackers/Y29udG9zby1hZHZlcnRpc2luZzkyNDEwQ29udG9zb0lkOTI0MTBhYm91dC5hZHMuY29udG9zby5jb20="},
	{"passiveDnsRecord.get.json", "passiveDnsRecords/Y29udG9zby5jb20kJDIwLjEwMy44NS4zMyQkZmFsc2U="},
	{"subdomain.get.json", "subdomains/bG9naW4uY29udG9zby5jb20kJGNvbnRvc28uY29t"},
	{"whoisRecord.get.json", "whoisRecords/Y29udG9zby5jb20kJDY5NjQ3ODEyMDc3NDY1NzI0MzM="},
	{"whoisHistoryRecord.get.json", "whoisHistoryRecords/Y29udG9zby5jb20kJDY5NjQ3ODEyMDc3NDY1NzI0MzM="},
	{"whoisRecord.history.list.json", "whoisRecords/Y29udG9zby5jb20kJDY5NjQ3ODEyMDc3NDY1NzI0MzM=/history"},
	{"whoisRecord.history.list.json", "hosts/contoso.com/whois/history"},
	{"whoisRecords.list.json", "whoisRecords?$search=%22admin/address/state:WA%26$orderby=registrationDateTime%20desc%22"},
	{"article.get.json", "articles/a272d5ab"},
	{"articles.list.json", "articles"},
	{"article.indicators.list.json", "articles/a272d5ab/indicators"},
	{"articleIndicator.get.json", "articleIndicators/ZmFrZS1tYWxpY2lvdXMuc2l0ZQ=="},
	{"intelProfiles.list.json", "intelProfiles"},
	{"intelligenceProfile.get.json", "intelProfiles/9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80"},
	{"intelligenceProfile.indicators.list.json", "intelProfiles/9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80/indicators"},
	{"intelligenceProfileIndicator.get.json", "intelligenceProfileIndicators/ff3eecd2-a2be-27c2-8dc0-40d1c0eada55"},
	{"vulnerability.get.json", "vulnerabilities/cve-2021-44228"},
	{"vulnerability.components.list.json", "vulnerabilities/CVE-2021-44228/components"},
	{"vulnerabilityComponent.get.json", "vulnerabilities/CVE-2021-44228/components/Y3ZlLTIwMjEtNDQyMjg3MTQwOUFwYWNoZSBTb2Z0d2FyZSBGb3VuZGF0aW9uIExvZzRqIDIuMA=="},
}

func TestPublishedExamplesLetterForLetter(t *testing.T) {
	served := map[string]bool{}
	for _, documented := range []bool{true, false} {
		e, s := started(t, emulator.WithDocumentedForms(documented))
		for _, ex := range examples {
			served[ex.file] = true
			got := fetch(t, s, "GET", ti+ex.url, e.AppToken(), "")
			if want := example(t, ex.file); got.status != 200 || got.body != want {
				t.Errorf("%s: status %d, -want +got:\n%s", ex.url, got.status, cmp.Diff(want, got.body))
			}
		}
	}
	files, err := os.ReadDir(exampleDir)
	if err != nil || len(files) != len(served) {
		t.Errorf("%d of %d examples are served: %v", len(served), len(files), err)
	}
}

// TestPublishedExamplesStrictly checks that strict forms serve the same entities without a wrapper and with a context.
func TestPublishedExamplesStrictly(t *testing.T) {
	e, s := started(t, emulator.WithStrictForms(true))
	for _, ex := range examples {
		got := fetch(t, s, "GET", ti+ex.url, e.AppToken(), "")
		base := s.URL + "/v1.0/$metadata#"
		if strings.Contains(ex.file, ".list.") {
			checkStrictList(t, ex.url, got.body, base)
			continue
		}
		want := example(t, ex.file)
		if bare, wrapped := strings.CutPrefix(want, `{"value":{`); wrapped {
			want = "{" + strings.TrimSuffix(bare, "}")
		}
		if !strings.HasPrefix(got.body, `{"@odata.context":"`+base) || withoutContext(got.body) != withoutContext(want) {
			t.Errorf("%s: -want +got:\n%s", ex.url, cmp.Diff(want, got.body))
		}
	}
}

// checkStrictList checks the form of a list: with a context, and with a count if the request has $count=true.
func checkStrictList(t *testing.T, url, body, base string) {
	t.Helper()
	counted := strings.Contains(url, "$count=true")
	if strings.Contains(url, "%26$orderby") {
		if !strings.Contains(body, `"@odata.context"`) {
			t.Errorf("%s: %.200s", url, body)
		}
		return
	}
	if !strings.HasPrefix(body, `{"@odata.context":"`+base) || counted != strings.Contains(body, `"@odata.count":`) {
		t.Errorf("%s: %.300s", url, body)
	}
}

// example reads a published example without white space.
func example(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(exampleDir, file))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
