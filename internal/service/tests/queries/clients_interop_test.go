//go:build interop

package queries_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/internal/interop"
	"portico/internal/service/servicetest"
)

const clients = "testdata/clients"

// Relay refetches an entity by what identifies it in its store, and pages through a list of an entity.
func TestInteropRelayRefetches(t *testing.T) {
	relay := interop.Open(t, clients)
	relay.WriteSchema(t, "schema.graphqls")
	relay.Run(t, nil, "node_modules/.bin/relay-compiler", "relay.refetch.config.json")
	s := servicetest.Start(t)
	relay.Run(t, nil, "node", "refetch.mjs", s.URL+"/graphql", s.Emulator.ChainPortID())
}

// The client preset of GraphQL Code Generator and gql.tada type fragments, interfaces and enumerations, the first from
// the file, the second by introspection. TypeScript checks a program with both, and the program runs.
func TestInteropTypedClients(t *testing.T) {
	typed := interop.Open(t, clients)
	s := servicetest.Start(t)
	endpoint, id := s.URL+"/graphql", s.Emulator.ChainPortID()
	if err := os.MkdirAll(clients+"/typed/generated", 0o700); err != nil {
		t.Fatal(err)
	}
	typed.Run(t, nil, "node_modules/.bin/graphql-codegen", "--config", "typed/codegen.yml")
	typed.Run(t, nil, "node_modules/.bin/gql.tada", "generate-schema", endpoint, "-c", "typed/tsconfig.tada.json")
	typed.Run(t, nil, "node_modules/.bin/gql.tada", "generate-output", "-c", "typed/tsconfig.tada.json")
	typed.Run(t, nil, "node_modules/.bin/tsc", "-p", "typed")
	got := typed.Run(t, nil, "node", "typed/build/main.js", endpoint, id)
	want := `{"port":9443,"netblock":"192.0.2.0/24","status":["OPEN","OPEN"],"node":["HostPort",9443],"scores":[90,90]}`
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Three libraries compose Portico with a subgraph that refers to hosts of unknown type. Hive Gateway answers from the
// two compositions that it can read; the third is WunderGraph's own form.
func TestInteropHiveGateway(t *testing.T) {
	gateway := interop.Open(t, clients)
	s := servicetest.Start(t)
	port := s.Emulator.ChainPortID()
	incidents := []map[string]any{
		{"id": "1", "host": map[string]string{"id": "192.0.2.1"}, "port": map[string]string{"id": port}},
		{"id": "2", "host": map[string]string{"id": "www2.example.com"}, "port": map[string]string{"id": port}},
	}
	out := gateway.Run(t, map[string]any{"incidents": incidents, "query": `{
		incidents { id host { __typename id reputation { score } } port { port host { id incidents { id } } } }
		host(id: "www2.example.com") { __typename incidents { id } }
	}`}, "node", "federation.mjs", s.URL+"/graphql")
	var got map[string]json.RawMessage
	servicetest.Decode(t, out, &got)
	const (
		chain = `"port":{"port":9443,"host":{"id":"192.0.2.1","incidents":[{"id":"1"}]}}`
		want  = `{"data":{"incidents":[` +
			`{"id":"1","host":{"__typename":"IpAddress","id":"192.0.2.1","reputation":{"score":90}},` + chain + `},` +
			`{"id":"2","host":{"__typename":"Hostname","id":"www2.example.com","reputation":{"score":92}},` + chain + `}],` +
			`"host":{"__typename":"Hostname","incidents":[{"id":"2"}]}}}`
	)
	for _, library := range []string{"@apollo/composition", "@theguild/federation-composition"} {
		if diff := cmp.Diff(want, string(got[library])); diff != "" {
			t.Errorf("%s: -want +got:\n%s", library, diff)
		}
	}
}

// autocannon counts no failure of any kind.
func TestInteropLoad(t *testing.T) {
	cannon := interop.Open(t, clients)
	s := servicetest.Start(t)
	out := cannon.Run(t, []string{
		`{ host(id: "192.0.2.1") { id reputation { id score } } }`,
		fmt.Sprintf(`{ hostPort(id: %q) { __typename id port host { id } } }`, s.Emulator.ChainPortID()),
		`{ nodes(ids: ["192.0.2.1", "www2.example.com", "nobody.example"]) { __typename id } }`,
	}, "node", "load.mjs", s.URL+"/graphql")
	var got map[string]int
	servicetest.Decode(t, out, &got)
	want := map[string]int{
		"sent": 2000, "good": 2000, "non2xx": 0, "errors": 0, "timeouts": 0, "mismatches": 0, "resets": 0,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// genqlient generates code for interfaces, but not for Node and Artifact, as examples/README.md says: another interface,
// Host, is among their implementations.
func TestInteropGenqlient(t *testing.T) {
	schema, err := filepath.Abs("schema.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct{ query, refused string }{
		"host": {
			`query Q($id: ID!) { hostPort(id: $id) { id port host { __typename id ... on IpAddress { netblock } } } }`, "",
		},
		"node": {
			`query Q($id: ID!) { node(id: $id) { __typename id } }`, "interface Artifact had non-object implementation Host",
		},
		"artifact": {
			`query Q($id: ID!) { passiveDnsRecord(id: $id) { id artifact { __typename id } } }`,
			"interface Artifact had non-object implementation Host",
		},
	} {
		dir := t.TempDir()
		config := "schema: " + schema + "\noperations: [q.graphql]\ngenerated: q.go\npackage: q\n" +
			"bindings: { DateTime: { type: time.Time } }\n"
		for file, text := range map[string]string{"q.graphql": row.query, "genqlient.yaml": config} {
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.CommandContext(t.Context(), "go", "-C", "examples/go", "tool", "genqlient", dir+"/genqlient.yaml") //nolint:gosec // ours
		out, err := cmd.CombinedOutput()
		if (err != nil) != (row.refused != "") || !strings.Contains(string(out), row.refused) {
			t.Errorf("%s: %v, want %q:\n%s", name, err, row.refused, out)
		}
	}
}
