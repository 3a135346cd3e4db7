package emulator_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
)

const ti = "/v1.0/security/threatIntelligence/"

// examples are the answers that Microsoft's pages publish.
var examples = []struct{ file, url string }{
	{"hostPort.get.json", "hostPorts/ODUuMTMuMTM5LjE4JCQyMQ=="},
	{"host.get.json", "hosts/contoso.com"},
	{"sslCertificate.get.json", "sslCertificates/ZmI5NjU1MTUwNWYxZWRiMjRkZDNiMzZmY2ZmZGI3NjU4MzNiODExOA=="},
	{"hostComponent.get.json", "hostComponents/TWljcm9zb2Z0LUlJUyQkMTAuMCQkU2VydmVyJCRjMS5taWNyb3NvZnQuY29t"},
}

func TestPublishedExamplesLetterForLetter(t *testing.T) {
	e, s := started(t, emulator.WithDocumentedForms(true))
	for _, ex := range examples {
		got := fetch(t, s, "GET", ti+ex.url, e.AppToken(), "")
		if want := example(t, ex.file); got.status != 200 || got.body != want {
			t.Errorf("%s: status %d, -want +got:\n%s", ex.url, got.status, cmp.Diff(want, got.body))
		}
	}
}

func TestPublishedExamplesByDefault(t *testing.T) {
	e, s := started(t)
	for i, ex := range examples {
		got := fetch(t, s, "GET", ti+ex.url, e.AppToken(), "")
		want := example(t, ex.file)
		if i > 0 { // bare, and with a context
			if bare, wrapped := strings.CutPrefix(want, `{"value":`); wrapped {
				want = strings.TrimSuffix(bare, "}")
			}
			set, _ := path.Split(ex.url)
			want = `{"@odata.context":"` + s.URL + "/v1.0/$metadata#security/threatIntelligence/" + set + `$entity",` + want[1:]
		}
		if got.body != want {
			t.Errorf("%s: -want +got:\n%s", ex.url, cmp.Diff(want, got.body))
		}
	}
}

func TestPublishedReferencesExist(t *testing.T) {
	e, s := started(t)
	for _, url := range []string{
		"hosts/85.13.139.18",
		"sslCertificates/ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw==",
		"hostComponents/T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==",
	} {
		if got := fetch(t, s, "GET", ti+url, e.AppToken(), ""); got.status != 200 {
			t.Errorf("%s: %d %s", url, got.status, got.body)
		}
	}
}

// example reads a published example without its white space.
func example(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(path.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := json.Compact(&out, text); err != nil {
		t.Fatal(err)
	}
	return out.String()
}
