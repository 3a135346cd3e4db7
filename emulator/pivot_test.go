package emulator_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portico/emulator"
)

// An end is a reference to another entity.
type end struct {
	Type  string `json:"@odata.type"`
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// A thing has whatever of the references and values that pivots follow.
type thing struct {
	ID           string `json:"id"`
	Host         end    `json:"host"`
	Parent       end    `json:"parentHost"`
	Child        end    `json:"childHost"`
	Artifact     end    `json:"artifact"`
	Certificate  end    `json:"sslCertificate"`
	MostRecent   end    `json:"mostRecentSslCertificate"`
	RecordType   string `json:"recordType"`
	LinkKind     string `json:"linkKind"`
	SerialNumber string `json:"serialNumber"`
	First        string `json:"firstSeenDateTime"`
	Port         int    `json:"port"`
	Ports        []struct {
		Port int `json:"port"`
	} `json:"ports"`
	Nameservers []struct {
		Host end `json:"host"`
	} `json:"nameservers"`
	Services []struct {
		Component end `json:"component"`
	} `json:"services"`
}

func entityOf(t testing.TB, e *emulator.Emulator, set, id string) thing {
	t.Helper()
	var th thing
	if err := json.Unmarshal([]byte(e.Entity(set, id)), &th); err != nil || th.ID != id {
		t.Fatalf("%s/%s: %v", set, id, err)
	}
	return th
}

func thingsOf(t testing.TB, e *emulator.Emulator, path, set string) []thing {
	t.Helper()
	var all []thing
	for _, id := range e.List(path) {
		all = append(all, entityOf(t, e, set, id))
	}
	return all
}

// TestPivotsGoRound follows every reference of every host in every direction and back.
func TestPivotsGoRound(t *testing.T) {
	for _, hosts := range []int{1, 3, 20, 130} {
		e := emulator.New(emulator.WithWorld(hosts))
		for _, host := range e.HostIDs() {
			checkPairs(t, e, host)
			checkDNS(t, e, host)
			checkCertificates(t, e, host)
			checkOwned(t, e, host)
		}
		checkRelated(t, e)
		checkIntel(t, e)
	}
}

func checkPairs(t *testing.T, e *emulator.Emulator, host string) {
	base := "hosts/" + host + "/"
	both := append(e.List(base+"childHostPairs"), e.List(base+"parentHostPairs")...)
	if !slices.Equal(both, e.List(base+"hostPairs")) {
		t.Errorf("%s: pairs are not those of children and parents", host)
	}
	for _, p := range thingsOf(t, e, base+"childHostPairs", "hostPairs") {
		if p.Parent.ID != host || !slices.Contains(e.List("hosts/"+p.Child.ID+"/parentHostPairs"), p.ID) {
			t.Errorf("%s: pair %s does not lead back from %s", host, p.ID, p.Child.ID)
		}
	}
	for _, p := range thingsOf(t, e, base+"parentHostPairs", "hostPairs") {
		if p.Child.ID != host || !slices.Contains(e.List("hosts/"+p.Parent.ID+"/childHostPairs"), p.ID) {
			t.Errorf("%s: pair %s does not lead back from %s", host, p.ID, p.Parent.ID)
		}
	}
}

func checkDNS(t *testing.T, e *emulator.Emulator, host string) {
	for list, back := range map[string]string{"passiveDns": "passiveDnsReverse", "passiveDnsReverse": "passiveDns"} {
		for _, r := range thingsOf(t, e, "hosts/"+host+"/"+list, "passiveDnsRecords") {
			if r.Artifact.Type == "#microsoft.graph.security.unclassifiedArtifact" {
				if r.Artifact.Kind == "" || r.Artifact.Value == "" {
					t.Errorf("artifact %+v", r.Artifact)
				}
				continue
			}
			others := thingsOf(t, e, "hosts/"+r.Artifact.ID+"/"+back, "passiveDnsRecords")
			i := slices.IndexFunc(others, func(o thing) bool {
				return o.Artifact.ID == host && o.RecordType == r.RecordType && o.First == r.First
			})
			if r.Parent.ID != host || i < 0 {
				t.Errorf("%s: %s to %s has no record the other way", host, r.RecordType, r.Artifact.ID)
			}
			entityOf(t, e, "hosts", r.Artifact.ID)
		}
	}
}

func checkCertificates(t *testing.T, e *emulator.Emulator, host string) {
	shown := map[string][]int{}
	for _, c := range thingsOf(t, e, "hosts/"+host+"/sslCertificates", "hostSslCertificates") {
		if c.Host.ID != host || !slices.Contains(e.List("sslCertificates/"+c.Certificate.ID+"/relatedHosts"), host) {
			t.Errorf("%s: certificate %s does not lead back", host, c.Certificate.ID)
		}
		for _, p := range c.Ports {
			shown[c.Certificate.ID] = append(shown[c.Certificate.ID], p.Port)
		}
	}
	for _, p := range thingsOf(t, e, "hosts/"+host+"/ports", "hostPorts") {
		if p.Host.ID != host || len(p.Services) != 1 || !slices.Contains(e.List("hosts/"+host+"/components"), p.Services[0].Component.ID) {
			t.Errorf("%s: port %d is not its own", host, p.Port)
		}
		if c := p.MostRecent.ID; c != "" && !slices.Contains(shown[c], p.Port) {
			t.Errorf("%s: the certificate of port %d is not among the host's", host, p.Port)
		}
	}
}

// checkRelated: the hosts that a certificate names are those that show it, no more and no less.
func checkRelated(t *testing.T, e *emulator.Emulator) {
	shown := map[string][]string{}
	for _, host := range e.HostIDs() {
		for _, c := range thingsOf(t, e, "hosts/"+host+"/sslCertificates", "hostSslCertificates") {
			shown[c.Certificate.ID] = append(shown[c.Certificate.ID], host)
		}
	}
	for id, hosts := range shown {
		if got := e.List("sslCertificates/" + id + "/relatedHosts"); !slices.Equal(got, hosts) {
			t.Errorf("%s: related %q, shown by %q", id, got, hosts)
		}
	}
}

// checkOwned: what hangs on a host says so, and can be asked for by its id.
func checkOwned(t *testing.T, e *emulator.Emulator, host string) {
	for list, set := range map[string]string{
		"components": "hostComponents", "cookies": "hostCookies", "trackers": "hostTrackers", "subdomains": "subdomains",
		"whois": "whoisRecords", "whois/history": "whoisHistoryRecords",
	} {
		for _, th := range thingsOf(t, e, "hosts/"+host+"/"+list, set) {
			if th.Host.ID != host {
				t.Errorf("%s: %s %s is of %s", host, set, th.ID, th.Host.ID)
			}
			for _, n := range th.Nameservers {
				entityOf(t, e, "hosts", n.Host.ID)
			}
			if list == "whois" && !slices.Equal(e.List("hosts/"+host+"/whois/history"), e.List("whoisRecords/"+url.PathEscape(th.ID)+"/history")) {
				t.Errorf("%s: two histories", host)
			}
		}
	}
	if len(e.List("hosts/"+host+"/reputation")) != 1 {
		t.Errorf("%s has no reputation", host)
	}
}

func checkIntel(t *testing.T, e *emulator.Emulator) {
	check := func(set, indicators string) {
		for _, id := range e.List(set) {
			all := thingsOf(t, e, set+"/"+id+"/indicators", indicators)
			if len(all) == 0 {
				t.Errorf("%s %s has no indicators", set, id)
			}
			for _, i := range all {
				if i.Artifact.Kind == "" {
					entityOf(t, e, "hosts", i.Artifact.ID)
				} else if i.Artifact.Value == "" {
					t.Errorf("indicator %+v", i)
				}
			}
		}
	}
	check("articles", "articleIndicators")
	check("intelProfiles", "intelligenceProfileIndicators")
	for _, id := range e.VulnerabilityIDs() {
		entityOf(t, e, "vulnerabilities", id)
		for _, article := range e.List("vulnerabilities/" + id + "/articles") {
			entityOf(t, e, "articles", article)
		}
		if len(e.List("vulnerabilities/"+id+"/components")) < 2 || len(e.List("vulnerabilities/"+id+"/articles")) == 0 {
			t.Errorf("%s has no components or articles", id)
		}
	}
}

// TestScenes: what analysts' questions are asked about is there.
func TestScenes(t *testing.T) {
	e := emulator.New()
	port := entityOf(t, e, "hostPorts", e.ChainPortID())
	base := "hosts/" + port.Host.ID + "/"
	for list, least := range map[string]int{
		"ports": 8, "components": 5, "cookies": 1, "trackers": 1, "hostPairs": 4, "passiveDnsReverse": 25,
		"sslCertificates": 3, "whois": 1, "whois/history": 1, "reputation": 1,
	} {
		if got := len(e.List(base + list)); got < least {
			t.Errorf("%s: %d, want at least %d", list, got, least)
		}
	}
	for _, r := range thingsOf(t, e, base+"passiveDnsReverse", "passiveDnsRecords") {
		if r.Artifact.Type != "#microsoft.graph.security.hostname" {
			t.Errorf("artifact %+v", r.Artifact)
		}
	}
	kinds := ""
	for _, p := range thingsOf(t, e, base+"hostPairs", "hostPairs") {
		kinds += " " + p.LinkKind
	}
	if !strings.Contains(kinds, "script.src") || !strings.Contains(kinds, "redirect") {
		t.Error("kinds of links:" + kinds)
	}
	if n := len(e.List("sslCertificates/" + port.MostRecent.ID + "/relatedHosts")); n < 21 {
		t.Errorf("%d hosts share the certificate", n)
	}
	hunt := e.HuntCertificateIDs()
	for _, id := range hunt {
		if c := entityOf(t, e, "sslCertificates", id); c.SerialNumber != emulator.HuntSerialNumber || len(e.List("sslCertificates/"+id+"/relatedHosts")) < 5 {
			t.Errorf("%+v", c)
		}
	}
	if len(hunt) < 10 {
		t.Errorf("%d certificates to hunt for", len(hunt))
	}
	checkBanners(t, e, port.Host.ID)
	if !slices.Contains(e.List("hosts/"+emulator.ExampleHostID+"/ports"), emulator.ExamplePortID) || len(e.List("vulnerabilities/CVE-2021-44228/components")) < 3 {
		t.Error("the published host or vulnerability lacks something")
	}
}

func checkBanners(t *testing.T, e *emulator.Emulator, host string) {
	t.Helper()
	found := map[int]bool{}
	for _, id := range e.List("hosts/" + host + "/ports") {
		th := entityOf(t, e, "hostPorts", id)
		found[th.Port] = strings.Contains(e.Entity("hostPorts", id), "HTTP/1.1 404")
	}
	for _, port := range []int{443, 8443, 50050, 22, 3389} {
		if _, ok := found[port]; !ok {
			t.Errorf("no port %d", port)
		}
	}
	if !found[443] || !found[50050] {
		t.Error("no banner to hunt for")
	}
}

func TestRelatedHostsHaveNothingButTheirIDs(t *testing.T) {
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

// TestLazyWorldIsTheSame: what is made does not depend on who asked before.
func TestLazyWorldIsTheSame(t *testing.T) {
	a, b := emulator.New(emulator.WithWorld(40)), emulator.New(emulator.WithWorld(40))
	lists := []struct{ list, set string }{
		{"hostPairs", "hostPairs"},
		{"passiveDns", "passiveDnsRecords"},
		{"passiveDnsReverse", "passiveDnsRecords"},
		{"sslCertificates", "hostSslCertificates"},
		{"whois", "whoisRecords"},
		{"reputation", "hostReputations"},
		{"cookies", "hostCookies"},
		{"ports", "hostPorts"},
		{"components", "hostComponents"},
	}
	texts := func(e *emulator.Emulator, host string, l int) (all []string) {
		for _, id := range e.List("hosts/" + host + "/" + lists[l].list) {
			all = append(all, e.Entity(lists[l].set, id))
		}
		return all
	}
	want := map[string][]string{}
	for _, host := range a.HostIDs() {
		for l := range lists {
			want[host+lists[l].list] = texts(a, host, l)
		}
	}
	for _, host := range slices.Backward(b.HostIDs()) {
		for l := len(lists) - 1; l >= 0; l-- {
			if got := texts(b, host, l); !slices.Equal(got, want[host+lists[l].list]) {
				t.Errorf("%s of %s differ", lists[l].list, host)
			}
		}
	}
}
