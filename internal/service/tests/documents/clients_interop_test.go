//go:build interop

package documents_test

import (
	"os"
	"testing"

	"portico/internal/interop"
	"portico/internal/service/servicetest"
)

const clients = "testdata/clients"

// Apollo Client, urql and Relay send the documents that their own tools wrote down, register them, and do without both. Each
// request is checked for what it brings: a query, or a name of one.
func TestInteropClientsNameTheirDocuments(t *testing.T) {
	programs := interop.Open(t, clients)
	programs.WriteSchema(t, "schema.graphqls")
	manifests := t.TempDir()
	generated := clients + "/documents/__generated__"
	if err := os.RemoveAll(generated); err != nil { // the compiler writes down no document whose artifact is there
		t.Fatal(err)
	}
	if err := os.MkdirAll(generated, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(generated+"/relay.json", []byte("{}"), 0o600); err != nil { // the compiler adds to what is there
		t.Fatal(err)
	}
	programs.Run(t, nil, "node_modules/.bin/generate-persisted-query-manifest")
	programs.Run(t, nil, "node_modules/.bin/relay-compiler", "relay.persisted.config.json")
	programs.Run(t, nil, "node", "persisted.mjs", "manifest", manifests+"/urql.json")
	for _, name := range []string{"apollo.json", "relay.json"} {
		data, err := os.ReadFile(generated + "/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(manifests+"/"+name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for mode, settings := range map[string][]string{
		"off": nil, "apq": {"PORTICO_APQ=on"},
		"require": {"PORTICO_DOCUMENTS=" + manifests, "PORTICO_DOCUMENTS_MODE=require", "PORTICO_INTROSPECTION=off"},
	} {
		t.Run(mode, func(t *testing.T) {
			s := servicetest.StartSmall(t, settings...)
			programs.Run(t, nil, "node", "persisted.mjs", mode, s.URL+"/graphql", servicetest.ExampleID)
		})
	}
}
