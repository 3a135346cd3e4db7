package threatintel_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
	"portico/threatintel"
)

func TestRequestsAreTheDocumentedPaths(t *testing.T) {
	query := msgraph.Query{Select: msgraph.NamesOf("status", "port")}
	for _, c := range []struct {
		what   string
		lookup msgraph.Lookup
		want   string
	}{
		{
			"a port", threatintel.HostPortByID("ODUuMTMuMTM5LjE4JCQyMQ==", query).Lookup,
			"/security/threatIntelligence/hostPorts/ODUuMTMuMTM5LjE4JCQyMQ==?$select=id,port,status",
		},
		{
			"a host", threatintel.HostByID("contoso.com", msgraph.Query{}).Lookup,
			"/security/threatIntelligence/hosts/contoso.com?$select=id",
		},
		{
			"a component", threatintel.HostComponentByID("T3BlblNTSA==", msgraph.Query{}).Lookup,
			"/security/threatIntelligence/hostComponents/T3BlblNTSA==?$select=id",
		},
		{
			"a certificate", threatintel.SSLCertificateByID("ZDg5ZTNi", msgraph.Query{}).Lookup,
			"/security/threatIntelligence/sslCertificates/ZDg5ZTNi?$select=id",
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := c.lookup.URL(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestAnyIDIsOneEscapedSegment(t *testing.T) {
	const path = "/security/threatIntelligence/hosts/"
	for _, c := range []struct{ what, id, want string }{
		{"steps up the path", "../../users", "..%2F..%2Fusers"},
		{"a step up alone", "..", "%2E%2E"},
		{"a step nowhere", ".", "%2E"},
		{"an escape is escaped", "%2e%2e", "%252e%252e"},
		{"a slash", "a/b", "a%2Fb"},
		{"a query", "?$expand=*", "%3F$expand=%2A"},
		{"a fragment", "#", "%23"},
		{"a plus of base64", "a+b/c==", "a%2Bb%2Fc=="},
		{"a quote", "o'neill", "o%27neill"},
		{"a brace", "{", "%7B"},
		{"an emoji", "😀", "%F0%9F%98%80"},
		{"an IPv6 address", "2001:db8::1", "2001:db8::1"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := threatintel.HostByID(c.id, msgraph.Query{}).Path; got != path+c.want {
				t.Errorf("got %s, want %s", got, path+c.want)
			}
		})
	}
}

func TestCheckID(t *testing.T) {
	long := make([]byte, 10_000)
	for i := range long {
		long[i] = 'a'
	}
	for _, c := range []struct{ what, id, want string }{
		{"a host name passes", "contoso.com", ""},
		{"what only looks wrong passes, and is escaped", "../../users", ""},
		{"empty", "", "The id is empty."},
		{"ten thousand bytes", string(long), "The id has 10000 bytes; the maximum is 1024."},
		{"NUL", "a\x00b", "The id contains a control character."},
		{"CR LF", "a\r\nHost: evil", "The id contains a control character."},
		{"half a rune", "a\xff", "The id is not valid UTF-8."},
	} {
		t.Run(c.what, func(t *testing.T) {
			var got string
			if err := threatintel.CheckID(c.id); err != nil {
				got = err.Error()
			}
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestHostOfPortIsStrict(t *testing.T) {
	for _, c := range []struct{ what, id, want string }{
		{"the published example", "ODUuMTMuMTM5LjE4JCQyMQ==", "85.13.139.18"},
		{"a host name", "d3d3LmV4YW1wbGUuY29tJCQ0NDM=", "www.example.com"},
		{"an IPv6 address", "MjAwMTpkYjg6OjEkJDQ0Mw==", "2001:db8::1"},
		{"the other published form", "tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao", ""},
		{"no padding", "ODUuMTMuMTM5LjE4JCQyMQ", ""},
		{"stray bits in the padding", "ODUuMTMuMTM5LjE4JCQyMR==", ""},
		{"no port", "ODUuMTMuMTM5LjE4", ""},
		{"a port with a zero in front", "ODUuMTMuMTM5LjE4JCQwMjE=", ""},
		{"a port above 65535", "ODUuMTMuMTM5LjE4JCQ3MDAwMA==", ""},
		{"an empty host", "JCQyMQ==", ""},
		{"a path instead of a host", "Li4vdXNlcnMkJDIx", ""},
		{"a word instead of a host", "bm93aGVyZSQkMQ==", ""},
		{"plain text", "85.13.139.18$$21", ""},
	} {
		t.Run(c.what, func(t *testing.T) {
			if got := threatintel.HostOfPort(c.id); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func FuzzHostOfPort(f *testing.F) {
	f.Add("ODUuMTMuMTM5LjE4JCQyMQ==")
	f.Add("JCQ=")
	f.Fuzz(func(t *testing.T, id string) {
		host := threatintel.HostOfPort(id)
		if host != "" && (threatintel.CheckID(host) != nil || !strings.ContainsAny(host, ".:")) {
			t.Errorf("%q predicts %q, which is not a host", id, host)
		}
	})
}

func TestHostsAreWhatTheirIDIs(t *testing.T) {
	for _, c := range []struct {
		what, id, body string
		want           threatintel.Host
	}{
		{
			"an address that is declared a host name", "192.0.2.7",
			`{"@odata.type":"#microsoft.graph.security.hostname","id":"192.0.2.7"}`,
			&threatintel.IPAddress{ID: "192.0.2.7"},
		},
		{
			"a name whose type is spelled otherwise", "contoso.com",
			`{"@odata.type":"#microsoft.graph.security.hostName","id":"contoso.com"}`,
			&threatintel.Hostname{ID: "contoso.com"},
		},
		{"an address without a type", "2001:db8::1", `{"id":"2001:db8::1"}`, &threatintel.IPAddress{ID: "2001:db8::1"}},
		{"a name that starts like an address", "192.0.2.example", `{"id":"192.0.2.example"}`, &threatintel.Hostname{ID: "192.0.2.example"}},
		{"none", "contoso.com", `{"value":null}`, nil},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, invalid, err := threatintel.HostByID(c.id, msgraph.Query{}).Decode([]byte(c.body), msgraph.Asked{})
			if err != nil || len(invalid) > 0 {
				t.Fatal(invalid, err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReferences(t *testing.T) {
	port, _, err := threatintel.HostPortByID("x", msgraph.Query{}).Decode([]byte(`{"id": "x", "host": {"id": "192.0.2.7"},
		"services": [{"component": {"id": "a"}}, {"component": null}, null, {}, {"component": {"id": "b"}}]}`), msgraph.Asked{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what string
		path []string
		want []threatintel.Reference
	}{
		{"a navigation property", []string{"host"}, []threatintel.Reference{{ID: "192.0.2.7"}}},
		{"one inside a collection, with gaps", []string{"services", "component"}, []threatintel.Reference{{ID: "a"}, {ID: "b"}}},
		{"one that is null", []string{"mostRecentSslCertificate"}, nil},
		{"one that is not there", []string{"nothing"}, nil},
		{"the entity itself", nil, []threatintel.Reference{{ID: "x"}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			if diff := cmp.Diff(c.want, threatintel.References(port, c.path...)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
