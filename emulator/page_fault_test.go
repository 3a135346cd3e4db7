package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"portico/emulator"
)

func TestPageFaults(t *testing.T) {
	e, s := started(t)
	const path = "hosts/192.0.2.1/passiveDnsReverse?$top=20&$select=id"
	want := e.List("hosts/192.0.2.1/passiveDnsReverse")

	e.Fail(emulator.NextLinkLoop().Matching("passiveDnsReverse"))
	if got := list(t, e, s, path); got.Next != s.URL+ti+path || len(got.Value) != 20 {
		t.Errorf("a loop: %d items, %s", len(got.Value), got.Next)
	}
	e.Fail(emulator.NextLinkTo("https://graph.example"))
	if got := list(t, e, s, path); !strings.HasPrefix(got.Next, "https://graph.example"+ti+"hosts/192.0.2.1/passiveDnsReverse?$top=20") {
		t.Errorf("another server: %s", got.Next)
	}
	e.Fail(emulator.EmptyPage().Times(2))
	ids, sizes := []string{}, []int{}
	for next := path; next != "" && len(sizes) < 9; {
		p := list(t, e, s, next)
		if p.Next == s.URL+ti+path {
			t.Error("an empty page leads to itself")
		}
		ids, sizes, next = append(ids, p.ids()...), append(sizes, len(p.Value)), p.Next
	}
	if !slices.Equal(sizes, []int{0, 0, 20, 11}) || !slices.Equal(ids, want) {
		t.Errorf("after empty pages: %v, %d ids", sizes, len(ids))
	}
	e.Fail(emulator.EmptyPage().On(emulator.Item))
	got := decodeBatch(t, fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), batch(item("1", path))).body)
	if body := string(got.Responses[0].Body); !strings.Contains(body, `"value":[],"@odata.nextLink"`) {
		t.Errorf("in a batch: %s", body)
	}
	e.Fail(emulator.EmptyPage())
	if got := list(t, e, s, "articles"); got.Next == "" || len(got.Value) != 0 {
		t.Errorf("a published list: %v", got)
	}
}

// A nextLink in another form has the same query string.
func TestNextLinkForms(t *testing.T) {
	e, s := started(t)
	const path = "hosts/192.0.2.1/passiveDnsReverse?$top=20&$select=id"
	for form, want := range map[string]string{
		emulator.LinkParentheses: s.URL + ti + "hosts('192.0.2.1')/passiveDnsReverse",
		emulator.LinkCase:        s.URL + strings.ToUpper(ti) + "HOSTS/192.0.2.1/PASSIVEDNSREVERSE",
		emulator.LinkPort:        "https://graph.microsoft.com:8443" + ti + "hosts/192.0.2.1/passiveDnsReverse",
		emulator.LinkGateway:     "https://gateway.example/graph" + ti + "hosts/192.0.2.1/passiveDnsReverse",
		emulator.LinkPath:        ti + "hosts/192.0.2.1/passiveDnsReverse",
		emulator.LinkRelative:    "hosts('192.0.2.1')/passiveDnsReverse",
		emulator.LinkQuery:       "",
	} {
		e.Fail(emulator.NextLinkForm(form))
		if got := list(t, e, s, path); !strings.HasPrefix(got.Next, want+"?$top=20&$select=id&$skiptoken=") {
			t.Errorf("%s: %s, want %s", form, got.Next, want)
		}
	}
}

func TestPartialResponse(t *testing.T) {
	e, s := started(t)
	e.Fail(emulator.Partial(`199 - "graph.example/504/10000"`))
	got := fetch(t, s, "GET", ti+"hosts/192.0.2.1/ports", e.AppToken(), "")
	if got.status != 206 || got.header.Get("Warning") != `199 - "graph.example/504/10000"` || !strings.Contains(got.body, `"value":[{`) {
		t.Errorf("%d %v %s", got.status, got.header, got.body)
	}
}

// FuzzList checks that the response of a list to all options is JSON with 200 or 400, or a count as text.
func FuzzList(f *testing.F) {
	for _, seed := range []string{
		"$filter=linkKind eq 'a'", "$filter=childHost/id in ('x','''y')", "$filter=firstSeenDateTime eq 2022-05-11T01:27:14.187Z",
		"$orderby=firstSeenDateTime desc, lastSeenDateTime", "$top=1&$skip=2&$count=true", "$skiptoken=AAAA", "$search=\"sha1:x\"",
		"$search=\"subject/commonName:microsoft.com\"", "$search=one", "$filter=recordType eq 'A'", "$filter=in(", "$filter=linkKind in('a'",
		"$filter=kind eq null", "$orderby=title,title desc", "$select=id&$expand=mostRecentSslCertificate", "$top=9999999999999999999",
	} {
		f.Add(seed)
	}
	e := emulator.New(emulator.WithWorld(12), emulator.WithRequestLog(false))
	ask := caller(e)
	f.Fuzz(func(t *testing.T, query string) {
		if strings.ContainsAny(query, "#\r\n\x00") {
			t.Skip("no query string")
		}
		query = strings.ReplaceAll(query, " ", "%20")
		for _, path := range []string{
			"hosts/192.0.2.1/hostPairs", "hosts/192.0.2.1/passiveDnsReverse", "sslCertificates", "whoisRecords", "articles",
			"intelProfiles", "hosts/192.0.2.1/ports", "hosts/192.0.2.1/hostPairs/$count",
		} {
			w := ask(ti + path + "?" + query)
			if w.Code != 200 && w.Code != 400 || !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: %d %s", path, w.Code, w.Body)
			}
		}
	})
}

// FuzzPath checks that the response to every path is JSON, and never a server error.
func FuzzPath(f *testing.F) {
	for _, seed := range []string{
		"hosts('a')/ports", "hosts/%2F/ports/$count", "hosts('')", "vulnerabilities/x/components('y')", "hosts/a/whois/history/b",
		"sslCertificates/x/relatedHosts", "$count", "articles/$count", "hostTrackers/OTI0MTA5MjQxMA==", "hosts(')/(')/(''", "%",
	} {
		f.Add(seed)
	}
	e := emulator.New(emulator.WithWorld(3), emulator.WithRequestLog(false))
	token := "Bearer " + e.AppToken()
	f.Fuzz(func(t *testing.T, path string) {
		if strings.ContainsAny(path, "#?\r\n \x00") {
			t.Skip("no path")
		}
		r := httptest.NewRequest(http.MethodGet, "/v1.0/x", nil)
		r.RequestURI = ti + path
		r.Header.Set("Authorization", token)
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if w.Code != 200 && w.Code != 400 && w.Code != 404 || !json.Valid(w.Body.Bytes()) {
			t.Errorf("%d %s", w.Code, w.Body)
		}
	})
}
