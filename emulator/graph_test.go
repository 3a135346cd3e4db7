package emulator_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
)

const (
	examplePort = "hostPorts/ODUuMTMuMTM5LjE4JCQyMQ%3D%3D"
	exampleCert = "sslCertificates/ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw=="
	exampleComp = "hostComponents/T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA=="

	parsing = "Parsing OData Select and Expand failed: "
)

// TestSpecification has one row for each rule on Microsoft Graph's pages. A row with status 200 has the body without
// @odata.context; any other row has the code and a part of the message.
func TestSpecification(t *testing.T) {
	rows := []struct {
		name   string
		url    string
		status int
		want   string // body, or part of the message
		code   string
	}{
		// $select and $expand of a hostPort
		{
			name: "scalars alone", url: examplePort + "?$select=id,port,status", status: 200,
			want: `{"value":{"@odata.type":"#microsoft.graph.security.hostPort","id":"ODUuMTMuMTM5LjE4JCQyMQ==","port":21,"status":"open"}}`,
		},
		{
			name: "an impossible date stays as published", url: examplePort + "?$select=firstSeenDateTime", status: 200,
			want: `{"value":{"@odata.type":"#microsoft.graph.security.hostPort","firstSeenDateTime":"2016-17-13T08:43:41.00Z"}}`,
		},
		{
			name: "references by $select", url: examplePort + "?$select=host,mostRecentSslCertificate", status: 200,
			want: `{"value":{"@odata.type":"#microsoft.graph.security.hostPort","mostRecentSslCertificate":{"id":"ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw=="},"host":{"id":"85.13.139.18"}}}`,
		},
		{
			name: "an encoded dollar and comma", url: examplePort + "?%24select=id%2Cport", status: 200,
			want: `{"value":{"@odata.type":"#microsoft.graph.security.hostPort","id":"ODUuMTMuMTM5LjE4JCQyMQ==","port":21}}`,
		},
		{name: "a path into the host", url: examplePort + "?$select=host/id", status: 400, code: "BadRequest", want: parsing},
		{name: "a path into the certificate", url: examplePort + "?$select=mostRecentSslCertificate/id", status: 400, code: "BadRequest", want: parsing},
		{name: "a path into banners", url: examplePort + "?$select=banners/banner", status: 400, code: "BadRequest", want: parsing},
		{
			name: "an unknown property", url: examplePort + "?$select=colour", status: 400, code: "BadRequest",
			want: parsing + "Could not find a property named 'colour' on type 'microsoft.graph.security.hostPort'.",
		},
		{name: "a property in the wrong case", url: examplePort + "?$select=Port", status: 400, code: "BadRequest", want: "named 'Port'"},
		{name: "an empty $select", url: examplePort + "?$select=", status: 400, code: "BadRequest", want: "Term '' is not valid"},
		{name: "a star", url: examplePort + "?$select=*", status: 400, code: "BadRequest", want: "Term '*' is not valid"},
		{
			name: "$expand of the host", url: examplePort + "?$expand=host", status: 400, code: "ExpandNotSupported",
			want: "Expand is not allowed for property 'host'",
		},
		{name: "$expand of a scalar", url: examplePort + "?$expand=port", status: 400, code: "BadRequest", want: "is not a navigation property"},
		{name: "$expand of nothing known", url: examplePort + "?$expand=colour", status: 400, code: "BadRequest", want: "named 'colour'"},
		{
			name: "options inside $expand", url: examplePort + "?$expand=mostRecentSslCertificate($select=sha1)", status: 400, code: "BadRequest",
			want: "Term 'mostRecentSslCertificate($select=sha1)' is not valid",
		},
		{name: "$expand of everything", url: examplePort + "?$expand=*", status: 400, code: "BadRequest", want: "Term '*'"},
		{name: "$select twice", url: examplePort + "?$select=id&$select=port", status: 400, code: "BadRequest", want: "specified more than once"},
		{name: "an option of lists", url: examplePort + "?$top=1", status: 400, code: "BadRequest", want: "Query option 'Top' is not allowed"},
		{name: "an unknown option", url: examplePort + "?colour=red", status: 400, code: "BadRequest", want: "'colour' is not supported"},
		{name: "a broken escape", url: examplePort + "?$select=%zz", status: 400, code: "BadRequest", want: "not encoded"},

		// hosts, whose declared type is abstract
		{
			name: "a property of all hosts", url: "hosts/contoso.com?$select=id,firstSeenDateTime", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.hostname","id":"contoso.com","firstSeenDateTime":"2009-09-02T03:29:10.000Z"}`,
		},
		{
			name: "a property of a derived type, qualified", url: "hosts/contoso.com?$select=id,microsoft.graph.security.hostname/registrar", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.hostname","id":"contoso.com","registrar":"MarkMonitor Inc."}`,
		},
		{
			name: "a property of the other derived type", url: "hosts/contoso.com?$select=id,microsoft.graph.security.ipAddress/netblock", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.hostname","id":"contoso.com"}`,
		},
		{
			name: "both derived types", url: "hosts/85.13.139.18?$select=microsoft.graph.security.hostname/registrar,microsoft.graph.security.ipAddress/netblock", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.ipAddress","netblock":"85.13.128.0/17"}`,
		},
		{
			name: "an inherited property, qualified", url: "hosts/contoso.com?$select=microsoft.graph.security.ipAddress/firstSeenDateTime,id", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.hostname","id":"contoso.com"}`,
		},
		{
			name: "a property of a derived type, plain", url: "hosts/contoso.com?$select=registrar", status: 400, code: "BadRequest",
			want: "Could not find a property named 'registrar' on type 'microsoft.graph.security.host'.",
		},
		{
			name: "an unknown property, qualified", url: "hosts/contoso.com?$select=microsoft.graph.security.hostname/netblock", status: 400, code: "BadRequest",
			want: "Could not find a property named 'netblock' on type 'microsoft.graph.security.hostname'.",
		},
		{
			name: "a type that is not a host", url: "hosts/contoso.com?$select=microsoft.graph.security.sslCertificate/sha1", status: 400, code: "BadRequest",
			want: "neither a base type nor a sub-type",
		},
		{name: "a type that is none", url: "hosts/contoso.com?$select=microsoft.graph.security.colour/red", status: 400, code: "BadRequest", want: "is not defined"},
		{name: "$expand of hosts", url: "hosts/contoso.com?$expand=reputation", status: 400, code: "BadRequest", want: "'Expand' is not allowed"},

		// the other sets
		{
			name: "a certificate's complex value", url: exampleCert + "?$select=id,issuer,sha1", status: 200,
			want: `{"id":"ZDg5ZTNiZDQzZDVkOTA5YjQ3YTE4OTc3YWE5ZDVjZTM2Y2VlMTg0Yw==","sha1":"d89e3bd43d5d909b47a18977aa9d5ce36cee184c","issuer":{"commonName":"Example Issuing CA 1","address":{"city":null,"countryOrRegion":"US","postalCode":null,"state":null,"street":null},"email":null,"givenName":null,"organizationName":"Example Trust Services","organizationUnitName":null,"serialNumber":null,"surname":null,"alternateNames":[]}}`,
		},
		{name: "a member that the metadata lacks", url: exampleCert + "?$select=sslVersion", status: 400, code: "BadRequest", want: "named 'sslVersion'"},
		{
			name: "a component's host", url: exampleComp + "?$select=id,host", status: 200,
			want: `{"id":"T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==","host":{"id":"85.13.139.18"}}`,
		},

		// paths
		{
			name: "letter case of segments", url: "HOSTPORTS/ODUuMTMuMTM5LjE4JCQyMQ==?$select=port", status: 200,
			want: `{"value":{"@odata.type":"#microsoft.graph.security.hostPort","port":21}}`,
		},
		{
			name: "key in parentheses", url: "hosts('contoso.com')?$select=id", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.hostname","id":"contoso.com"}`,
		},
		{
			name: "key in encoded parentheses", url: "hosts(%27contoso.com%27)?$select=id", status: 200,
			want: `{"@odata.type":"#microsoft.graph.security.hostname","id":"contoso.com"}`,
		},
		{name: "an unknown key", url: "hosts/unknown.example", status: 404, code: "NotFound", want: "not found"},
		{
			name: "an unknown set", url: "colours/red", status: 400, code: "BadRequest",
			want: "Resource not found for the segment 'colours'.",
		},
		{
			name: "a list that is not offered", url: "hostPorts", status: 400, code: "BadRequest",
			want: "Resource not found for the segment 'hostPorts'.",
		},
		{
			name: "a path below an entity", url: examplePort + "/host", status: 400, code: "BadRequest",
			want: "Resource not found for the segment 'host'.",
		},
		{
			name: "a slash at the end", url: examplePort + "/?$select=port", status: 200,
			want: `{"value":{"@odata.type":"#microsoft.graph.security.hostPort","port":21}}`,
		},
		{name: "a slash in the key, encoded", url: "hosts/a%2Fb", status: 404, code: "NotFound"},
	}
	e, s := started(t)
	token := e.AppToken()
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			got := fetch(t, s, "GET", ti+row.url, token, "")
			if got.status != row.status {
				t.Fatalf("status %d, want %d: %s", got.status, row.status, got.body)
			}
			if row.status == 200 {
				if diff := cmp.Diff(row.want, withoutContext(got.body)); diff != "" {
					t.Error("-want +got:\n" + diff)
				}
				return
			}
			wantRefusal(t, got.body, row.code, row.want)
		})
	}
}

