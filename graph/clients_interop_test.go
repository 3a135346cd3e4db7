//go:build interop

package graph_test

import (
	"context"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Apollo Client, urql, Relay and GraphiQL put the parts of a response together as it is in one piece, and show nothing
// else on the way. The outer part is slower than what is inside, and the items of a list are not equally fast.
func TestInteropClientsPutPartsTogether(t *testing.T) {
	const folder = "../testdata/clients"
	if _, err := os.Stat(folder + "/node_modules/.package-lock.json"); err != nil {
		t.Fatal("the clients are not installed; install them with: make clients")
	}
	schema, err := os.ReadFile("../schema.graphqls") // Relay's compiler reads nothing outside of its folder
	schema = append(schema, "\ndirective @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT\n"...)
	if err == nil {
		err = os.WriteFile(folder+"/schema.graphql", schema, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	s := world()
	s.delays = map[string]time.Duration{
		"sslCertificates/cert": 300 * time.Millisecond, "hosts/192.0.2.1/reputation": 200 * time.Millisecond,
	}
	server := httptest.NewServer(s.endpoint())
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, args := range [][]string{{"node_modules/.bin/relay-compiler"}, {"node", "clients.mjs", server.URL, exampleID}} {
		cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the arguments are ours
		cmd.Dir = folder
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", args, err, out)
		}
	}
}
