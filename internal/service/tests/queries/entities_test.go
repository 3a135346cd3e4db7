package queries_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
	"portico/internal/service/servicetest"
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

// mixed returns n distinct representations of six types; every tenth has an unknown id.
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
	s := servicetest.Start(t)
	asked := mixed(s.Emulator, n)
	a := s.Send(t, servicetest.Operation{
		Query: entitiesQuestion, Accept: "application/json", Variables: map[string]any{"representations": asked},
	})
	if len(a.Errors) > 0 {
		t.Error(a.Errors)
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
	if err := json.Unmarshal([]byte(a.Data), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got.Entities); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if a.Cost.Requests != n/20 || a.Cost.Items != n || a.Cost.Waves != 1 {
		t.Errorf("%d requests, %d items, %d waves, want %d, %d, 1", a.Cost.Requests, a.Cost.Items, a.Cost.Waves, n/20, n)
	}
	for _, r := range s.Emulator.Requests() {
		if len(r.Items) != 20 {
			t.Errorf("a batch of %d items", len(r.Items))
		}
	}
}

// A gateway cannot split its request, so only the size of the response bounds how many entities it may name.
func TestAGatewayMayNameMoreEntitiesThanIDsAreAllowed(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_LIMIT_RESPONSE=1000")
	two := []representation{{"HostPort", servicetest.ExampleID}, {"HostPort", "bm9uZQ=="}}
	a := s.Send(t, servicetest.Operation{
		Query: entitiesQuestion, Accept: "application/json",
		Variables: map[string]any{"representations": slices.Repeat(two, 60)},
	})
	if len(a.Errors) != 0 || a.Cost.Items != 2 || strings.Count(a.Data, servicetest.ExampleID)+strings.Count(a.Data, "null") < 120 {
		t.Errorf("got %d items, %v, %.300s", a.Cost.Items, a.Errors, a.Data)
	}
	s.Emulator.ResetLog()
	a = s.Send(t, servicetest.Operation{
		Query: entitiesQuestion, Accept: "application/json",
		Variables: map[string]any{"representations": slices.Repeat([]representation{{"HostPort", "x"}}, 400)},
	})
	if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "LIMIT_RESPONSE" || len(s.Emulator.Requests()) != 0 {
		t.Errorf("400 entities: got %v and %d requests, want one LIMIT_RESPONSE", a.Errors, len(s.Emulator.Requests()))
	}
}
