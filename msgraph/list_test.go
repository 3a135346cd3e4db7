package msgraph_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

func TestCollectionReadsPages(t *testing.T) {
	t.Parallel()
	a, b := &port{ID: "a"}, &port{ID: "b"}
	for name, c := range map[string]struct {
		body    string
		want    *msgraph.List[*port]
		invalid []string
	}{
		"a page":                     {`{"value":[{"id":"a"},{"id":"b"}]}`, &msgraph.List[*port]{Items: []*port{a, b}}, nil},
		"annotations and a count":    {`{"@odata.context":"x","@odata.count":7,"@odata.nextLink":"https://x/?y","value":[{"id":"a"}]}`, &msgraph.List[*port]{Items: []*port{a}, Count: ptr(int64(7)), NextLink: "https://x/?y"}, nil},
		"nothing":                    {`{"value":[]}`, &msgraph.List[*port]{Items: []*port{}}, nil},
		"null among others":          {`{"value":[null,{"id":"b"}]}`, &msgraph.List[*port]{Items: []*port{nil, b}}, []string{"value 0"}},
		"an item without an id":      {`{"value":[{"port":1},{"id":"b"}]}`, &msgraph.List[*port]{Items: []*port{nil, b}}, []string{"value 0 id"}},
		"an id that is not a string": {`{"value":[{"id":7},{"id":"b"}]}`, &msgraph.List[*port]{Items: []*port{nil, b}}, []string{"value 0 id"}},
		"an item that is none":       {`{"value":["a",{"id":"b"}]}`, &msgraph.List[*port]{Items: []*port{nil, b}}, []string{"value 0"}},
		"a value that is wrong":      {`{"value":[{"id":"a"},{"id":"b","port":"x"}]}`, &msgraph.List[*port]{Items: []*port{a, b}}, []string{"value 1 port"}},
		"a count that is none":       {`{"@odata.count":"many","value":[{"id":"a"}]}`, &msgraph.List[*port]{Items: []*port{a}}, []string{"@odata.count"}},
		"a link that is none":        {`{"@odata.nextLink":7,"value":[{"id":"a"}]}`, &msgraph.List[*port]{Items: []*port{a}}, []string{"@odata.nextLink"}},
	} {
		got, invalid, err := msgraph.Collection[port]([]byte(c.body), msgraph.Asked{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s, -want +got:\n%s", name, diff)
		}
		var paths []string
		for _, bad := range invalid {
			paths = append(paths, joined(bad.Path))
		}
		if diff := cmp.Diff(c.invalid, paths); diff != "" {
			t.Errorf("%s, invalid -want +got:\n%s", name, diff)
		}
	}
	for _, body := range []string{``, `{}`, `[]`, `null`, `7`, `{"value":null}`, `{"value":{}}`, `{"value":{"id":"a"}}`, `{"value":"x"}`, `{"value":[`, `<html>`, `{"id":"a"}`} {
		got, _, err := msgraph.Collection[port]([]byte(body), msgraph.Asked{})
		if failure, typed := errors.AsType[*msgraph.Error](err); !typed || failure.Kind != msgraph.BadResponse || got != nil {
			t.Errorf("%s: %v, %v", body, got, err)
		}
	}
}

func joined(path []string) (text string) {
	for i, step := range path {
		if i > 0 {
			text += " "
		}
		text += step
	}
	return text
}

func FuzzCollection(f *testing.F) {
	for _, seed := range []string{
		`{"value":[{"id":"a"},null,{"id":7},"x"]}`, `{"value":[]}`, `{"value":{}}`, `{}`, `null`, `[]`, `{"value":[{"id":"a","port":1e99}],"@odata.count":-1}`,
		`{"@odata.nextLink":7,"@odata.count":"1","value":[{"id":"a","banners":[{"timesObserved":"x"}]}]}`, "\xef\xbb\xbf{\"value\":[]}", `{"value":[],"value":[{"id":"a"}]}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		before := bytes.Clone(body)
		got, lost, err := msgraph.Collection[port](body, msgraph.Asked{})
		failure, typed := errors.AsType[*msgraph.Error](err)
		switch {
		case !bytes.Equal(before, body):
			t.Fatal("the body was changed")
		case err != nil && (!typed || failure.Kind != msgraph.BadResponse || got != nil):
			t.Fatalf("got %v with %v", got, err)
		case err != nil:
			return
		case got == nil || got.Items == nil:
			t.Fatal("neither a page nor an error")
		}
		for i, item := range got.Items {
			if item != nil && item.ID == "" {
				t.Fatalf("item %d has no id", i)
			}
		}
		for _, bad := range lost {
			if len(bad.Path) == 0 {
				t.Fatal("a value without a path")
			}
		}
	})
}

// Of a link only the query string is used, and only if the link goes on with the same list.
func TestNextPage(t *testing.T) {
	t.Parallel()
	c, err := msgraph.New("https://graph.example/v1.0")
	if err != nil {
		t.Fatal(err)
	}
	const list = "/security/threatIntelligence/hosts/2001:db8::1/ports"
	const top = "https://graph.example/v1.0/security/threatIntelligence"
	for link, want := range map[string]string{
		"https://graph.example/v1.0" + list + "?$skiptoken=a%20b&$top=2": "$skiptoken=a%20b&$top=2",
		top + "/hosts/2001%3Adb8%3A%3A1/ports?$skiptoken=a":              "$skiptoken=a",
		"https://graph.example/v1.0" + list + "?x#fragment":              "x",
		"https://graph.example/v1.0" + list + "?x=%0d%0aHost:evil":       "x=%0d%0aHost:evil",
		// letter case
		"https://GRAPH.example/v1.0/Security/ThreatIntelligence/Hosts/2001:DB8::1/Ports?x": "x",
		// a key in parentheses
		top + "/hosts('2001:db8::1')/ports?x":                    "x",
		top + "/hosts(%272001%3Adb8%3A%3A1%27)/ports?x":          "x",
		top + "/hosts(id='2001:db8::1')/ports?x":                 "x",
		top + "/hosts(2001:db8::1)/ports?x":                      "x",
		top + "/Hosts('2001:DB8::1')/Ports?x":                    "x",
		top + "/microsoft.graph.security.hosts('other')/ports?x": "",
		top + "/hosts('2001:db8::2')/ports?x":                    "",
		top + "/hosts('2001:db8::1')/x/ports?x":                  "",
		top + "/hosts('2001:db8::1','2001:db8::2')/ports?x":      "",
		top + "/hosts()/ports?x":                                 "",
		// another port, another host, another scheme, a prefix: none of them is requested
		"https://graph.example:444/v1.0" + list + "?x":          "x",
		"https://gateway.example/graph/v1.0" + list + "?x":      "x",
		"https://graph.example@evil.example/v1.0" + list + "?x": "x",
		"http://10.0.0.7:8080" + list + "?x":                    "x",
		"//gateway.example/v1.0" + list + "?x":                  "x",
		"https://graph.example/beta" + list + "?x":              "x",
		// relative
		"/v1.0" + list + "?x": "x", list + "?x": "x", "hosts('2001:db8::1')/ports?x": "x", "ports?x": "x", "?x": "x",
		"hosts('2001:db8::2')/ports?x": "", "components?x": "", "/ports?x": "", "../ports?x": "",
		// what may not stand in a request line
		"?$orderby=port desc&$filter=a eq \"é\"": "$orderby=port%20desc&$filter=a%20eq%20%22%C3%A9%22",
		// nothing to go on with, or something else
		"https://graph.example/v1.0" + list: "", "https://graph.example/v1.0" + list + "?": "", "": "", "#?x": "",
		"https://graph.example/v1.0" + list + "/x?x": "", "https://graph.example/v1.0/users?x": "", "https://graph.example?x": "",
		"https://graph.example/v1.0/security/../users?x": "", "https://graph.example/v1.0" + list + "?x\x7f": "", "?\r\nHost: evil": "",
		"javascript:alert(1)": "", "javascript:alert?x": "",
		// as long as it may be, and longer, also once it is escaped
		"?" + strings.Repeat("x", 8<<10): strings.Repeat("x", 8<<10), "?" + strings.Repeat("x", 8<<10+1): "", "?" + strings.Repeat("é", 2<<10): "",
	} {
		got, ok := c.NextPage(list, link)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", link, got, ok, want)
		}
	}
	for path, link := range map[string]string{
		"/hostPairs/MTky$$x/y":          "https://graph.example/v1.0/hostPairs('MTky$$x')/y?x",
		"/hosts/a%2Fb/ports":            "https://graph.example/v1.0/hosts('a/b')/ports?x",
		"/hosts/a%27b/ports":            "https://graph.example/v1.0/hosts('a''b')/ports?x",
		"/sslCertificates/YWI=/related": "https://graph.example/v1.0/sslCertificates('YWI=')/related?x",
	} {
		if query, ok := c.NextPage(path, link); !ok || query != "x" {
			t.Errorf("%q of %q: %q, %v", link, path, query, ok)
		}
	}
}

func FuzzNextPage(f *testing.F) {
	for _, seed := range []string{"?x", "https://h/v1.0/hosts('a')/ports?$skiptoken=é b", "//?\x00", "hosts(a=b/ports?'", "%zz?%zz", "a:b?c"} {
		f.Add(seed)
	}
	c, err := msgraph.New("https://graph.example/v1.0")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, link string) {
		query, ok := c.NextPage("/hosts/a/ports", link)
		if ok != (query != "") || strings.ContainsFunc(query, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '#' }) {
			t.Errorf("%q: %q, %v", link, query, ok)
		}
	})
}

func TestMapKeepsThePlace(t *testing.T) {
	t.Parallel()
	list := &msgraph.List[int]{Items: []int{1, 0}, Count: ptr(int64(5)), NextLink: "x"}
	want := &msgraph.List[bool]{Items: []bool{true, false}, Count: ptr(int64(5)), NextLink: "x"}
	if diff := cmp.Diff(want, msgraph.Map(list, func(n int) bool { return n > 0 })); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestWhetherALinkLeadsToTheSamePage(t *testing.T) {
	t.Parallel()
	const page = "$select=id,port&$count=true&$top=3&$skip=3"
	for _, row := range []struct {
		what, link string
		want       bool
	}{
		{"the request itself", page, true},
		{"escaped", "%24select=id%2Cport&%24count=true&%24top=3&%24skip=3", true},
		{"with more properties, for another field of the operation", "$select=id,port,status&$expand=x&$top=3&$skip=3", true},
		{"in another order", "$skip=3&$top=3&$select=id,port", true},
		{"the next page", "$select=id,port&$count=true&$top=3&$skip=6", false},
		{"the next page by a token", page + "&$skiptoken=x", false},
		{"a query that cannot be read", "$top=%zz", false},
	} {
		if got := msgraph.SamePage(row.link, page); got != row.want {
			t.Errorf("%s: %v", row.what, got)
		}
	}
}
