package queries_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/service/servicetest"
	"portico/threatintel"
)

// federationQuestion crosses both subgraphs in both directions.
const federationQuestion = `query ($address: ID!) {
	incidents { nodes { id port { port } host { __typename id firstSeenDateTime } } pageInfo { hasNextPage } }
	host(id: $address) { id ... on IpAddress { countryOrRegion incidents { id } } }
}`

// theirIncident is what another subgraph knows: what happened, where, by types and keys alone.
type theirIncident struct {
	ID   string         `json:"id"`
	Port key            `json:"port"`
	Host representation `json:"host"`
}

type key struct {
	ID string `json:"id"`
}

// A real gateway composes Portico with another subgraph, and asks each time for all the entities of a type at once.
func TestAGatewaySendsBatches(t *testing.T) {
	t.Parallel()
	needGateway(t)
	s := servicetest.Start(t)
	given := theirIncidents(s, 60, 40)
	address := given[0].Host.ID
	got := askGateway(t, s, map[string]any{
		"incidents": given, "query": federationQuestion, "variables": map[string]any{"address": address},
	})
	if got.Errors != nil {
		t.Fatalf("errors: %s", got.Errors)
	}
	got.want(t, given, address)
	if strings.Contains(got.Supergraph, "QueryOption") || strings.Contains(got.Supergraph, "@property") {
		t.Error("the supergraph holds what is only for Portico")
	}
	sizes := map[int]int{}
	for _, r := range s.Emulator.Requests() {
		sizes[len(r.Items)]++
	}
	// 60 ports are three batches of twenty, 40 hosts two; the host at the root is a GET.
	if diff := cmp.Diff(map[int]int{20: 5, 0: 1}, sizes); diff != "" {
		t.Errorf("requests by the number of their items, -want +got:\n%s", diff)
	}
}

// theirIncidents returns incidents, each at its own port, at the given number of hosts, the first of them an address.
func theirIncidents(s *servicetest.Service, n, hosts int) []theirIncident {
	e := s.Emulator
	ports, at := e.PortIDs(), e.HostIDs()
	for i, id := range at {
		if threatintel.IsAddress(id) {
			at[0], at[i] = at[i], at[0]
			break
		}
	}
	all := make([]theirIncident, n)
	for i := range all {
		host := at[i%hosts]
		all[i] = theirIncident{
			ID: fmt.Sprintf("incident-%d", i), Port: key{ports[i]},
			Host: representation{threatintel.HostType(host), host},
		}
	}
	return all
}

// gatewayAnswer is what the gateway answers to federationQuestion, beside the schema that it composed.
type gatewayAnswer struct {
	Supergraph string
	Errors     json.RawMessage
	Data       struct {
		Incidents struct {
			Nodes []struct {
				ID   string
				Port struct{ Port *int }
				Host struct {
					Type              string `json:"__typename"`
					ID                string
					FirstSeenDateTime *time.Time
				}
			}
		}
		Host struct {
			ID              string
			CountryOrRegion string
			Incidents       []key
		}
	}
}

func (a gatewayAnswer) want(t *testing.T, given []theirIncident, address string) {
	t.Helper()
	if len(a.Data.Incidents.Nodes) != len(given) {
		t.Fatalf("%d incidents, want %d", len(a.Data.Incidents.Nodes), len(given))
	}
	var here []key
	for i, node := range a.Data.Incidents.Nodes {
		if node.ID != given[i].ID || node.Host.ID != given[i].Host.ID || node.Host.Type != given[i].Host.Type {
			t.Errorf("incident %d is %+v, want %+v", i, node, given[i])
		}
		if node.Port.Port == nil || node.Host.FirstSeenDateTime == nil {
			t.Errorf("incident %d lacks what Portico knows: %+v", i, node)
		}
		if node.Host.ID == address {
			here = append(here, key{node.ID})
		}
	}
	if a.Data.Host.ID != address || a.Data.Host.CountryOrRegion == "" {
		t.Errorf("the address is %+v", a.Data.Host)
	}
	if diff := cmp.Diff(here, a.Data.Host.Incidents); diff != "" {
		t.Errorf("incidents of the address, -want +got:\n%s", diff)
	}
}

// A subgraph that does not know whether a host is a name or an address refers to the interface, and adds to it. Another has
// fields of the root for Relay: those of Portico are not in the way.
func TestAGatewayResolvesHostsOfUnknownType(t *testing.T) {
	t.Parallel()
	needGateway(t)
	s := servicetest.Start(t)
	given := theirIncidents(s, 2, 2)
	name := ""
	for _, id := range s.Emulator.HostIDs() {
		if !threatintel.IsAddress(id) {
			name = id
		}
	}
	host := func(id string) map[string]any { return map[string]any{"__typename": "Host", "id": id} }
	got := gateway(t, s, map[string]any{
		"incidents": given,
		"notes":     []any{map[string]any{"text": "a", "host": host(name)}, map[string]any{"text": "b", "host": host(given[0].Host.ID)}},
		"query": `query ($address: ID!, $incident: ID!) {
			notes { text host { __typename id reputation { id } } }
			host(id: $address) { __typename notes { text } }
			node(id: $incident) { __typename id }
		}`,
		"variables": map[string]any{"address": given[0].Host.ID, "incident": given[1].ID},
	})
	var answer struct {
		Errors json.RawMessage
		Data   struct {
			Notes []struct {
				Text string
				Host struct {
					representation
					Reputation *key
				}
			}
			Host struct {
				Type  string `json:"__typename"`
				Notes []struct{ Text string }
			}
			Node representation
		}
	}
	if err := json.Unmarshal(got, &answer); err != nil || answer.Errors != nil {
		t.Fatalf("%v %s", err, answer.Errors)
	}
	data := answer.Data
	if data.Node != (representation{"Incident", given[1].ID}) {
		t.Errorf("node is %v", data.Node)
	}
	if data.Host.Type != "IpAddress" || len(data.Host.Notes) != 1 || data.Host.Notes[0].Text != "b" {
		t.Errorf("host is %v", data.Host)
	}
	want := []representation{{"Hostname", name}, {"IpAddress", given[0].Host.ID}}
	for i, note := range data.Notes {
		if note.Host.representation != want[i] || note.Host.Reputation == nil {
			t.Errorf("note %s has the host %v, want %v with a reputation", note.Text, note.Host, want[i])
		}
	}
}

func needGateway(t *testing.T) {
	t.Helper()
	const modules = "testdata/federation/node_modules/.package-lock.json"
	if _, err := os.Stat(modules); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("the gateway is not installed; install it with: make federation")
		}
		t.Skip("the gateway is not installed; install it with: make federation")
	}
}

func askGateway(t *testing.T, s *servicetest.Service, question map[string]any) (a gatewayAnswer) {
	t.Helper()
	out := gateway(t, s, question)
	if err := json.Unmarshal(out, &a); err != nil {
		t.Fatalf("%v in %.300s", err, out)
	}
	return a
}

// gateway asks the gateway a question, and returns its answer as JSON.
func gateway(t *testing.T, s *servicetest.Service, question map[string]any) []byte {
	t.Helper()
	input, err := json.Marshal(question)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "node", "gateway-test.mjs", s.URL+"/graphql")
	cmd.Dir = "testdata/federation"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	cmd.Stdin = bytes.NewReader(input)
	cmd.WaitDelay = time.Second
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &complaints)
	}
	return out
}
