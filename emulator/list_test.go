package emulator_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
)

// A page is the part of the response to a list that tests read.
type page struct {
	Context string           `json:"@odata.context"`
	Count   *int             `json:"@odata.count"`
	Next    string           `json:"@odata.nextLink"`
	Value   []map[string]any `json:"value"`
}

func (p page) ids() []string {
	ids := []string{}
	for _, it := range p.Value {
		ids = append(ids, it["id"].(string))
	}
	return ids
}

// list requests a page by a path below the API or by a nextLink.
func list(t testing.TB, e *emulator.Emulator, s *emulator.Server, path string) page {
	t.Helper()
	target, absolute := strings.CutPrefix(path, s.URL)
	if !absolute {
		target = ti + encode(path)
	}
	got := fetch(t, s, "GET", target, e.AppToken(), "")
	var p page
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || got.status != 200 {
		t.Fatalf("%s: %d %.300s, %v", path, got.status, got.body, err)
	}
	return p
}

func TestPaging(t *testing.T) {
	e, s := started(t, emulator.WithPageSize(5))
	const path = "hosts/192.0.2.1/passiveDnsReverse"
	whole := e.List(path)
	for query, sizes := range map[string][]int{
		"":                  {5, 5, 5, 5, 5, 5, 1},
		"?$top=12":          {12, 12, 7},
		"?$top=12&$skip=20": {11},
		"?$skip=26":         {5},
		"?$skip=99":         {0},
		"?$top=0":           {0},
		"?$top=100000":      {31},
		"?$top=16&$select=id,recordType&$orderby=firstSeenDateTime%20desc&$filter=recordType%20eq%20'A'": {16, 15},
	} {
		var got []int
		var ids []string
		for next := path + query; next != "" && len(got) < 10; {
			p := list(t, e, s, next)
			got, ids, next = append(got, len(p.Value)), append(ids, p.ids()...), p.Next
			if next != "" && !strings.HasPrefix(next, s.URL+ti+path+"?") {
				t.Errorf("next link %s", next)
			}
			if strings.Contains(query, "$select") && len(p.Value[0]) != 2 {
				t.Errorf("a later page ignores $select: %v", p.Value[0])
			}
		}
		if diff := cmp.Diff(sizes, got); diff != "" {
			t.Errorf("%s: -want +got:\n%s", query, diff)
		}
		if query == "" && !slices.Equal(ids, whole) {
			t.Errorf("%d of %d items", len(ids), len(whole))
		}
	}
}

func TestNextLinkInABatch(t *testing.T) {
	e, s := started(t)
	first := list(t, e, s, "hosts/192.0.2.1/passiveDnsReverse?$top=20&$select=id")
	relative := strings.TrimPrefix(first.Next, s.URL+"/v1.0")
	got := decodeBatch(t, fetch(t, s, "POST", "/v1.0/$batch", e.AppToken(),
		`{"requests":[{"id":"1","method":"GET","url":"`+relative+`"},{"id":"2","method":"GET","url":"/security/threatIntelligence/hosts/192.0.2.1/ports/$count"}]}`).body)
	lone := list(t, e, s, first.Next)
	if len(lone.Value) != 11 || lone.Next != "" {
		t.Errorf("%d items, next %q", len(lone.Value), lone.Next)
	}
	for _, r := range got.Responses {
		var p page
		switch {
		case r.Status != 200:
			t.Errorf("%s: %d %s", r.ID, r.Status, r.Body)
		case r.ID == "2" && string(r.Body) != `"11"`:
			t.Errorf("count %s", r.Body)
		case r.ID == "1":
			if err := json.Unmarshal(r.Body, &p); err != nil || !slices.Equal(p.ids(), lone.ids()) {
				t.Errorf("%s, %v", r.Body, err)
			}
		}
	}
}

