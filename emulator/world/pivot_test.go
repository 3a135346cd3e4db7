package world_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"

	"portico/emulator/world"
)

// An end is a reference to another entity.
type end struct {
	Type  string `json:"@odata.type"`
	ID    string `json:"id"`
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

// A thing has all references and values that the tests follow. An entity has some of them.
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

func entityOf(t testing.TB, w *world.World, set, id string) thing {
	t.Helper()
	var th thing
	if err := json.Unmarshal([]byte(w.Entity(set, id)), &th); err != nil || th.ID != id {
		t.Fatalf("%s/%s: %v", set, id, err)
	}
	return th
}

func thingsOf(t testing.TB, w *world.World, path, set string) []thing {
	t.Helper()
	var all []thing
	for _, id := range w.List(path) {
		all = append(all, entityOf(t, w, set, id))
	}
	return all
}

// TestReferencesLeadBack follows every reference of every host in both directions.
func TestReferencesLeadBack(t *testing.T) {
	for _, hosts := range []int{1, 3, 20, 130} {
		w := newWorld(hosts)
		for _, host := range w.HostIDs() {
			checkPairs(t, w, host)
			checkDNS(t, w, host)
			checkCertificates(t, w, host)
			checkOwned(t, w, host)
		}
		checkRelated(t, w)
		checkIntel(t, w)
	}
}

func checkPairs(t *testing.T, w *world.World, host string) {
	base := "hosts/" + host + "/"
	both := append(w.List(base+"childHostPairs"), w.List(base+"parentHostPairs")...)
	if !slices.Equal(both, w.List(base+"hostPairs")) {
		t.Errorf("%s: hostPairs is not childHostPairs followed by parentHostPairs", host)
	}
	for _, p := range thingsOf(t, w, base+"childHostPairs", "hostPairs") {
		if p.Parent.ID != host || !slices.Contains(w.List("hosts/"+p.Child.ID+"/parentHostPairs"), p.ID) {
			t.Errorf("%s: %s is not among the pairs of %s", host, p.ID, p.Child.ID)
		}
	}
	for _, p := range thingsOf(t, w, base+"parentHostPairs", "hostPairs") {
		if p.Child.ID != host || !slices.Contains(w.List("hosts/"+p.Parent.ID+"/childHostPairs"), p.ID) {
			t.Errorf("%s: %s is not among the pairs of %s", host, p.ID, p.Parent.ID)
		}
	}
}

func checkDNS(t *testing.T, w *world.World, host string) {
	for list, back := range map[string]string{"passiveDns": "passiveDnsReverse", "passiveDnsReverse": "passiveDns"} {
		for _, r := range thingsOf(t, w, "hosts/"+host+"/"+list, "passiveDnsRecords") {
			if r.Artifact.Type == "#microsoft.graph.security.unclassifiedArtifact" {
				if r.Artifact.Kind == "" || r.Artifact.Value == "" {
					t.Errorf("artifact %+v", r.Artifact)
				}
				continue
			}
			others := thingsOf(t, w, "hosts/"+r.Artifact.ID+"/"+back, "passiveDnsRecords")
			i := slices.IndexFunc(others, func(o thing) bool {
				return o.Artifact.ID == host && o.RecordType == r.RecordType && o.First == r.First
			})
			if r.Parent.ID != host || i < 0 {
				t.Errorf("%s: %s to %s has no record in the other direction", host, r.RecordType, r.Artifact.ID)
			}
			entityOf(t, w, "hosts", r.Artifact.ID)
		}
	}
}

func checkCertificates(t *testing.T, w *world.World, host string) {
	shown := map[string][]int{}
	for _, c := range thingsOf(t, w, "hosts/"+host+"/sslCertificates", "hostSslCertificates") {
		if c.Host.ID != host || !slices.Contains(w.List("sslCertificates/"+c.Certificate.ID+"/relatedHosts"), host) {
			t.Errorf("%s: the related hosts of certificate %s do not include it", host, c.Certificate.ID)
		}
		for _, p := range c.Ports {
			shown[c.Certificate.ID] = append(shown[c.Certificate.ID], p.Port)
		}
	}
	for _, p := range thingsOf(t, w, "hosts/"+host+"/ports", "hostPorts") {
		if p.Host.ID != host || len(p.Services) != 1 || !slices.Contains(w.List("hosts/"+host+"/components"), p.Services[0].Component.ID) {
			t.Errorf("%s: port %d has another host, or a component that the host does not have", host, p.Port)
		}
		if c := p.MostRecent.ID; c != "" && !slices.Contains(shown[c], p.Port) {
			t.Errorf("%s: the host does not present the certificate of port %d", host, p.Port)
		}
	}
}

// checkRelated checks that the related hosts of a certificate are exactly the hosts that present it.
func checkRelated(t *testing.T, w *world.World) {
	shown := map[string][]string{}
	for _, host := range w.HostIDs() {
		for _, c := range thingsOf(t, w, "hosts/"+host+"/sslCertificates", "hostSslCertificates") {
			shown[c.Certificate.ID] = append(shown[c.Certificate.ID], host)
		}
	}
	for id, hosts := range shown {
		if got := w.List("sslCertificates/" + id + "/relatedHosts"); !slices.Equal(got, hosts) {
			t.Errorf("%s: related %q, presented by %q", id, got, hosts)
		}
	}
}

// checkOwned checks that the entities in the lists of a host refer to the host and can be found by their ids.
func checkOwned(t *testing.T, w *world.World, host string) {
	for list, set := range map[string]string{
		"components": "hostComponents", "cookies": "hostCookies", "trackers": "hostTrackers", "subdomains": "subdomains",
		"whois": "whoisRecords", "whois/history": "whoisHistoryRecords",
	} {
		for _, th := range thingsOf(t, w, "hosts/"+host+"/"+list, set) {
			if th.Host.ID != host {
				t.Errorf("%s: %s %s refers to host %s", host, set, th.ID, th.Host.ID)
			}
			for _, n := range th.Nameservers {
				entityOf(t, w, "hosts", n.Host.ID)
			}
			if list == "whois" && !slices.Equal(w.List("hosts/"+host+"/whois/history"), w.List("whoisRecords/"+url.PathEscape(th.ID)+"/history")) {
				t.Errorf("%s: its history and that of its record differ", host)
			}
		}
	}
	if len(w.List("hosts/"+host+"/reputation")) != 1 {
		t.Errorf("%s has no reputation", host)
	}
}

func checkIntel(t *testing.T, w *world.World) {
	check := func(set, indicators string) {
		for _, id := range w.List(set) {
			all := thingsOf(t, w, set+"/"+id+"/indicators", indicators)
			if len(all) == 0 {
				t.Errorf("%s %s has no indicators", set, id)
			}
			for _, i := range all {
				if i.Artifact.Kind == "" {
					entityOf(t, w, "hosts", i.Artifact.ID)
				} else if i.Artifact.Value == "" {
					t.Errorf("indicator %+v", i)
				}
			}
		}
	}
	check("articles", "articleIndicators")
	check("intelProfiles", "intelligenceProfileIndicators")
	for _, id := range w.VulnerabilityIDs() {
		entityOf(t, w, "vulnerabilities", id)
		for _, article := range w.List("vulnerabilities/" + id + "/articles") {
			entityOf(t, w, "articles", article)
		}
		if len(w.List("vulnerabilities/"+id+"/components")) < 2 || len(w.List("vulnerabilities/"+id+"/articles")) == 0 {
			t.Errorf("%s has no components or articles", id)
		}
	}
}

// TestWorldHasEnoughToInvestigate checks the parts of the world that the documents in tests and examples need.
func TestWorldHasEnoughToInvestigate(t *testing.T) {
	w := newWorld(200)
	port := entityOf(t, w, "hostPorts", w.ChainPortID())
	base := "hosts/" + port.Host.ID + "/"
	for list, least := range map[string]int{
		"ports": 8, "components": 5, "cookies": 1, "trackers": 1, "hostPairs": 4, "passiveDnsReverse": 25,
		"sslCertificates": 3, "whois": 1, "whois/history": 1, "reputation": 1,
	} {
		if got := len(w.List(base + list)); got < least {
			t.Errorf("%s: %d, want at least %d", list, got, least)
		}
	}
	for _, r := range thingsOf(t, w, base+"passiveDnsReverse", "passiveDnsRecords") {
		if r.Artifact.Type != "#microsoft.graph.security.hostname" {
			t.Errorf("artifact %+v", r.Artifact)
		}
	}
	kinds := ""
	for _, p := range thingsOf(t, w, base+"hostPairs", "hostPairs") {
		kinds += " " + p.LinkKind
	}
	if !strings.Contains(kinds, "script.src") || !strings.Contains(kinds, "redirect") {
		t.Error("link kinds:" + kinds)
	}
	if n := len(w.List("sslCertificates/" + port.MostRecent.ID + "/relatedHosts")); n < 21 {
		t.Errorf("%d hosts share the certificate", n)
	}
	hunt := w.HuntCertificateIDs()
	for _, id := range hunt {
		if c := entityOf(t, w, "sslCertificates", id); c.SerialNumber != world.HuntSerialNumber || len(w.List("sslCertificates/"+id+"/relatedHosts")) < 5 {
			t.Errorf("%+v", c)
		}
	}
	if len(hunt) < 10 {
		t.Errorf("%d certificates of team servers", len(hunt))
	}
	checkBanners(t, w, port.Host.ID)
	if !slices.Contains(w.List("hosts/"+world.ExampleHostID+"/ports"), world.ExamplePortID) || len(w.List("vulnerabilities/CVE-2021-44228/components")) < 3 {
		t.Error("the published host lacks its port, or the published vulnerability components")
	}
}

func checkBanners(t *testing.T, w *world.World, host string) {
	t.Helper()
	found := map[int]bool{}
	for _, id := range w.List("hosts/" + host + "/ports") {
		th := entityOf(t, w, "hostPorts", id)
		found[th.Port] = strings.Contains(w.Entity("hostPorts", id), "HTTP/1.1 404")
	}
	for _, port := range []int{443, 8443, 50050, 22, 3389} {
		if _, ok := found[port]; !ok {
			t.Errorf("no port %d", port)
		}
	}
	if !found[443] || !found[50050] {
		t.Error("no banner of a team server on ports 443 and 50050")
	}
}

// TestOrderDoesNotMatter reads two worlds in opposite orders.
func TestOrderDoesNotMatter(t *testing.T) {
	a, b := newWorld(40), newWorld(40)
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
	texts := func(w *world.World, host string, l int) (all []string) {
		for _, id := range w.List("hosts/" + host + "/" + lists[l].list) {
			all = append(all, w.Entity(lists[l].set, id))
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
