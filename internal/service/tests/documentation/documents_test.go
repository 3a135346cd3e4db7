package documentation_test

import (
	"encoding/json"
	"os"
	"slices"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"
)

// acceptance is a question as analysts and frontends ask it. testdata/documents has its text, its variables, and the
// requests that it costs.
type acceptance struct {
	name      string
	variables func(e *emulator.Emulator) map[string]any
	// cost is what the question costs: requests, items of batches and lone GETs, waves.
	requests, items, waves int
	holds                  func(t *testing.T, s *servicetest.Service, q servicetest.Operation, a servicetest.Reply)
}

var documents = []acceptance{
	{"port-triage", nil, 1, 1, 1, holdsPortTriage},
	{"port-certificate", nil, 1, 1, 1, holdsPortCertificate},
	{"ip-exposure", func(e *emulator.Emulator) map[string]any {
		return map[string]any{"ip": servicetest.Address(e, 0), "first": 4}
	}, 1, 3, 1, holdsIPExposure},
	{"incident-enrichment", func(e *emulator.Emulator) map[string]any {
		return map[string]any{"ips": incident(e, 20)}
	}, 3, 60, 1, holdsIncidentEnrichment},
	// A port, its host's reputation and the certificate's related hosts leave one by one or in pairs, as they become
	// known; then 20 hosts with a reputation and a list of ports each. One of those hosts is the port's own, whose
	// reputation is there already: 43 - 1. The port and the reputation leave side by side as two GETs, not in a batch,
	// which saves the batch's work and takes no longer.
	{"certificate-pivot", func(e *emulator.Emulator) map[string]any {
		return map[string]any{"id": e.ChainPortID()}
	}, 5, 42, 3, holdsCertificatePivot},
	{"certificate-hunt", nil, 5, 61, 3, holdsCertificateHunt},
	{"service-hunt", func(e *emulator.Emulator) map[string]any {
		return map[string]any{"ips": servicetest.Addresses(e, 10), "cve": e.VulnerabilityIDs()[1]}
	}, 1, 12, 1, holdsServiceHunt},
	// The port and its host leave side by side as two GETs, and not in a batch of two: one request more than the least,
	// and no more round trips.
	{"infrastructure-chain", func(e *emulator.Emulator) map[string]any {
		return map[string]any{"id": e.ChainPortID()}
	}, 5, 31, 3, holdsInfrastructureChain},
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, d := range documents {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			s := servicetest.Start(t)
			q := d.question(t, s)
			a := s.Send(t, q)
			if d.name != "port-certificate" { // the published example is not free of them
				a.WantNoErrors(t)
			}
			a.WantCost(t, d.requests, d.items, d.waves)
			servicetest.WantGolden(t, "testdata/documents/"+d.name+".wire", s.Wire(t, a))
			naive.Want(t, s, q, a)
			d.holds(t, s, q, a)
		})
	}
}

// question reads the document, and holds the variables beside it to what the emulator's world has.
func (d acceptance) question(t *testing.T, s *servicetest.Service) servicetest.Operation {
	t.Helper()
	file := "testdata/documents/" + d.name
	text, err := os.ReadFile(file + ".graphql")
	if err != nil {
		t.Fatal(err)
	}
	q := servicetest.ReadOperation(t, string(text))
	if d.variables == nil {
		return q
	}
	q.Variables = d.variables(s.Emulator)
	variables, err := json.MarshalIndent(q.Variables, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	servicetest.WantGolden(t, file+".json", string(variables)+"\n")
	return q
}

// incident returns n hosts, in another order than the world's: addresses, names, and three that are not known.
func incident(e *emulator.Emulator, n int) []string {
	ids := slices.Clone(e.HostIDs()[:n-3])
	slices.Reverse(ids)
	ids = slices.Insert(ids, 1, "192.0.2.250")
	ids = slices.Insert(ids, 5, "nobody.example")
	return append(ids, "2001:db8::dead")
}
