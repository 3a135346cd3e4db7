package queries_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"portico/internal/service/servicetest"
)

// fiftyPorts puts 50 ports on 10 hosts with 10 certificates into a running emulator, and returns the question for all of
// them by alias. id makes a port's id from its host and number; as the published examples do, if it is nil.
func fiftyPorts(t testing.TB, s *servicetest.Service, id func(host string, port int) string) servicetest.Operation {
	t.Helper()
	if id == nil {
		id = servicetest.PortID
	}
	put := func(set string, entity map[string]any) {
		text, err := json.Marshal(entity)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Emulator.Put(set, string(text)); err != nil {
			t.Fatal(err)
		}
	}
	var query strings.Builder
	query.WriteString("{")
	for h := range 10 {
		host, certificate := fmt.Sprintf("203.0.113.%d", h+1), fmt.Sprintf("certificate%d", h)
		put("hosts", map[string]any{
			"@odata.type": "#microsoft.graph.security.ipAddress", "id": host, "firstSeenDateTime": fmt.Sprintf("20%02d-01-01T00:00:00Z", h+10),
		})
		put("sslCertificates", map[string]any{"id": certificate, "sha1": fmt.Sprintf("sha1 of %d", h)})
		for p := range 5 {
			put("hostPorts", map[string]any{
				"id": id(host, p), "port": p, "host": ref(host), "mostRecentSslCertificate": ref(certificate),
			})
			fmt.Fprintf(&query, "\np%d_%d: hostPort(id: %q) { port mostRecentSslCertificate { sha1 } host { firstSeenDateTime } }", h, p, id(host, p))
		}
	}
	query.WriteString("}")
	return servicetest.Operation{Query: query.String(), Accept: "application/json"}
}

func ref(id string) map[string]any { return map[string]any{"id": id} }

// wantFifty holds the answer to what was put into the emulator.
func wantFifty(t testing.TB, a servicetest.Reply) {
	t.Helper()
	var data map[string]struct {
		Port                     int
		MostRecentSslCertificate struct{ Sha1 string }
		Host                     struct{ FirstSeenDateTime string }
	}
	if err := json.Unmarshal([]byte(a.Data), &data); err != nil {
		t.Fatal(err)
	}
	if len(data) != 50 || len(a.Errors) != 0 {
		t.Fatalf("%d ports and errors %v", len(data), a.Errors)
	}
	for alias, port := range data {
		var h, p int
		_, _ = fmt.Sscanf(alias, "p%d_%d", &h, &p)
		if port.Port != p || port.MostRecentSslCertificate.Sha1 != fmt.Sprintf("sha1 of %d", h) ||
			port.Host.FirstSeenDateTime != fmt.Sprintf("20%02d-01-01T00:00:00.000Z", h+10) {
			t.Errorf("%s is %+v", alias, port)
		}
	}
}

func TestFiftyPortsAreSixtyItemsInThreeBatchesInOneWave(t *testing.T) {
	s := servicetest.Start(t)
	a := s.Send(t, fiftyPorts(t, s, nil))
	wantFifty(t, a)
	a.WantCost(t, 3, 60, 1)
	for _, call := range a.Cost.Calls {
		if call.URL != "/$batch" || len(call.Items) != 20 {
			t.Errorf("%s %s with %d items", call.Method, call.URL, len(call.Items))
		}
	}
}

func TestFiftyPortsUnderLoad(t *testing.T) {
	s := servicetest.Start(t)
	q := fiftyPorts(t, s, nil)
	var all sync.WaitGroup
	for caller := range 8 {
		all.Go(func() {
			for round := range 3 {
				// A comment makes the questions differ, so that none shares another's answer.
				mine := servicetest.Operation{Query: fmt.Sprintf("# %d %d\n%s", caller, round, q.Query), Accept: q.Accept}
				a := s.Send(t, mine)
				wantFifty(t, a)
				a.WantCost(t, 3, 60, 1)
			}
		})
	}
	all.Wait()
}

func TestFiftyPortsWithoutHints(t *testing.T) {
	s := servicetest.Start(t, "PORTICO_HOST_HINTS=off")
	a := s.Send(t, fiftyPorts(t, s, nil))
	wantFifty(t, a)
	a.WantCost(t, 4, 60, 2)
}

func TestFiftyPortsWithOpaqueIDs(t *testing.T) {
	s := servicetest.Start(t)
	a := s.Send(t, fiftyPorts(t, s, func(host string, port int) string { return fmt.Sprintf("opaque-%s-%d", host, port) }))
	wantFifty(t, a)
	a.WantCost(t, 4, 60, 2)
}

func TestFiftyPortsWithWrongHints(t *testing.T) {
	s := servicetest.Start(t)
	wrong := func(host string, port int) string {
		return servicetest.PortID(strings.Replace(host, "203.0.113.", "198.51.100.", 1), port)
	}
	a := s.Send(t, fiftyPorts(t, s, wrong))
	wantFifty(t, a)
	a.WantCost(t, 4, 70, 2)
	if !strings.Contains(s.Log.String(), "hint_misses=50") {
		t.Errorf("the misses are not counted in the log:\n%s", s.Log)
	}
}
