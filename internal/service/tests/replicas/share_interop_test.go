//go:build interop

package replicas_test

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/documents"
	"portico/internal/service/servicetest"
)

// operations are the documents in testdata/documents.
func operations(t *testing.T) map[string]servicetest.Operation {
	t.Helper()
	files, err := filepath.Glob("testdata/documents/*.graphql")
	if err != nil || len(files) < 8 {
		t.Fatalf("%v: %v", files, err)
	}
	all := map[string]servicetest.Operation{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		o := servicetest.Operation{Query: string(text)}
		if variables, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".json"); err == nil {
			servicetest.Decode(t, string(variables), &o.Variables)
		}
		all[filepath.Base(file)] = o
	}
	return all
}

// One replica asks, and the other pays nothing, and answers the same.
func TestInteropAReplicaPaysNothingForWhatAnotherRequested(t *testing.T) {
	c := newCluster(t)
	a, b := c.start(t), c.start(t)
	for name, operation := range operations(t) {
		first := a.Send(t, operation)
		settled(t, a)
		if len(c.sent()) == 0 && strings.HasPrefix(name, "port-triage") {
			t.Errorf("%s: nothing was requested", name)
		}
		second := b.Send(t, operation)
		if first.Data != second.Data || first.Codes() != second.Codes() {
			t.Errorf("%s: another response:\n%s\n%s", name, first.Text, second.Text)
		}
		c.wantSent(t, name+" at the other replica", 0)
	}
}

// Only what a wider query lacks is requested, also when another replica has the rest.
func TestInteropAWiderQueryAtAnotherReplicaRequestsTheRest(t *testing.T) {
	c := newCluster(t)
	a, b := c.start(t), c.start(t)
	port := c.graph.PortIDs()[0]
	query := func(fields string) string { return fmt.Sprintf(`{ hostPort(id: %q) { %s } }`, port, fields) }
	a.Ask(t, query("port status")).WantNoErrors(t)
	settled(t, a)
	c.sent()
	b.Ask(t, query("port status protocol")).WantNoErrors(t)
	if sent := c.sent(); len(sent) != 1 || strings.Contains(sent[0], "status") || !strings.Contains(sent[0], "protocol") {
		t.Errorf("sent %v", sent)
	}
	settled(t, b)
	// What b wrote reaches a's memory, which has fewer properties.
	servicetest.Eventually(t, "a has what b requested", func() bool {
		c.sent()
		a.Ask(t, query("port status protocol")).WantNoErrors(t)
		return len(c.sent()) == 0
	})
}

func TestInteropIdentitiesDoNotShareEntries(t *testing.T) {
	c := newCluster(t, "PORTICO_IDENTITY=passthrough", "AZURE_CLIENT_SECRET=")
	a, b := c.start(t), c.start(t)
	bearer := func(user string) string {
		return "Bearer " + c.graph.UserToken(user, entra.WithAudience(c.graph.Audience()), entra.WithScope(servicetest.Permission))
	}
	port := c.graph.PortIDs()[0]
	ask := func(s *servicetest.Service, token, fields string) servicetest.Reply {
		return s.Send(t, servicetest.Operation{Query: fmt.Sprintf(`{ hostPort(id: %q) { %s } }`, port, fields), Authorization: token})
	}
	ada, bob := bearer("margaret-hamilton"), bearer("bob") // no digest can hold the first name
	ask(a, ada, "port status").WantNoErrors(t)
	settled(t, a)
	c.sent()
	// b has to see that Microsoft Graph accepts the token before it serves it anything.
	ask(b, ada, "port status").WantNoErrors(t)
	c.wantSent(t, "a token that is new to the replica", 1)
	settled(t, b)
	ask(b, ada, "port status").WantNoErrors(t)
	c.wantSent(t, "the same token again", 0)
	ask(b, bob, "port status").WantNoErrors(t)
	c.wantSent(t, "another identity", 1)
	forged := ada[:len(ada)-8] + "AAAAAAAA"
	if reply := ask(b, forged, "port status"); len(reply.Errors) == 0 || strings.Contains(reply.Data, "status") {
		t.Errorf("a forged token: %s", reply.Text)
	}
	if dump := c.redis.Dump(); strings.Contains(dump, ada[7:40]) || strings.Contains(dump, "margaret") {
		t.Error("Redis keeps a token, or who it belongs to")
	}
}

