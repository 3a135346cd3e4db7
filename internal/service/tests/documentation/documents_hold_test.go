package documentation_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"
)

func holdsPortTriage(t *testing.T, _ *servicetest.Service, _ servicetest.Operation, a servicetest.Reply) {
	type banner struct{ Banner string }
	data := servicetest.Data[struct {
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

func holdsPortCertificate(t *testing.T, _ *servicetest.Service, _ servicetest.Operation, a servicetest.Reply) {
	data := servicetest.Data[struct {
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
func holdsIPExposure(t *testing.T, s *servicetest.Service, q servicetest.Operation, a servicetest.Reply) {
	var ids []string
	last := time.Now()
	for range 10 {
		ports := servicetest.Data[exposure](t, a).Host.Ports
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
		q.Variables["after"] = ports.PageInfo.EndCursor
		a = s.Send(t, q)
		a.WantCost(t, 1, 3, 1)
	}
	var open []string
	for _, port := range s.DirectList(t, servicetest.ListPath("hosts", q.Variables["ip"].(string), "ports")) {
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

func holdsIncidentEnrichment(t *testing.T, s *servicetest.Service, q servicetest.Operation, a servicetest.Reply) {
	data := servicetest.Data[struct{ Hosts []*struct{ ID string } }](t, a)
	ids := q.Variables["ips"].([]string)
	if len(data.Hosts) != len(ids) {
		t.Fatalf("%d hosts for %d ids", len(data.Hosts), len(ids))
	}
	unknown := 0
	for i, host := range data.Hosts {
		known := s.DirectEntity(t, "hosts", ids[i]) != nil
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

func holdsCertificatePivot(t *testing.T, _ *servicetest.Service, _ servicetest.Operation, a servicetest.Reply) {
	if strings.Contains(a.Data, `"relatedHosts":{`) || // null, until it comes: gqlgen's way
		!strings.Contains(a.Data, `"sha1"`) {
		t.Errorf("first payload: %s", a.Data)
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
	if err := json.Unmarshal(a.Part(t, "related").Data, &related); err != nil {
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

func holdsCertificateHunt(t *testing.T, s *servicetest.Service, _ servicetest.Operation, a servicetest.Reply) {
	data := servicetest.Data[struct {
		SslCertificates struct {
			TotalCount int
			Nodes      []struct {
				ID, SerialNumber string
				RelatedHosts     struct{ Nodes []struct{ ID string } }
			}
		}
	}](t, a).SslCertificates
	hunted := s.Emulator.HuntCertificateIDs()
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
func holdsServiceHunt(t *testing.T, s *servicetest.Service, q servicetest.Operation, a servicetest.Reply) {
	suspects := 0
	for _, host := range servicetest.Data[struct{ Hosts []watched }](t, a).Hosts {
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
		narrower["ips"], narrower["cve"] = q.Variables["ips"], q.Variables["cve"]
		q.Variables = narrower
		a := s.Send(t, q)
		a.WantNoErrors(t)
		a.WantCost(t, 1, 12, 1)
		naive.Want(t, s, q, a)
	}
}

// Nothing of the chain is in the first payload; the parts hold it all.
func holdsInfrastructureChain(t *testing.T, _ *servicetest.Service, _ servicetest.Operation, a servicetest.Reply) {
	data := servicetest.Data[struct {
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
		t.Errorf("first payload: %s", a.Data)
	}
	var chain struct {
		PassiveDNSReverse, HostPairs, SslCertificates, Components struct{ Nodes []map[string]any }
	}
	if err := json.Unmarshal(a.Part(t, "neighbours").Data, &chain); err != nil {
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