// withoutContext removes @odata.context, which is the first member.
func withoutContext(body string) string {
	if !strings.HasPrefix(body, `{"@odata.context"`) {
		return body
	}
	_, rest, _ := strings.Cut(body, ",")
	for strings.Count(body[:len(body)-len(rest)], `"`)%2 != 0 { // a comma of the projection in the context
		_, rest, _ = strings.Cut(rest, ",")
	}
	return "{" + rest
}

// wantRefusal checks an error body in Microsoft Graph's form.
func wantRefusal(t *testing.T, body, code, message string) {
	t.Helper()
	var got struct {
		Error struct {
			Code       string `json:"code"`
			Message    string `json:"message"`
			InnerError struct {
				Date      string `json:"date"`
				RequestID string `json:"request-id"`
				ClientID  string `json:"client-request-id"`
			} `json:"innerError"`
		} `json:"error"`
	}
	if err := json.Unmarshal([]byte(body), &got); err != nil {
		t.Fatalf("%v in %s", err, body)
	}
	if got.Error.Code != code || !strings.Contains(got.Error.Message, message) {
		t.Errorf("got %s, want code %q and a message with %q", body, code, message)
	}
	inner := got.Error.InnerError
	if _, err := time.Parse("2006-01-02T15:04:05", inner.Date); err != nil || len(inner.RequestID) != 36 || len(inner.ClientID) != 36 {
		t.Errorf("inner error %+v", inner)
	}
}

