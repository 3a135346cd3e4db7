package service

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/threatintel"
)

const entitiesQuestion = `query ($representations: [_Any!]!) {
	_entities(representations: $representations) {
		__typename
		... on Node { id }
		... on HostPort { port }
		... on Host { firstSeenDateTime }
		... on SslCertificate { sha1 }
		... on Vulnerability { severity }
		... on HostComponent { name }
	}
}`

// representation is an entity as a gateway names it.
type representation struct {
	Type string `json:"__typename"`
	ID   string `json:"id"`
}

// mixed returns so many representations of six types, all different; every tenth is of an id that nobody knows.
func mixed(e *emulator.Emulator, n int) (all []representation) {
	var names, addresses []string
	for _, id := range e.HostIDs() {
		if threatintel.IsAddress(id) {
			addresses = append(addresses, id)
		} else {
			names = append(names, id)
		}
	}
	kinds := []struct {
		named string
		ids   []string
	}{
		{"HostPort", e.PortIDs()},
		{"IpAddress", addresses},
		{"Hostname", names},
		{"SslCertificate", e.CertificateIDs()},
		{"Vulnerability", e.VulnerabilityIDs()},
		{"HostComponent", e.ComponentIDs()},
	}
	for i := 0; len(all) < n; i++ {
		kind := &kinds[i%len(kinds)]
		switch {
		case len(all)%10 == 9:
			all = append(all, representation{"HostPort", fmt.Sprintf("nobody-%d", i)})
		case len(kind.ids) > 0:
			all = append(all, representation{kind.named, kind.ids[0]})
			kind.ids = kind.ids[1:]
		}
	}
	return all
}

func TestHundredsOfEntitiesOfManyTypes(t *testing.T) {
	t.Parallel()
	for _, n := range []int{100, 240} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			wantEntities(t, n)
		})
	}
}

// wantEntities names so many entities in one request. They are answered in batches, all in one wave.
func wantEntities(t *testing.T, n int) {
	t.Helper()
	s := start(t)
	asked := mixed(s.upstream.emulator, n)
	a := s.ask(t, asking{
		text: entitiesQuestion, accept: "application/json", variables: map[string]any{"representations": asked},
	})
	if len(a.errors) > 0 {
		t.Error(a.errors)
	}
	want := make([]*representation, len(asked))
	for i := range asked {
		if !strings.HasPrefix(asked[i].ID, "nobody") {
			want[i] = &asked[i]
		}
	}
	var got struct {
		Entities []*representation `json:"_entities"`
	}
	if err := json.Unmarshal([]byte(a.data), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Entities); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a.cost.Requests != n/20 || a.cost.Items != n || a.cost.Waves != 1 {
		t.Errorf("%d requests, %d items, %d waves, want %d, %d, 1", a.cost.Requests, a.cost.Items, a.cost.Waves, n/20, n)
	}
	for _, r := range s.upstream.emulator.Requests() {
		if len(r.Items) != 20 {
			t.Errorf("a batch of %d items", len(r.Items))
		}
	}
}

// A gateway cannot split its request, so only the size of the response bounds how many entities it may name.
func TestAGatewayMayNameMoreEntitiesThanIDsAreAllowed(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_LIMIT_RESPONSE=1000")
	two := []representation{{"HostPort", exampleID}, {"HostPort", "bm9uZQ=="}}
	a := s.ask(t, asking{
		text: entitiesQuestion, accept: "application/json",
		variables: map[string]any{"representations": slices.Repeat(two, 60)},
	})
	if len(a.errors) != 0 || a.cost.Items != 2 || strings.Count(a.data, exampleID)+strings.Count(a.data, "null") < 120 {
		t.Errorf("got %d items, %v, %.300s", a.cost.Items, a.errors, a.data)
	}
	s.upstream.emulator.ResetLog()
	a = s.ask(t, asking{
		text: entitiesQuestion, accept: "application/json",
		variables: map[string]any{"representations": slices.Repeat([]representation{{"HostPort", "x"}}, 400)},
	})
	if len(a.errors) != 1 || a.errors[0].Extensions["code"] != "LIMIT_RESPONSE" || len(s.upstream.emulator.Requests()) != 0 {
		t.Errorf("400 entities: got %v and %d requests, want one LIMIT_RESPONSE", a.errors, len(s.upstream.emulator.Requests()))
	}
}
