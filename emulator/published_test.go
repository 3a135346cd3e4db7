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
	"portico/emulator/world"
)

const (
	ti         = "/v1.0/security/threatIntelligence/"
	exampleDir = "world/examples"
)

// examples are requests with query strings, or in another spelling than that of the page.
var examples = []published{
	{"host.sslCertificates.list.json", "hosts/contoso.com/sslCertificates?$count=true&$top=1&$skip=5"},
	{"sslCertificates.list.json", "sslCertificates?$search=%22subject/commonName:microsoft.com%22&$count=true&$top=1"},
	{"whoisRecords.list.json", "whoisRecords?$search=%22admin/address/state:WA%26$orderby=registrationDateTime%20desc%22"},
	{"vulnerability.get.json", "vulnerabilities/cve-2021-44228"},
	{"sslCertificates.list.json", "sslCertificates?$top=1&$count=true&$search=%22subject/commonName:microsoft.com%22"},
}

// split is the published request for WHOIS records as client libraries split it: it has an ampersand in a value.
var split = published{
	"whoisRecords.list.json", "whoisRecords?$orderby=registrationDateTime%20desc%22&$search=%22admin/address/state:WA",
}

// A published example is a file with a request that it is the response to.
type published struct{ file, url string }

// registered returns the published examples with those requests of their documentation pages that have no query string.
func registered() []published {
	var all []published
	for file, urls := range world.Examples() {
		for _, u := range urls {
			if !strings.Contains(u, "?") {
				all = append(all, published{file, u})
			}
		}
	}
	return all
}

func TestPublishedExamplesLetterForLetter(t *testing.T) {
	served := map[string]bool{}
	for _, documented := range []bool{true, false} {
		e, s := started(t, emulator.WithDocumentedForms(documented))
		for _, ex := range append(registered(), append(examples, split)...) {
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
	for _, ex := range append(registered(), examples...) {
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