func TestExpandedCertificate(t *testing.T) {
	e, s := started(t)
	port := e.PortIDs()[0]
	var ref struct {
		Cert struct {
			ID string `json:"id"`
		} `json:"mostRecentSslCertificate"`
	}
	if err := json.Unmarshal([]byte(e.Entity("hostPorts", port)), &ref); err != nil {
		t.Fatal(err)
	}
	whole := e.Entity("sslCertificates", ref.Cert.ID)
	for _, query := range []string{
		"?$select=id,port&$expand=mostRecentSslCertificate",
		"?$expand=mostRecentSslCertificate&$select=id,port,mostRecentSslCertificate",
	} {
		got := fetch(t, s, "GET", ti+"hostPorts/"+port+query, e.AppToken(), "")
		want := `{"id":"` + port + `","port":443,"mostRecentSslCertificate":` + whole + `}`
		if diff := cmp.Diff(want, withoutContext(got.body)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", query, diff)
		}
	}
	got := fetch(t, s, "GET", ti+"hostPorts/"+port+"?$expand=mostRecentSslCertificate", e.AppToken(), "")
	want := strings.Replace(e.Entity("hostPorts", port), `{"id":"`+ref.Cert.ID+`"}`, whole, 1)
	if diff := cmp.Diff(want, withoutContext(got.body)); diff != "" {
		t.Error("without $select: -want +got:\n" + diff)
	}
	none := e.PortsOf(e.HostIDs()[0])[5]
	got = fetch(t, s, "GET", ti+"hostPorts/"+none+"?$select=port&$expand=mostRecentSslCertificate", e.AppToken(), "")
	if want := `{"port":22,"mostRecentSslCertificate":null}`; withoutContext(got.body) != want {
		t.Errorf("without a certificate: got %s, want %s", got.body, want)
	}
}

func TestMethodsAndVersions(t *testing.T) {
	e, s := started(t)
	got := fetch(t, s, "DELETE", ti+"hosts/contoso.com", e.AppToken(), "")
	if got.status != 405 {
		t.Errorf("DELETE: %d", got.status)
	}
	got = fetch(t, s, "GET", "/beta/security/threatIntelligence/hosts/contoso.com", e.AppToken(), "")
	if got.status != 400 {
		t.Errorf("beta: %d", got.status)
	}
}

