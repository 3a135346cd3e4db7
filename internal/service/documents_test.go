package service

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/emulator"
)

// acceptance is a question as analysts and frontends ask it. testdata/documents has its text, its variables, and the
// requests that it costs.
type acceptance struct {
	name      string
	variables func(e *emulator.Emulator) map[string]any
	// cost is what the question costs: requests, items of batches and lone GETs, waves.
	requests, items, waves int
	holds                  func(t *testing.T, s *running, q asking, a answered)
}

var documents = []acceptance{
	{"port-triage", nil, 1, 1, 1, holdsPortTriage},
	{"port-certificate", nil, 1, 1, 1, holdsPortCertificate},
	{"ip-exposure", func(e *emulator.Emulator) map[string]any {
		return map[string]any{"ip": address(e, 0), "first": 4}
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
		return map[string]any{"ips": addresses(e, 10), "cve": e.VulnerabilityIDs()[1]}
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
			s := start(t)
			q := d.question(t, s)
			a := s.ask(t, q)
			if d.name != "port-certificate" { // the published example is not free of them
				wantNoErrors(t, a)
			}
			wantCost(t, a, d.requests, d.items, d.waves)
			wantWire(t, "testdata/documents/"+d.name+".wire", wire(t, s, a))
			wantNaive(t, s, q, a)
			d.holds(t, s, q, a)
		})
	}
}

// question reads the document, and holds the variables beside it to what the emulator's world has.
func (d acceptance) question(t *testing.T, s *running) asking {
	t.Helper()
	file := "testdata/documents/" + d.name
	text, err := os.ReadFile(file + ".graphql")
	if err != nil {
		t.Fatal(err)
	}
	q := question(t, string(text))
	if d.variables == nil {
		return q
	}
	q.variables = d.variables(s.upstream.emulator)
	variables, err := json.MarshalIndent(q.variables, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	wantWire(t, file+".json", string(variables)+"\n")
	return q
}

func wantNoErrors(t testing.TB, a answered) {
	t.Helper()
	for _, e := range a.errors {
		t.Errorf("error at %s: %s %v", pathText(e.Path), e.Message, e.Extensions)
	}
}

// addresses returns hosts of the world that are addresses.
func addresses(e *emulator.Emulator, n int) (ids []string) {
	for _, id := range e.HostIDs() {
		if isAddress(id) && len(ids) < n {
			ids = append(ids, id)
		}
	}
	return ids
}

func address(e *emulator.Emulator, i int) string { return addresses(e, i+1)[i] }

func isAddress(id string) bool { return !strings.ContainsAny(id, "ghijklmnopqrstuvwxyz") }

// incident returns so many hosts, in no order of the world's: addresses, names, and three that are not known.
func incident(e *emulator.Emulator, n int) []string {
	ids := slices.Clone(e.HostIDs()[:n-3])
	slices.Reverse(ids)
	ids = slices.Insert(ids, 1, "192.0.2.250")
	ids = slices.Insert(ids, 5, "nobody.example")
	return append(ids, "2001:db8::dead")
}

// in decodes the data of an answer into a value of the caller's own.
func in[T any](t testing.TB, a answered) (data T) {
	t.Helper()
	if err := json.Unmarshal([]byte(a.data), &data); err != nil {
		t.Fatalf("%v in %s", err, a.data)
	}
	return data
}

// partOf returns the deferred part with a label.
func partOf(t testing.TB, a answered, label string) incremental {
	t.Helper()
	for _, part := range a.parts {
		if part.Label == label {
			return part
		}
	}
	t.Fatalf("no part %s in %d parts", label, len(a.parts))
	return incremental{}
}

// when reads an instant, the zero one for null.
func when(text any) time.Time {
	at, _ := time.Parse(time.RFC3339, fmt.Sprint(text))
	return at
}
