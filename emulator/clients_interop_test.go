//go:build interop

package emulator_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/emulator/odata"
	"portico/emulator/world"
	"portico/internal/interop"
)

// runClient runs a script of Microsoft's clients with an input, and returns what it prints.
func runClient(t *testing.T, s *emulator.Server, script string, input any) string {
	t.Helper()
	clients := interop.Open(t, "../testdata/microsoft")
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, s.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	clients.Env = []string{"NODE_EXTRA_CA_CERTS=" + roots}
	return clients.Run(t, input, "node", script)
}

// access is what a client needs to get tokens, and to read.
func access(e *emulator.Emulator, s *emulator.Server) map[string]any {
	return map[string]any{
		"url": s.URL, "tenant": e.Tenant(), "clientId": e.ClientID(), "secret": e.ClientSecret(), "scope": graphDefault,
		"user": e.UserToken("ada"), "federated": e.FederatedToken(emulator.DefaultSubject), "token": e.AppToken(),
	}
}

// Microsoft's libraries get tokens in each way that they know of, and find those that they keep.
func TestInteropMicrosoftsLibrariesGetTokens(t *testing.T) {
	e, s := started(t)
	got := runClient(t, s, "tokens.mjs", access(e, s))
	const want = `azure-identity managed identity
azure-identity managed identity of an application, at a host with a slash
azure-identity secret
azure-identity assertion
azure-identity on behalf of
msal-node on behalf of
msal-node on behalf of, from its cache
msal-node client credentials
msal-node client credentials, from its cache
client_secret_basic
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error("-want +got:\n" + diff)
	}
	grants := map[string]int{}
	for _, r := range e.TokenLog() {
		grants[r.Grant]++
	}
	wantGrants := map[string]int{
		"client_credentials": 4, "urn:ietf:params:oauth:grant-type:jwt-bearer": 2, "managed_identity": 2,
	}
	if diff := cmp.Diff(wantGrants, grants); diff != "" {
		t.Error("token requests: -want +got:\n" + diff)
	}
}

// The metadata document is valid by the schema of OData's committee, and names no type that does not exist. Its types
// and its container are read.
func TestInteropMetadataIsValid(t *testing.T) {
	_, s := started(t)
	got := runClient(t, s, "metadata.mjs", map[string]any{"url": s.URL})
	if want := fmt.Sprintln(strings.Count(odata.Metadata(), "Type Name=") + 1); got != want {
		t.Errorf("%s types were read, want %s", got, want)
	}
}

// Microsoft's JavaScript client reads all published examples, pages through a list, and sends a batch.
func TestInteropMicrosoftsClientReads(t *testing.T) {
	e, s := started(t, emulator.WithPageSize(7))
	input := access(e, s)
	files := map[string]bool{}
	examples := map[string]json.RawMessage{}
	for file, urls := range world.Examples() {
		files[file] = true
		for _, u := range urls {
			examples[u] = json.RawMessage(example(t, file))
		}
	}
	want := struct {
		Right int
		IDs   []string
		Batch []batchStatus
	}{Right: len(examples), IDs: e.List("hosts/192.0.2.1/passiveDnsReverse")}
	var paths []string
	for _, id := range e.HostIDs()[:19] {
		paths = append(paths, "hosts/"+id+"?$select=id")
		want.Batch = append(want.Batch, batchStatus{200, &id})
	}
	paths = append(paths, "hosts/unknown.example")
	want.Batch = append(want.Batch, batchStatus{404, nil})
	input["examples"], input["list"], input["paths"] = examples, "hosts/192.0.2.1/passiveDnsReverse", paths
	got := want
	got.Right, got.IDs, got.Batch = 0, nil, nil
	if err := json.Unmarshal([]byte(runClient(t, s, "graph.mjs", input)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" || len(files) != 40 || len(want.IDs) < 15 {
		t.Errorf("%d examples, %d ids; -want +got:\n%s", len(files), len(want.IDs), diff)
	}
	if batches := count(e, "POST"); batches != 1 {
		t.Errorf("%d batches, want 1", batches)
	}
}

type batchStatus struct {
	Status int
	ID     *string
}

func count(e *emulator.Emulator, method string) (n int) {
	for _, r := range e.Requests() {
		if r.Method == method {
			n++
		}
	}
	return n
}

// meshRows are questions to GraphQL Mesh, below security.threatIntelligence, and the answers.
var meshRows = []struct{ query, want string }{
	{
		`id hostPortsById(id: "MTkyLjAuMi4xJCQ5NDQz") { id port status }`,
		`{"id":"threatIntelligence","hostPortsById":{"id":"MTkyLjAuMi4xJCQ5NDQz","port":9443,"status":"open"}}`,
	},
	{
		`hostsById(id: "192.0.2.1") { __typename id ports(queryOptions: { top: 2 }) { port } reputation { score } }`,
		`{"hostsById":{"__typename":"SelfIpAddress","id":"192.0.2.1","ports":[{"port":443},{"port":8443}],"reputation":{"score":90}}}`,
	},
	{
		`articles(queryOptions: { top: 2 }) { id }`,
		`{"articles":[{"id":"a272d5ab"},{"id":"a0000000"}]}`,
	},
	{
		`a: hostPortsById(id: "MTkyLjAuMi4xJCQ5NDQz") { port } b: vulnerabilitiesById(id: "CVE-2021-44228") { severity }`,
		`{"a":{"port":9443},"b":{"severity":"high"}}`,
	},
}

// GraphQL Mesh's OData handler makes a schema of the metadata, and its queries are answered, alone and in batches.
func TestInteropMeshReads(t *testing.T) {
	for mode, batched := range map[string]bool{"": false, "json": true} {
		e, s := started(t)
		input := access(e, s)
		var queries, want []string
		for _, row := range meshRows {
			queries = append(queries, "{ security { threatIntelligence { "+row.query+" } } }")
			want = append(want, `{"data":{"security":{"threatIntelligence":`+row.want+`}}}`)
		}
		input["queries"], input["batch"] = queries, mode
		if diff := cmp.Diff("["+strings.Join(want, ",")+"]", runClient(t, s, "mesh.mjs", input)); diff != "" {
			t.Errorf("batch %q: -want +got:\n%s", mode, diff)
		}
		if got := count(e, "POST") > 0; got != batched {
			t.Errorf("batch %q: batches sent: %v, want %v", mode, got, batched)
		}
	}
}
