package emulator_test

import (
	"strings"
	"testing"
)

// TestPathsAboveTheSets requests what clients that follow the metadata request on their way down.
func TestPathsAboveTheSets(t *testing.T) {
	e, s := started(t)
	at := `{"@odata.context":"` + s.URL + `/v1.0/$metadata`
	for path, want := range map[string]string{
		"/v1.0":                                at + `","value":[{"name":"security","kind":"Singleton","url":"security"}]}`,
		"/v1.0/":                               at + `","value":[{"name":"security","kind":"Singleton","url":"security"}]}`,
		"/v1.0/security":                       at + `#security/$entity"}`,
		"/V1.0/Security/?$select=":             at + `#security/$entity"}`,
		"/v1.0/security/threatIntelligence":    at + `#security/threatIntelligence/$entity","id":"threatIntelligence"}`,
		"/v1.0/security/threatIntelligence/":   at + `#security/threatIntelligence/$entity","id":"threatIntelligence"}`,
		"/v1.0/security/threatIntelligence/?x": at + `#security/threatIntelligence/$entity","id":"threatIntelligence"}`,
	} {
		if got := fetch(t, s, "GET", path, e.AppToken(), ""); got.status != 200 || got.body != want {
			t.Errorf("%s: %d %s, want %s", path, got.status, got.body, want)
		}
	}
	for path, want := range map[string]int{"/v1.0/": 200, "/v1.0/$metadata/": 200, "/v1.0/security": 401} {
		if got := fetch(t, s, "GET", path, "", ""); got.status != want {
			t.Errorf("%s without a token: %d, want %d", path, got.status, want)
		}
	}
}

// TestASlashAtTheEnd checks that a path with a slash at its end is the same as without.
func TestASlashAtTheEnd(t *testing.T) {
	e, s := started(t)
	for path, query := range map[string]string{
		ti + "hosts/192.0.2.1": "", ti + "hosts/192.0.2.1/ports": "?$top=1&$select=port", ti + "hosts('192.0.2.1')/whois": "",
		ti + "articles": "?$count=true&$top=1&$select=title", ti + "hosts/192.0.2.1/ports/$count": "",
		ti + "vulnerabilities/CVE-2021-44228/components": "",
	} {
		a, b := fetch(t, s, "GET", path+query, e.AppToken(), ""), fetch(t, s, "GET", path+"/"+query, e.AppToken(), "")
		cut, _, _ := strings.Cut(a.body, "$skiptoken")
		if a.status != 200 || b.status != 200 || !strings.HasPrefix(b.body, cut) {
			t.Errorf("%s: %d %.200s, with a slash %d %.200s", path, a.status, a.body, b.status, b.body)
		}
	}
	body := batch(item("1", "hosts/192.0.2.1/?$select=id"))
	if got := fetch(t, s, "POST", "/v1.0/$batch/", e.AppToken(), body); got.status != 200 || !strings.Contains(got.body, `"status":200`) {
		t.Errorf("$batch/: %d %s", got.status, got.body)
	}
	for _, path := range []string{"/" + e.Tenant() + "/v2.0/.well-known/openid-configuration/", "/" + e.Tenant() + "/discovery/v2.0/keys/"} {
		if got := fetch(t, s, "GET", path, "", ""); got.status != 200 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
}

// TestUnknownPaths checks which segment an error names. In a batch, Microsoft Graph was seen to return 404.
func TestUnknownPaths(t *testing.T) {
	e, s := started(t)
	for path, segment := range map[string]string{
		"me": "me", "security/alerts_v2": "alerts_v2", "security/alerts_v2/1": "alerts_v2",
		"security/threatIntelligence/colours": "colours", "security/threatIntelligence/hosts/a/b/c": "b",
		"security/threatIntelligence/hosts/a/ports/b": "b", "security/threatIntelligence/hostPorts": "hostPorts",
		"security/threatIntelligence/it%27s": "it's", "security/threatIntelligence/hosts/a/whois/b": "b",
	} {
		got := fetch(t, s, "GET", "/v1.0/"+path, e.AppToken(), "")
		if got.status != 400 {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
		wantRefusal(t, got.body, "BadRequest", "Resource not found for the segment '"+segment+"'.")
	}
	body := batch(item("1", "colours/red"))
	if got := fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body); !strings.Contains(got.body, `"error":{"code":"UnknownError","message":""`) {
		t.Errorf("in a batch: %s", got.body)
	}
}

// TestNoMetadata checks that a client that asks for no metadata gets no annotation but count and nextLink.
func TestNoMetadata(t *testing.T) {
	e, s := started(t)
	const accept = "application/json;odata.metadata=none"
	for path, want := range map[string]string{
		"hosts/contoso.com?$select=id":             `{"id":"contoso.com"}`,
		examplePort + "?$select=id,host":           `{"value":{"id":"ODUuMTMuMTM5LjE4JCQyMQ==","host":{"id":"85.13.139.18"}}}`,
		"hosts/192.0.2.1/ports?$top=1&$count=true": `{"@odata.count":`,
		"hosts/unknown.example":                    `{"error":{"code":"NotFound"`,
	} {
		got := fetch(t, s, "GET", ti+path, e.AppToken(), "", "Accept", accept)
		body := strings.ReplaceAll(strings.ReplaceAll(got.body, "@odata.count", ""), "@odata.nextLink", "")
		if !strings.HasPrefix(got.body, want) || strings.Contains(body, "@odata.") {
			t.Errorf("%s: %s, want %s", path, got.body, want)
		}
		if form := got.header.Get("Content-Type"); !strings.Contains(form, "odata.metadata=none") {
			t.Errorf("%s: Content-Type %s", path, form)
		}
		if strings.Contains(path, "$count") && !strings.Contains(got.body, "@odata.nextLink") {
			t.Errorf("%s: no nextLink in %s", path, got.body)
		}
	}
	body := batch(
		`{"id":"bare","method":"GET","url":"/security/threatIntelligence/hosts/contoso.com?$select=id","headers":{"accept":"`+accept+`"}}`,
		item("full", "hosts/contoso.com?$select=id"))
	answers := decodeBatch(t, fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(), body, "Accept", accept).body)
	for _, a := range answers.Responses {
		if got := string(a.Body); strings.Contains(got, "@odata.") == (a.ID == "bare") {
			t.Errorf("item %s: %s", a.ID, got)
		}
	}
}
