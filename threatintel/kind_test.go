package threatintel_test

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"portico/emulator/odata"
	"portico/emulator/world"
	"portico/threatintel"
)

func coded(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

const sha1 = "fb96551505f1edb24dd3b36fcffdb765833b8118"

func TestTheFormOfAnIDDecidesItsType(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"contoso.com":               "Hostname",
		"_dmarc.contoso.com":        "Hostname",
		"20.103.85.33":              "IpAddress",
		"2001:db8::1":               "IpAddress",
		"ODUuMTMuMTM5LjE4JCQyMQ==":  "HostPort",
		coded("2001:db8::1$$65535"): "HostPort",
		"T3BlblNTSCQkOC4ycDEkJFJlbW90ZSBBY2Nlc3MkJDg1LjEzLjEzOS4xOA==":       "HostComponent",
		coded("Demo Name Server$$$$DNS Server$$192.0.2.1"):                   "HostComponent",
		coded("securemail.contoso.com$$OIDC$$securemail.contoso.com"):        "HostCookie",
		coded("finalRedirect$$contoso.com$$contoso.com$$contoso.com"):        "HostPair",
		coded("script.src$$192.0.2.1$$2001:db8::1$$2001:db8::1"):             "HostPair",
		coded("contoso-advertising92410ContosoId92410about.ads.contoso.com"): "HostTracker",
		coded("contoso.com15500" + sha1):                                     "HostSslCertificate",
		coded(sha1):                                                          "SslCertificate",
		coded("contoso.com$$20.103.85.33$$false"):                            "PassiveDnsRecord",
		coded("contoso.com$$v=spf1 include:example.com -all$$true"):          "PassiveDnsRecord",
		coded("contoso.com$$6964781207746572433"):                            "WhoisRecord",
		coded("contoso.com$$-6964781207746572433"):                           "WhoisRecord",
		coded("login.contoso.com$$contoso.com"):                              "Subdomain",
		"ZmFrZS1tYWxpY2lvdXMuc2l0ZQ==":                                       "ArticleIndicator",
		coded("192.0.2.1"):                                                   "ArticleIndicator",
		coded(strings.Repeat("0f", 32)):                                      "ArticleIndicator",
		coded("cve-2021-4422871409Apache Software Foundation Log4j 2.0"):     "VulnerabilityComponent",
		"a272d5ab": "Article",
		"9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80": "IntelligenceProfile",
		"1e3b9ded-abb6-1828-c4ef-a5ca48b287a0":                             "IntelligenceProfileIndicator",
		"CVE-2021-44228":                                                   "Vulnerability",
		"cve-2021-44228":                                                   "Vulnerability",
		"tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao":                                 "",
		"localhost":                                                        "",
		"":                                                                 "",
		"====":                                                             "",
		"a272d5a":                                                          "",
		"CVE-2021":                                                         "",
	} {
		if named, key := threatintel.NodeType(id); named != want || key != id {
			t.Errorf("%q (%q): %q, %q, want %q", id, decoded(id), named, key, want)
		}
		if named, key := threatintel.NodeType("HostTracker:" + id); named != "HostTracker" || key != id {
			t.Errorf("led by its type, %q: %q, %q", id, named, key)
		}
	}
}

func decoded(id string) string {
	raw, _ := base64.StdEncoding.DecodeString(id)
	return string(raw)
}