func TestHeaders(t *testing.T) {
	e, s := started(t)
	const id = "0a1b2c3d-0000-4000-8000-0123456789AB"
	got := fetch(t, s, "GET", ti+"hosts/contoso.com", e.AppToken(), "", "client-request-id", id)
	if got.header.Get("client-request-id") != id {
		t.Errorf("client-request-id %q", got.header.Get("client-request-id"))
	}
	for _, name := range []string{"request-id", "x-ms-ags-diagnostic", "Date", "Cache-Control", "OData-Version", "Content-Type"} {
		if got.header.Get(name) == "" {
			t.Errorf("no header %s", name)
		}
	}
	other := fetch(t, s, "GET", ti+"hosts/contoso.com", e.AppToken(), "", "client-request-id", "no GUID")
	if echo := other.header.Get("client-request-id"); echo != other.header.Get("request-id") {
		t.Errorf("echoed %q", echo)
	}
	if got.header.Get("request-id") == other.header.Get("request-id") {
		t.Error("two responses have the same request-id")
	}
}

func TestDateFollowsTheClock(t *testing.T) {
	e, s := started(t)
	e.Advance(-10 * time.Minute)
	token := e.AppToken()
	got := fetch(t, s, "GET", ti+"hosts/contoso.com", token, "")
	at, err := time.Parse(time.RFC1123, got.header.Get("Date"))
	if away := time.Since(at); err != nil || away < 9*time.Minute || away > 11*time.Minute {
		t.Errorf("Date %q: %v, %v", got.header.Get("Date"), away, err)
	}
}

func TestCompression(t *testing.T) {
	e, s := started(t)
	url := ti + "hostPorts/" + e.PortIDs()[0] + "?$expand=mostRecentSslCertificate"
	small := fetch(t, s, "GET", ti+"hosts/contoso.com", e.AppToken(), "", "Accept-Encoding", "gzip")
	if small.header.Get("Content-Encoding") != "" {
		t.Error("a small response is compressed")
	}
	big := fetch(t, s, "GET", url, e.AppToken(), "", "Accept-Encoding", "gzip")
	if big.header.Get("Content-Encoding") != "gzip" {
		t.Error("a big response is not compressed")
	}
	if plain := fetch(t, s, "GET", url, e.AppToken(), ""); plain.body != unpack(t, big.body) {
		t.Error("the compressed response differs")
	}
}

func TestPut(t *testing.T) {
	e, s := started(t)
	if err := e.Put("hostPorts", `{"id":"opaque-1", "port": 7, "colour":"red", "host":{"id":"192.0.2.1"}}`); err != nil {
		t.Fatal(err)
	}
	got := fetch(t, s, "GET", ti+"hostPorts/opaque-1?$select=port,host", e.AppToken(), "")
	if want := `{"port":7,"host":{"id":"192.0.2.1"}}`; withoutContext(got.body) != want {
		t.Errorf("got %s, want %s", got.body, want)
	}
	e.Remove("hostPorts", "opaque-1")
	if got := fetch(t, s, "GET", ti+"hostPorts/opaque-1", e.AppToken(), ""); got.status != 404 {
		t.Errorf("after removal: %d", got.status)
	}
	for _, bad := range []string{`{"port":1}`, `[]`, `{`, `{"id":7}`, ``} {
		if e.Put("hostPorts", bad) == nil {
			t.Errorf("%s was accepted", bad)
		}
	}
	if err := e.Put("colours", `{"id":"red"}`); err == nil {
		t.Error("an unknown set was accepted")
	}
}

func TestWorldIsTheSameEachTime(t *testing.T) {
	a, b := emulator.New(emulator.WithWorld(40)), emulator.New(emulator.WithWorld(40))
	if diff := cmp.Diff(a.PortIDs(), b.PortIDs()); diff != "" {
		t.Error(diff)
	}
	for _, id := range a.PortIDs() {
		if a.Entity("hostPorts", id) != b.Entity("hostPorts", id) {
			t.Fatalf("hostPort %s differs", id)
		}
	}
	if n := len(a.HostIDs()); n != 40 || len(a.PortIDs()) != 320 || len(a.CertificateIDs()) != 20 {
		t.Errorf("%d hosts, %d ports, %d certificates", n, len(a.PortIDs()), len(a.CertificateIDs()))
	}
}
