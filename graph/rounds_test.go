package graph_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/graph"
	"portico/internal/telemetry"
)

// counting counts the lookups that are sent together.
type counting struct {
	scripted
	mu    sync.Mutex
	waves []string
}

func (c *counting) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	path, _, _ := strings.Cut(urls[0], "?")
	c.mu.Lock()
	c.waves = append(c.waves, fmt.Sprint(len(urls), path[strings.LastIndexByte(path, '/'):]))
	c.mu.Unlock()
	c.scripted.Fetch(ctx, urls, done)
}

func (c *counting) endpoint() http.Handler {
	return endpoint(nil, func(o *graph.Options) { o.Fetch = c })
}

// showing is a certificate that many hosts showed, each with a reputation and a WHOIS record.
func showing(hosts int) *counting {
	c := &counting{scripted: scripted{bodies: map[string]string{}, delays: map[string]time.Duration{}}}
	var items []string
	for i := range hosts {
		id := fmt.Sprint("192.0.2.", i)
		items = append(items, fmt.Sprintf(`{"id":%q}`, id))
		c.bodies["hosts/"+id+"/reputation"] = `{"id":"r","score":1}`
		c.bodies["hosts/"+id+"/whois"] = `{"id":"w","domainStatus":"ok"}`
	}
	c.bodies["sslCertificates/c/relatedHosts"] = `{"value":[` + strings.Join(items, ",") + `]}`
	return c
}

// What the deferred fragments of many items request leaves together, and so does what these defer themselves, in
// whatever order and however late the parts before are complete.
func TestARoundOfPartsLeavesTogether(t *testing.T) {
	const query = `{ sslCertificate(id: "c") { relatedHosts(first: 40) { nodes { id
		... @defer { reputation { score } ... @defer { whois { domainStatus } } } } } } }`
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			c, dice := showing(40), rand.New(rand.NewPCG(seed, 3))
			for path := range c.bodies {
				c.delays[path] = time.Duration(dice.IntN(200)) * time.Millisecond
			}
			got := partsFrom(t, post(t, c.endpoint(), asked(query), "Accept: "+inParts).Body.String())
			if want := 1 + 40 + 40; len(got) != want {
				t.Errorf("%d payloads, want %d", len(got), want)
			}
			if diff := cmp.Diff([]string{"1/relatedHosts", "40/reputation", "40/whois"}, c.waves); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A part that takes much longer than the others does not hold back what these defer.
func TestARoundDoesNotWaitForAStraggler(t *testing.T) {
	const query = `{ sslCertificate(id: "c") { relatedHosts(first: 3) { nodes { id
		... @defer { reputation { score } ... @defer { whois { domainStatus } } } } } } }`
	synctest.Test(t, func(t *testing.T) {
		c := showing(3)
		c.delays["hosts/192.0.2.1/reputation"] = 5 * time.Second
		got := partsFrom(t, post(t, c.endpoint(), asked(query), "Accept: "+inParts).Body.String())
		if diff := cmp.Diff([]string{"1/relatedHosts", "3/reputation", "2/whois", "1/whois"}, c.waves); diff != "" {
			t.Error(diff)
		}
		late := slices.IndexFunc(got, func(part string) bool { return strings.Contains(part, ".1 {\"reputation\"") })
		if late != len(got)-2 {
			t.Errorf("the straggler is payload %d of\n%s", late, strings.Join(got, "\n"))
		}
	})
}

// Root fields under @defer are requested together, like those that are not.
func TestDeferredRootFieldsArePlanned(t *testing.T) {
	t.Parallel()
	c := &counting{scripted: world()}
	const query = `{ __typename ... @defer { hosts(ids: ["192.0.2.1", "192.0.2.2", "85.13.139.18"]) { firstSeenDateTime } } }`
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/graphql", strings.NewReader(asked(query)))
	ctx, notes := telemetry.WithRecord(r.Context())
	send(r.WithContext(ctx), c.endpoint(), "Content-Type: application/json", "Accept: "+inParts)
	if diff := cmp.Diff([]string{"3/192.0.2.1"}, c.waves); diff != "" || notes.Counted("unplanned_lookups") != 0 {
		t.Errorf("%d lookups were not planned: %s", notes.Counted("unplanned_lookups"), diff)
	}
}
