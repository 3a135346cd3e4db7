//go:build interop

package graph_test

import (
	"net/http/httptest"
	"testing"
	"time"

	"portico/internal/interop"
)

// Apollo Client, urql, Relay and GraphiQL put the parts of a response together as it is in one piece, and show nothing
// else on the way. The outer part is slower than what is inside, and the items of a list are not equally fast.
func TestInteropClientsPutPartsTogether(t *testing.T) {
	clients := interop.Open(t, "../testdata/clients")
	clients.WriteSchema(t, "../schema.graphqls")
	s := world()
	s.delays = map[string]time.Duration{
		"sslCertificates/cert": 300 * time.Millisecond, "hosts/192.0.2.1/reputation": 200 * time.Millisecond,
	}
	server := httptest.NewServer(s.endpoint())
	defer server.Close()
	clients.Run(t, nil, "node_modules/.bin/relay-compiler")
	clients.Run(t, nil, "node", "clients.mjs", server.URL, exampleID)
}
