package service

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
)

// wantNaive holds an answer, its deferred parts put in place, to what direct GETs of everything give.
func wantNaive(t testing.TB, s *running, q asking, a answered) {
	t.Helper()
	want, got := s.naively(t, q), assembled(t, a)
	if diff := cmp.Diff(any(want), withoutCursors(want, got)); diff != "" {
		t.Errorf("%s\n%v\n-direct +portico:\n%s", q.text, q.variables, diff)
	}
}

// assembled puts the deferred parts of an answer where they belong.
func assembled(t testing.TB, a answered) any {
	t.Helper()
	data := any(in[map[string]any](t, a))
	for _, part := range a.parts {
		var inside map[string]any
		if err := json.Unmarshal(part.Data, &inside); err != nil {
			t.Fatal(err)
		}
		place := data
		for _, step := range part.Path {
			switch step := step.(type) {
			case string:
				place = place.(map[string]any)[step]
			case float64:
				place = place.([]any)[int(step)]
			}
		}
		object, there := place.(map[string]any)
		if !there {
			t.Fatalf("a part arrived for %v, which is no object", part.Path)
		}
		merge(object, inside)
	}
	return data
}

// merge adds to an object what a part has of it, as clients do.
func merge(into, from map[string]any) {
	for name, value := range from {
		into[name] = merged(into[name], value)
	}
}

func merged(into, from any) any {
	switch from := from.(type) {
	case map[string]any:
		if object, both := into.(map[string]any); both {
			merge(object, from)
			return object
		}
	case []any:
		if list, both := into.([]any); both {
			for i, item := range from {
				list[i] = merged(list[i], item)
			}
			return list
		}
	}
	return from
}

// withoutCursors replaces text by anyCursor wherever that is wanted.
func withoutCursors(want, got any) any {
	switch got := got.(type) {
	case map[string]any:
		wanted, _ := want.(map[string]any)
		for name, value := range got {
			got[name] = withoutCursors(wanted[name], value)
		}
	case []any:
		wanted, _ := want.([]any)
		for i, item := range got {
			if i < len(wanted) {
				got[i] = withoutCursors(wanted[i], item)
			}
		}
	case string:
		if want == anyCursor && got != "" {
			return want
		}
	}
	return got
}

func holdsPortTriage(t *testing.T, _ *running, _ asking, a answered) {
	type banner struct{ Banner string }
	data := in[struct {
		HostPort struct {
			Port    int
			Status  string
			Banners []banner
			Host    struct{ ID string }
		}
	}](t, a)
	if p := data.HostPort; p.Port != 21 || p.Status != "OPEN" || len(p.Banners) != 1 || p.Host.ID != emulator.ExampleHostID {
		t.Errorf("%+v", p)
	}
}

func holdsPortCertificate(t *testing.T, _ *running, _ asking, a answered) {
	data := in[struct {
		HostPort struct {
			// The published example was seen first in a 17th month: null, and one error.
			FirstSeenDateTime        *string
			MostRecentSslCertificate struct {
				Sha1    string
				Subject struct{ AlternateNames []string }
			}
		}
	}](t, a)
	if c := data.HostPort.MostRecentSslCertificate; data.HostPort.FirstSeenDateTime != nil || c.Sha1 == "" || len(c.Subject.AlternateNames) == 0 {
		t.Errorf("%+v", data)
	}
}

type exposure struct {
	Host struct {
		Ports struct {
			TotalCount int
			PageInfo   struct {
				HasNextPage bool
				EndCursor   string
			}
			Edges []struct {
				Cursor string
				Node   struct {
					ID, Status       string
					LastSeenDateTime time.Time
				}
			}
		}
	}
}

// The pages hold all open ports of the host, and no other, the youngest first; each page asks for the same list.
func holdsIPExposure(t *testing.T, s *running, q asking, a answered) {
	var ids []string
	last := time.Now()
	for range 10 {
		ports := in[exposure](t, a).Host.Ports
		for _, edge := range ports.Edges {
			if edge.Node.Status != "OPEN" || edge.Node.LastSeenDateTime.After(last) {
				t.Errorf("after %v comes %+v", last, edge.Node)
			}
			ids, last = append(ids, edge.Node.ID), edge.Node.LastSeenDateTime
		}
		if !ports.PageInfo.HasNextPage {
			if len(ids) != ports.TotalCount {
				t.Errorf("%d ports on all pages, totalCount %d", len(ids), ports.TotalCount)
			}
			break
		}
		q.variables["after"] = ports.PageInfo.EndCursor
		a = s.ask(t, q)
		wantCost(t, a, 1, 3, 1)
	}
	var open []string
	for _, port := range s.directList(t, below("hosts", q.variables["ip"].(string), "ports")) {
		if port["status"] == "open" {
			open = append(open, port["id"].(string))
		}
	}
	slices.Sort(open)
	slices.Sort(ids)
	if diff := cmp.Diff(open, ids); diff != "" {
		t.Errorf("-open upstream +on the pages:\n%s", diff)
	}
}

func holdsIncidentEnrichment(t *testing.T, s *running, q asking, a answered) {
	data := in[struct{ Hosts []*struct{ ID string } }](t, a)
	ids := q.variables["ips"].([]string)
	if len(data.Hosts) != len(ids) {
		t.Fatalf("%d hosts for %d ids", len(data.Hosts), len(ids))
	}
	unknown := 0
	for i, host := range data.Hosts {
		known := s.directEntity(t, "hosts", ids[i]) != nil
		if known != (host != nil) || host != nil && host.ID != ids[i] {
			t.Errorf("%s, known %v: %+v", ids[i], known, host)
		}
		if host == nil {
			unknown++
		}
	}
	if unknown != 3 {
		t.Errorf("%d are unknown", unknown)
	}
}

