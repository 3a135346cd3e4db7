package faults_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/service/servicetest"
)

// sealed matches cursors, which differ from one response to the next.
var sealed = regexp.MustCompile(`"(endC|c)ursor":"[^"]*"`)

// The documents get the same data for as many requests where Microsoft Graph returns more, or refuses less, than its
// pages say.
func TestObservedLaxityChangesNothing(t *testing.T) {
	t.Parallel()
	plain := servicetest.Start(t)
	lax := servicetest.StartObserved(t, []emulator.Option{emulator.WithAlwaysID(true), emulator.WithIgnoredOptions(true)})
	files, err := filepath.Glob("testdata/documents/*.graphql")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d documents, %v", len(files), err)
	}
	for _, file := range files {
		want, got := plain.Send(t, document(t, file)), lax.Send(t, document(t, file))
		if diff := cmp.Diff(sealed.ReplaceAllString(want.Data, ""), sealed.ReplaceAllString(got.Data, "")); diff != "" || len(want.Data) < 100 {
			t.Errorf("%s: -want +got:\n%s", file, diff)
		}
		got.WantCost(t, want.Cost.Requests, want.Cost.Items, want.Cost.Waves)
	}
}

// document reads a document with the variables in the file beside it.
func document(t *testing.T, file string) servicetest.Operation {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	o := servicetest.ReadOperation(t, string(text))
	if variables, err := os.ReadFile(strings.TrimSuffix(file, ".graphql") + ".json"); err == nil {
		servicetest.Decode(t, string(variables), &o.Variables)
	}
	return o
}

// A token that is not valid is found in the items of a batch. The service's own is renewed once; a caller's is refused
// as with a GET.
func TestAnInvalidTokenInTheItemsOfABatch(t *testing.T) {
	t.Parallel()
	observed := []emulator.Option{emulator.WithBatchItemRefusals(true)}
	s := servicetest.StartObserved(t, observed, "PORTICO_EMULATOR_SIZE=0")
	ids := s.PutPorts(t, 5)
	s.FetchToken(t)
	tokens := s.Emulator.TokenRequests()
	s.Emulator.Advance(2 * time.Hour)
	a := s.Ask(t, servicetest.PortsQuery(ids...))
	a.Want(t, servicetest.PortsData(ids))
	s.WantSent(t, servicetest.PortsSent(ids...), servicetest.PortsSent(ids...))
	if got := s.Emulator.TokenRequests() - tokens; got != 1 {
		t.Errorf("%d token requests, want 1", got)
	}

	s = servicetest.StartObserved(t, observed, "PORTICO_EMULATOR_SIZE=0", "PORTICO_IDENTITY=passthrough")
	ids = s.PutPorts(t, 5)
	ask := func(opts ...entra.TokenOption) servicetest.Reply {
		opts = append(opts, entra.WithAudience(s.Emulator.Audience()))
		return s.Send(t, servicetest.Operation{
			Query: servicetest.PortsQuery(ids...), Authorization: "Bearer " + s.Emulator.UserToken("ada", opts...),
		})
	}
	ask().Want(t, servicetest.PortsData(ids))
	ask(entra.WithLifetime(-time.Minute)).Want(t, servicetest.PortsData(ids, 0, 1, 2, 3, 4), servicetest.PortsErrors(5, "UNAUTHENTICATED")...)
	ask(entra.WithScope("User.Read")).Want(t, servicetest.PortsData(ids, 0, 1, 2, 3, 4), servicetest.PortsErrors(5, "UPSTREAM_FORBIDDEN")...)
}

// An id with a slash is not reported as unknown where the slash leads Microsoft Graph to another path.
func TestASlashThatSplitsAnID(t *testing.T) {
	t.Parallel()
	const (
		one   = `{ hostPort(id: "a/b") { port } }`
		three = `{ hostPorts(ids: ["a/b", "port-0", "c/d"]) { port } }`
		below = `{ whoisRecord(id: "a/history") { history(first: 1) { nodes { id } } } }`
		data  = `{"hostPorts":[null,{"port":0},null]}`
	)
	plain := servicetest.StartSmall(t)
	split := servicetest.StartObserved(t, []emulator.Option{emulator.WithSplitSlash(true)}, "PORTICO_EMULATOR_SIZE=0")
	for _, s := range []*servicetest.Service{plain, split} {
		s.PutPorts(t, 1)
	}
	plain.Ask(t, one).Want(t, `{"hostPort":null}`)
	plain.Ask(t, three).Want(t, data)
	plain.Ask(t, below).Want(t, `{"whoisRecord":null}`)
	split.Ask(t, one).Want(t, `{"hostPort":null}`, "hostPort: UPSTREAM_BAD_REQUEST")
	split.Ask(t, three).Want(t, data, "hostPorts.0: UPSTREAM_BAD_REQUEST", "hostPorts.2: UPSTREAM_BAD_REQUEST")
	split.Ask(t, below).WantErrors(t, "whoisRecord.history: UPSTREAM_BAD_REQUEST")
}

// Without a license each field fails, and nothing is reported as unknown. A 500 is repeated once.
func TestATenantWithoutALicense(t *testing.T) {
	t.Parallel()
	s := servicetest.StartObserved(t, []emulator.Option{emulator.WithoutLicense(true)}, "PORTICO_EMULATOR_SIZE=0")
	ids := s.PutPorts(t, 3)
	s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids, 0, 1, 2), servicetest.PortsErrors(3, "UPSTREAM_FAILED")...)
	s.WantSent(t, servicetest.PortsSent(ids...), servicetest.PortsSent(ids...))
	a := s.Ask(t, `{ host(id: "contoso.com") { reputation { score } ports(first: 1) { nodes { port } } } }`)
	a.WantErrors(t, "host.ports: UPSTREAM_FAILED", "host.reputation: UPSTREAM_FAILED")
	var data struct{ Host json.RawMessage }
	if servicetest.Decode(t, a.Data, &data); string(data.Host) != `{"reputation":null,"ports":null}` {
		t.Errorf("the host is %s", data.Host)
	}
}
