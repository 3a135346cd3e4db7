package odata_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"portico/emulator/odata"
)

// FuzzParse checks for every endpoint that a query string is parsed or refused with 400, and that its encoded form means
// the same.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"$select=id,port", "$expand=mostRecentSslCertificate", "%24select=%zz", "$select=,&&=", "$top=0&$skip=1&$count=true",
		"$filter=linkKind in ('a','b''c')", "$filter=firstSeenDateTime eq 2020-01-01T00:00:00Z", "$orderby=title desc",
		`$search="subject/commonName:x"`, "$search=word", "$skiptoken=x", "$filter=id eq", "$filter=linkKind in (null,)",
	} {
		f.Add(seed)
	}
	m := odata.NewModel(true)
	f.Fuzz(func(t *testing.T, raw string) {
		for _, owner := range append(m.SetNames(), "") {
			for _, e := range m.Below(owner) {
				q, err := odata.Parse(e, raw, odata.Rules{})
				if err != nil {
					if err.Status != 400 || err.Code == "" || err.Message == "" {
						t.Errorf("%s: %+v", e.Name, err)
					}
					continue
				}
				again, err := odata.Parse(e, q.Text, odata.Rules{})
				if err != nil || again.Text != q.Text || again.Context != q.Context {
					t.Errorf("%s: %q was encoded as %q, which means %+v, %+v", e.Name, raw, q.Text, again, err)
				}
			}
		}
	})
}

// FuzzRoute checks that the path of a resource leads to the same resource, and that one slash at the end changes
// nothing.
func FuzzRoute(f *testing.F) {
	for _, seed := range []string{
		"hosts/192.0.2.1", "hosts('192.0.2.1')/ports", "articles", "articles/$count", "hosts/a%2Fb/whois/history",
		"vulnerabilities/cve-1/components/x", "hosts('a''b')", "HOSTS/x/PORTS/$count", "hosts/$count", "hosts//", "hosts/('",
	} {
		f.Add(seed)
	}
	m := odata.NewModel(false)
	f.Fuzz(func(t *testing.T, path string) {
		if strings.ContainsAny(path, "?#") {
			t.Skip("not a path")
		}
		at, ok := m.Route("/" + odata.Root + path)
		if !ok || at.List != nil {
			return
		}
		again, ok := m.Route(at.Path())
		if !ok || again.Endpoint != at.Endpoint || again.Key != at.Key {
			t.Errorf("%q leads to %s, which leads to %+v", path, at.Path(), again)
		}
		slashed, ok := m.Route("/" + odata.Root + path + "/")
		if !strings.HasSuffix(path, "/") && (!ok || slashed.Endpoint != at.Endpoint || slashed.Key != at.Key) {
			t.Errorf("%q with a slash leads to %+v", path, slashed)
		}
	})
}

// FuzzWithoutAnnotations checks that a body without annotations is JSON, and that there is nothing more to leave out.
func FuzzWithoutAnnotations(f *testing.F) {
	for _, seed := range []string{
		`{"@odata.context":"x","value":[{"@odata.type":"y","id":"a"},1.50,"@odata.type",null]}`, `[]`, `{"a@odata.b":{},"@odata.count":1}`,
		`{"\u0040odata.type":"x","a":"\ud83d"}`, `{"a":1,"a":2}`, ` {"a" : [ ] } `, `{"@odata.nextLink":"z"`, `"x"`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		if !json.Valid([]byte(body)) {
			t.Skip("not JSON")
		}
		bare := odata.WithoutAnnotations([]byte(body))
		if !json.Valid(bare) {
			t.Fatalf("%q became %q", body, bare)
		}
		if again := odata.WithoutAnnotations(bare); !bytes.Equal(again, bare) {
			t.Errorf("%q became %q, and then %q", body, bare, again)
		}
	})
}