func holdsCertificatePivot(t *testing.T, _ *running, _ asking, a answered) {
	if strings.Contains(a.data, `"relatedHosts":{`) || // null, until it comes: gqlgen's way
		!strings.Contains(a.data, `"sha1"`) {
		t.Errorf("first payload: %s", a.data)
	}
	var related struct {
		RelatedHosts struct {
			TotalCount int
			Nodes      []struct {
				ID         string
				Reputation struct{ Classification string }
				Ports      struct{ Nodes []struct{ Port int } }
			}
		}
	}
	if err := json.Unmarshal(partOf(t, a, "related").Data, &related); err != nil {
		t.Fatal(err)
	}
	if n := len(related.RelatedHosts.Nodes); n != 20 || related.RelatedHosts.TotalCount <= n {
		t.Errorf("%d of %d", n, related.RelatedHosts.TotalCount)
	}
	for _, host := range related.RelatedHosts.Nodes {
		if host.Reputation.Classification == "" || len(host.Ports.Nodes) == 0 {
			t.Errorf("%+v", host)
		}
	}
}

func holdsCertificateHunt(t *testing.T, s *running, _ asking, a answered) {
	data := in[struct {
		SslCertificates struct {
			TotalCount int
			Nodes      []struct {
				ID, SerialNumber string
				RelatedHosts     struct{ Nodes []struct{ ID string } }
			}
		}
	}](t, a).SslCertificates
	hunted := s.upstream.emulator.HuntCertificateIDs()
	if len(data.Nodes) != 10 || data.TotalCount != len(hunted) {
		t.Errorf("%d of %d, and %d are there", len(data.Nodes), data.TotalCount, len(hunted))
	}
	for _, c := range data.Nodes {
		if c.SerialNumber != emulator.HuntSerialNumber || !slices.Contains(hunted, c.ID) || len(c.RelatedHosts.Nodes) != 5 {
			t.Errorf("%+v", c)
		}
	}
}

type watched struct {
	ID       string
	Suspects struct {
		Nodes []struct {
			Port    int
			Banners []struct{ Banner string }
		}
	}
	RemoteAccess struct{ Nodes []struct{ Port int } }
}

// The answer with a time of the middle is that without, less what was seen before; and not the same.
func holdsServiceHunt(t *testing.T, s *running, q asking, a answered) {
	suspects := 0
	for _, host := range in[struct{ Hosts []watched }](t, a).Hosts {
		for _, port := range host.Suspects.Nodes {
			suspects++
			if !slices.Contains([]int{443, 8443, 50050}, port.Port) || !strings.Contains(port.Banners[len(port.Banners)-1].Banner, "HTTP/1.1 404") {
				t.Errorf("%s: %+v", host.ID, port)
			}
		}
		for _, port := range host.RemoteAccess.Nodes {
			if !slices.Contains([]int{22, 3389, 5985}, port.Port) {
				t.Errorf("%s: %+v", host.ID, port)
			}
		}
	}
	if suspects == 0 {
		t.Error("no suspects")
	}
	for _, narrower := range []map[string]any{
		{"since": "2021-03-01T00:00:00Z"}, {"banner": "http/1.1 404 not"}, {"banner": "no such banner"}, {"ports": []int{50050}}, {"ports": []int{}},
	} {
		narrower["ips"], narrower["cve"] = q.variables["ips"], q.variables["cve"]
		q.variables = narrower
		a := s.ask(t, q)
		wantNoErrors(t, a)
		wantCost(t, a, 1, 12, 1)
		wantNaive(t, s, q, a)
	}
}

// Nothing of the chain is in the first payload; the parts hold it all.
func holdsInfrastructureChain(t *testing.T, _ *running, _ asking, a answered) {
	data := in[struct {
		Node struct {
			Typename string `json:"__typename"`
			Port     int
			Host     map[string]any
		}
	}](t, a).Node
	autonomousSystem := data.Host["autonomousSystem"]
	delete(data.Host, "autonomousSystem")
	for name, value := range data.Host {
		if value != nil { // null, until it comes: gqlgen's way
			t.Errorf("%s in the first payload: %v", name, value)
		}
	}
	if data.Typename != "HostPort" || data.Port == 0 || autonomousSystem == nil {
		t.Errorf("first payload: %s", a.data)
	}
	var chain struct {
		PassiveDNSReverse, HostPairs, SslCertificates, Components struct{ Nodes []map[string]any }
	}
	if err := json.Unmarshal(partOf(t, a, "neighbours").Data, &chain); err != nil {
		t.Fatal(err)
	}
	if len(chain.PassiveDNSReverse.Nodes) != 25 || len(chain.HostPairs.Nodes) == 0 || len(chain.SslCertificates.Nodes) == 0 || len(chain.Components.Nodes) == 0 {
		t.Errorf("%+v", chain)
	}
	for _, pair := range chain.HostPairs.Nodes {
		if kind := pair["linkKind"]; kind != "script.src" && kind != "redirect" {
			t.Errorf("%+v", pair)
		}
	}
}