// A refusal drops the identity's entries in Redis and in the memory of every replica.
func TestInteropARefusalDropsTheEntriesOfAllReplicas(t *testing.T) {
	c := newCluster(t)
	a, b := c.start(t), c.start(t)
	ports := c.graph.PortIDs()
	query := func(port string) string { return fmt.Sprintf(`{ hostPort(id: %q) { port } }`, port) }
	a.Ask(t, query(ports[0])).WantNoErrors(t)
	settled(t, a)
	c.graph.Fail(emulator.Failure(http.StatusForbidden).Matching(ports[1]))
	if refused := b.Ask(t, query(ports[1])); len(refused.Errors) == 0 {
		t.Fatalf("not refused: %s", refused.Text)
	}
	servicetest.Eventually(t, "a has nothing any more", func() bool {
		c.sent()
		a.Ask(t, query(ports[0])).WantNoErrors(t)
		return len(c.sent()) > 0
	})
	d := c.start(t)
	settled(t, a)
	d.Ask(t, query(ports[0])).WantNoErrors(t)
	c.wantSent(t, "what was requested since is shared again", 0)
}

func TestInteropReplicasLearnThatAnotherIsThrottled(t *testing.T) {
	c := newCluster(t)
	a, b := c.start(t, "PORTICO_LIMIT_DEADLINE=2s"), c.start(t, "PORTICO_LIMIT_DEADLINE=2s")
	ports := c.graph.PortIDs()
	query := func(port string) string { return fmt.Sprintf(`{ hostPort(id: %q) { port } }`, port) }
	c.graph.Fail(emulator.TooManyRequests("100"))
	if codes := a.Ask(t, query(ports[0])).Codes(); codes != "UPSTREAM_THROTTLED" {
		t.Fatalf("got %q", codes)
	}
	c.sent()
	servicetest.Eventually(t, "b pauses, too", func() bool {
		c.graph.ResetLog()
		past := b.Post(t, servicetest.Body(query(ports[1])), "Cache-Control: no-cache") // an earlier one may have been answered
		return past.Codes() == "UPSTREAM_THROTTLED"
	})
	c.wantSent(t, "during the pause", 0)
}

func TestInteropReplicasFindEachOthersRegisteredQueries(t *testing.T) {
	c := newCluster(t, "PORTICO_APQ=on")
	a, b := c.start(t), c.start(t)
	const query = "{ __typename }"
	send := func(s *servicetest.Service, query, caller string) servicetest.Reply {
		body := fmt.Appendf(nil, `{"query": %q, "extensions": {"persistedQuery": {"version": 1, "sha256Hash": %q}}}`,
			query, documents.Hash("{ __typename }"))
		return s.Post(t, body, "Authorization: Bearer "+caller)
	}
	send(a, query, "ada").WantNoErrors(t)
	settled(t, a)
	send(b, "", "ada").Want(t, `{"__typename":"Query"}`)
	if codes := send(b, "", "bob").Codes(); codes != "PERSISTED_QUERY_NOT_FOUND" {
		t.Errorf("another caller: %q", codes)
	}
}

func TestInteropNothingReadableIsInRedis(t *testing.T) {
	c := newCluster(t, "PORTICO_CACHE_KEY=a key of at least 32 characters, or more")
	a, b := c.start(t), c.start(t)
	for name, operation := range operations(t) {
		a.Send(t, operation)
		settled(t, a)
		c.sent()
		b.Send(t, operation)
		c.wantSent(t, name, 0)
	}
	dump := c.redis.Dump()
	if len(dump) < 2000 {
		t.Fatalf("Redis keeps only %d bytes", len(dump))
	}
	secrets := append([]string{"hostPorts", "hosts/", "Microsoft", "odata", c.graph.Tenant(), c.graph.ClientID()}, c.graph.HostIDs()...)
	for _, secret := range secrets {
		if strings.Contains(dump, secret) {
			t.Errorf("Redis keeps %q in plain text", secret)
		}
	}
}