func TestSkipTokensCannotBeBuilt(t *testing.T) {
	e, s := started(t)
	next := list(t, e, s, "hosts/192.0.2.1/passiveDnsReverse?$top=20").Next
	_, token, _ := strings.Cut(next, "$skiptoken=")
	again := list(t, e, s, "hosts/192.0.2.1/passiveDnsReverse?$top=20").Next
	if next == again {
		t.Error("two next links are the same")
	}
	for _, path := range []string{
		"hosts/192.0.2.1/passiveDnsReverse?$top=20&$skiptoken=" + strings.ToUpper(token),
		"hosts/192.0.2.1/passiveDnsReverse?$top=19&$skiptoken=" + token,
		"hosts/192.0.2.1/passiveDns?$top=20&$skiptoken=" + token,
		"hosts/198.51.100.1/passiveDnsReverse?$top=20&$skiptoken=" + token,
		"hosts/192.0.2.1/passiveDnsReverse?$top=20&$skiptoken=", "hosts/192.0.2.1/passiveDnsReverse?$top=20&$skiptoken=20",
	} {
		if got := fetch(t, s, "GET", ti+path, e.AppToken(), ""); got.status != 400 {
			t.Errorf("%s: %d", path, got.status)
		} else {
			wantRefusal(t, got.body, "BadRequest", "$skiptoken")
		}
	}
}

func TestCounts(t *testing.T) {
	e, s := started(t, emulator.WithStrictForms(true))
	for path, want := range map[string]int{
		"hosts/192.0.2.1/ports": 11, "hosts/192.0.2.1/hostPairs": 8, "articles": 25, "intelProfiles": 9,
		"hosts/192.0.2.1/hostPairs?$filter=linkKind eq 'redirect'": 2, `sslCertificates?$search="serialNumber:146473198"`: 12,
	} {
		plain, query, _ := strings.Cut(path, "?")
		join := "?$count=true&$top=1&"
		if got := list(t, e, s, plain+join+query); got.Count == nil || *got.Count != want {
			t.Errorf("%s: count %v, want %d", path, got.Count, want)
		}
		got := fetch(t, s, "GET", ti+encode(plain+"/$count?"+query), e.AppToken(), "")
		if want := strings.TrimSpace(jsonOf(want)); got.body != want || got.header.Get("Content-Type") != "text/plain" {
			t.Errorf("%s: %d %s %q, want %s", path, got.status, got.header.Get("Content-Type"), got.body, want)
		}
	}
	if got := list(t, e, s, "hosts/192.0.2.1/ports?$count=false"); got.Count != nil {
		t.Error("@odata.count without $count")
	}
	if got := fetch(t, s, "GET", ti+"hosts/192.0.2.1/ports/$count?$top=1", e.AppToken(), ""); got.status != 400 {
		t.Errorf("$top of a count: %d", got.status)
	}
	documented, ds := started(t, emulator.WithDocumentedForms(true))
	if got := list(t, documented, ds, "hosts/192.0.2.1/ports?$count=true"); got.Count != nil || got.Context != "" {
		t.Errorf("the published examples have neither count nor context: %v", got)
	}
}