func TestTheTypeOfAnArtifact(t *testing.T) {
	t.Parallel()
	text := "text"
	for _, c := range []struct {
		odata, id, want string
	}{
		{"#microsoft.graph.security.hostname", "contoso.com", "Hostname"},
		{"#microsoft.graph.security.hostName", "contoso.com", "Hostname"},
		{"#microsoft.graph.security.ipAddress", "contoso.com", "Hostname"},
		{"#microsoft.graph.security.hostname", "192.0.2.1", "IpAddress"},
		{"#microsoft.graph.security.IPADDRESS", "::1", "IpAddress"},
		{"microsoft.graph.security.sslCertificate", "x", "SslCertificate"},
		{"sslcertificate", "x", "SslCertificate"},
		{"#sslCertificate", "x", "SslCertificate"},
		{"#microsoft.graph.security.hostComponent", "x", "HostComponent"},
		{"#microsoft.graph.security.hostCookie", "x", "HostCookie"},
		{"#microsoft.graph.security.hostTracker", "x", "HostTracker"},
		{"#microsoft.graph.security.hostSslCertificate", "x", "HostSslCertificate"},
		{"#microsoft.graph.security.passiveDnsRecord", "x", "PassiveDnsRecord"},
		{"#microsoft.graph.security.unclassifiedArtifact", "contoso.com", "UnclassifiedArtifact"},
		{"#microsoft.graph.security.toCome", "x", "UnclassifiedArtifact"},
		{"#microsoft.graph.security.toCome", "192.0.2.1", "IpAddress"},
		{"", "contoso.com", "Hostname"},
		{"", "v=spf1 -all", "UnclassifiedArtifact"},
		{".", "", "UnclassifiedArtifact"},
	} {
		r := threatintel.Reference{ID: c.id, Type: c.odata, Kind: &text, Text: &text}
		if got := threatintel.ArtifactType(r); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.odata, c.id, got, c.want)
		}
		got := threatintel.ArtifactOf(&r)
		if found := threatintel.References(got); c.id != "" && (len(found) != 1 || found[0].ID != c.id) {
			t.Errorf("%s %q: %+v", c.odata, c.id, got)
		}
		if name := fmt.Sprintf("%T", got); !strings.EqualFold(strings.TrimPrefix(name, "*threatintel."), c.want) {
			t.Errorf("%s %q is a %s, want %s", c.odata, c.id, name, c.want)
		}
	}
	if threatintel.ArtifactOf(nil) != nil || threatintel.HostOf(nil) != nil {
		t.Error("there is something where there is no reference")
	}
}

func FuzzNodeType(f *testing.F) {
	for _, id := range []string{"contoso.com", "HostPort:x", "ODUuMTMuMTM5LjE4JCQyMQ==", coded("$$$$"), coded("a92410b92410c"), "::1", ":", "Zz:"} {
		f.Add(id)
	}
	f.Fuzz(func(t *testing.T, id string) {
		named, key := threatintel.NodeType(id)
		if key != id && named+":"+key != id {
			t.Fatalf("%q has the type %q and the key %q", id, named, key)
		}
		_ = threatintel.ArtifactType(threatintel.Reference{ID: id, Type: id})
		_ = threatintel.HostOfPort(id)
	})
}

// The type of an id must not depend on the order in which the types are registered.
func TestAnIDWithTheFormsOfTwoTypesHasNone(t *testing.T) {
	t.Parallel()
	id := coded("a92410b92410c.example$$false") // of a tracker, and of a passive DNS record
	if named, _ := threatintel.NodeType(id); named != "" {
		t.Errorf("got %q", named)
	}
}

// A type without the form of its ids, or with one that matches the ids of another type, is found here: in the generated
// world every type with an endpoint has ids.
func TestGeneratedIDsHaveTheTypeOfTheirSet(t *testing.T) {
	t.Parallel()
	m := odata.NewModel(false)
	w := world.New(m, 40, 1, false)
	seen := map[string]bool{}
	for _, owner := range append(m.SetNames(), "") {
		for _, e := range m.Below(owner) {
			if e.Of.Hidden || e.NeedsSearch() || e.Of.Name == "whoisHistoryRecords" { // which have the ids of whoisRecords
				continue
			}
			for _, key := range owners(w, owner) {
				for _, en := range w.Items(e, key) {
					want := strings.ToUpper(e.Of.TypeName()[:1]) + e.Of.TypeName()[1:]
					if want == "Host" {
						want = threatintel.HostType(en.ID)
					}
					if named, _ := threatintel.NodeType(en.ID); named != want {
						t.Errorf("%s %q (%s) has the type %q", want, en.ID, decoded(en.ID), named)
					}
					seen[e.Of.Name] = true
				}
			}
		}
	}
	if len(seen) < 13 {
		t.Errorf("only ids of %v", seen)
	}
}

// owners returns the ids of generated entities that have lists.
func owners(w *world.World, set string) []string {
	switch set {
	case "hosts":
		return w.HostIDs()
	case "sslCertificates":
		return w.CertificateIDs()
	case "vulnerabilities":
		return w.VulnerabilityIDs()
	case "":
		return []string{""}
	default:
		return w.List(set)
	}
}
