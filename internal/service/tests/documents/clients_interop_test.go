//go:build interop

package documents_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"portico/internal/service/servicetest"
)

const clients = "testdata/clients"

// Apollo Client, urql and Relay send the documents that their own tools wrote down, register them, and do without both. Each
// request is checked for what it brings: a query, or a name of one.
func TestInteropClientsNameTheirDocuments(t *testing.T) {
	if _, err := os.Stat(clients + "/node_modules/.package-lock.json"); err != nil {
		t.Fatal("the clients are not installed; install them with: make clients")
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the arguments are ours
		cmd.Dir = clients
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
	schema, err := os.ReadFile("schema.graphqls") // Relay's compiler reads nothing outside of its folder
	if err != nil {
		t.Fatal(err)
	}
	schema = append(schema, "\ndirective @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT\n"...)
	if err := os.WriteFile(clients+"/schema.graphql", schema, 0o600); err != nil {
		t.Fatal(err)
	}
	manifests := t.TempDir()
	generated := clients + "/documents/__generated__"
	if err := os.MkdirAll(generated, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(generated+"/relay.json", []byte("{}"), 0o600); err != nil { // the compiler adds to what is there
		t.Fatal(err)
	}
	run("node_modules/.bin/generate-persisted-query-manifest")
	run("node_modules/.bin/relay-compiler", "relay.persisted.config.json")
	run("node", "persisted.mjs", "manifest", manifests+"/urql.json")
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
			cmd := exec.CommandContext(ctx, "node", "persisted.mjs", mode, s.URL+"/graphql", servicetest.ExampleID)
			cmd.Dir = clients
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