func jsonOf(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestListValues checks what the values of list options do, and which are refused.
func TestListValues(t *testing.T) {
	e, s := started(t)
	const pairs, dns = "hosts/192.0.2.1/hostPairs?", "hosts/192.0.2.1/passiveDnsReverse?"
	certificate := e.HuntCertificateIDs()[0]
	var sha struct{ Sha1, Fingerprint string }
	if err := json.Unmarshal([]byte(e.Entity("sslCertificates", certificate)), &sha); err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct {
		name, path string
		items      int    // of the first page
		refused    string // part of the error message; empty: not refused
	}{
		{name: "one value", path: pairs + "$filter=linkKind eq 'script.src'", items: 2},
		{name: "some values", path: pairs + "$filter=linkKind in ('script.src', 'redirect')", items: 4},
		{name: "values without a space", path: pairs + "$filter=linkKind in('script.src','nothing')", items: 2},
		{name: "a child", path: pairs + "$filter=childHost/id eq '192.0.2.1'", items: 4},
		{name: "a parent", path: pairs + "$filter=parentHost/id in ('192.0.2.1')", items: 4},
		{name: "null", path: pairs + "$filter=linkKind eq null", items: 0},
		{name: "an instant", path: pairs + "$filter=firstSeenDateTime eq 2022-01-01T00:00:00Z", items: 0},
		{name: "a type of record", path: dns + "$filter=recordType eq 'CNAME'", items: 0},
		{name: "no such property", path: pairs + "$filter=colour eq 'red'", refused: "Could not find a property named 'colour'"},
		{name: "no such path", path: pairs + "$filter=childHost/netblock eq 'x'", refused: "cannot be used in the $filter"},
		{name: "a property that is not filtered by", path: dns + "$filter=collectedDateTime eq 2022-01-01T00:00:00Z", refused: "cannot be used"},
		{name: "another operator", path: pairs + "$filter=linkKind ne 'redirect'", refused: "Operator 'ne' is not supported"},
		{name: "in where eq alone is", path: dns + "$filter=recordType in ('A')", refused: "Operator 'in' is not supported"},
		{name: "two comparisons", path: pairs + "$filter=linkKind eq 'a' or linkKind eq 'b'", refused: "one comparison"},
		{name: "no closing quote", path: pairs + "$filter=linkKind eq 'a", refused: "unterminated"},
		{name: "an unquoted string", path: pairs + "$filter=linkKind eq redirect", refused: "is no value for property 'linkKind'"},
		{name: "a function", path: pairs + "$filter=startswith(linkKind,'r')", refused: "BadRequest"},
		{name: "a profile's kind", path: "intelProfiles?$filter=kind eq 'tool'", items: 4},
		{name: "sorted by two", path: pairs + "$orderby=firstSeenDateTime desc,lastSeenDateTime asc", items: 8},
		{name: "sorted the wrong way", path: pairs + "$orderby=firstSeenDateTime down", refused: "Syntax error"},
		{name: "sorted by what cannot be sorted", path: pairs + "$orderby=linkKind", refused: "cannot be used in the $orderby"},
		{name: "sorted by nothing known", path: pairs + "$orderby=colour", refused: "named 'colour'"},
		{name: "articles are not sorted", path: "articles?$orderby=createdDateTime", refused: "'OrderBy' is not allowed"},
		{name: "a bad $top", path: pairs + "$top=-1", refused: "non-negative"},
		{name: "a bad $skip", path: pairs + "$skip=many", refused: "non-negative"},
		{name: "a bad $count", path: pairs + "$count=yes", refused: "'true' or 'false'"},
		{name: "a serial number", path: `sslCertificates?$search="serialNumber:146473198"`, items: 12},
		{name: "a subject, in another letter case", path: `sslCertificates?$search="subject/commonName:SAMPLE team server"`, items: 12},
		{name: "an alternate name", path: `sslCertificates?$search="subject/alternateNames:fleet.chain.example"`, items: 1},
		{name: "sha1", path: `sslCertificates?$search="sha1:` + sha.Sha1 + `"`, items: 1},
		{name: "a fingerprint without its colons", path: `sslCertificates?$search="fingerprint:` + sha.Sha1 + `"`, items: 1},
		{name: "a fingerprint with its colons", path: `sslCertificates?$search="fingerprint:` + sha.Fingerprint + `"`, refused: "colons"},
		{name: "a part of a value", path: `sslCertificates?$search="subject/commonName:Sample"`, items: 0},
		{name: "a property that is not searched", path: `sslCertificates?$search="port:443"`, refused: "cannot be searched"},
		{name: "no property", path: `sslCertificates?$search="example"`, refused: "property:value"},
		{name: "no quotes", path: `sslCertificates?$search=serialNumber:146473198`, refused: "double quotes"},
		{name: "two terms", path: `sslCertificates?$search="serialNumber:1" AND "sha1:2"`, refused: "One term"},
		{name: "a state", path: `whoisRecords?$search="admin/address/state:wa"&$top=1000`, items: 18},
		{name: "a name server", path: `whoisRecords?$search="nameservers/host/id:ns1.dns.example"&$top=1000`, items: 26},
		{name: "one word", path: "articles?$search=batloader", items: 1},
		{name: "a vulnerability in articles", path: `articles?$search="CVE-1998-9001"`, items: 4},
		{name: "two words", path: `articles?$search="example report"`, refused: "single term"},
		{name: "a word in profiles", path: "intelProfiles?$search=gamaredon", items: 1},
		{name: "$expand in a list", path: "hosts/192.0.2.1/ports?$expand=host", refused: "ExpandNotSupported"},
		{name: "$select into a reference", path: pairs + "$select=childHost/id", refused: "Parsing OData"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if row.refused == "" {
				if got := list(t, e, s, row.path); len(got.Value) != row.items {
					t.Errorf("%d items, want %d", len(got.Value), row.items)
				}
				return
			}
			got := fetch(t, s, "GET", ti+encode(row.path), e.AppToken(), "")
			if got.status != 400 || !strings.Contains(got.body, strings.ReplaceAll(row.refused, `"`, `\"`)) {
				t.Errorf("%d %s", got.status, got.body)
			}
		})
	}
}

func TestSorting(t *testing.T) {
	e, s := started(t, emulator.WithDocumentedForms(true))
	for path, property := range map[string]string{
		"hosts/192.0.2.1/hostPairs?$orderby=firstSeenDateTime desc":                                 "firstSeenDateTime",
		"hosts/192.0.2.1/sslCertificates?$orderby=lastSeenDateTime desc":                            "lastSeenDateTime",
		`sslCertificates?$search="serialNumber:146473198"&$orderby=lastSeenDateTime desc`:           "lastSeenDateTime",
		"articles?$top=50&$orderby=createdDateTime desc":                                            "createdDateTime",
		"intelProfiles?$top=50&$orderby=title desc":                                                 "title",
		`whoisRecords?$search="admin/address/state:WA"&$orderby=registrationDateTime desc&$top=100`: "registrationDateTime",
	} {
		got := list(t, e, s, path)
		var keys []string
		for _, it := range got.Value {
			key := it[property].(string)
			if strings.HasSuffix(property, "DateTime") {
				key = key[:len("2006-01-02T15:04:05")] // fractions vary
			}
			keys = append(keys, key)
		}
		if len(keys) < 2 || !slices.IsSortedFunc(keys, func(a, b string) int { return strings.Compare(b, a) }) {
			t.Errorf("%s: %q", path, keys)
		}
	}
}

func TestPutList(t *testing.T) {
	e, s := started(t)
	if err := e.Put("hostPorts", `{"id":"a","port":1}`); err != nil {
		t.Fatal(err)
	}
	if err := e.PutList("hosts/192.0.2.1/ports", "a", "unknown", e.PortIDs()[0]); err != nil {
		t.Fatal(err)
	}
	want := []string{"a", e.PortIDs()[0]}
	if got := list(t, e, s, "hosts/192.0.2.1/ports").ids(); !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	e.Remove("hostPorts", "a")
	if got := e.List("hosts/192.0.2.1/ports"); !slices.Equal(got, want[1:]) {
		t.Errorf("after removal: %q", got)
	}
	for _, path := range []string{"hosts/192.0.2.1/colours", "hosts", "hosts/192.0.2.1", "sslCertificates", "articles/$count", ""} {
		if e.PutList(path, "a") == nil {
			t.Errorf("%q was accepted", path)
		}
	}
	_ = e.Put("articles", `{"id":"new","title":"Put"}`)
	_ = e.Put("sslCertificates", `{"id":"new","serialNumber":"146473198"}`)
	if got := list(t, e, s, "articles").ids(); !slices.Contains(got, "new") {
		t.Errorf("articles %q", got)
	}
	if got := list(t, e, s, `sslCertificates?$search="serialNumber:146473198"`).ids(); !slices.Contains(got, "new") {
		t.Errorf("certificates %q", got)
	}
	if got := list(t, e, s, "hosts/"+url.PathEscape("contoso.com")+"/ports"); len(got.Value) != 0 {
		t.Errorf("ports of a host without any: %v", got.Value)
	}
}

func TestRelatedHostsHaveOnlyIDs(t *testing.T) {
	e, s := started(t)
	got := list(t, e, s, "sslCertificates/"+e.HuntCertificateIDs()[0]+"/relatedHosts")
	if !strings.HasSuffix(got.Context, "/v1.0/$metadata#Collection(microsoft.graph.security.host)") {
		t.Errorf("context %s", got.Context)
	}
	for _, host := range got.Value {
		for name, value := range host {
			if (name == "id" || name == "@odata.type") == (value == nil) {
				t.Errorf("%s: %v", name, value)
			}
		}
		if len(host) < 6 {
			t.Errorf("%d members", len(host))
		}
	}
}
