package queries_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"portico/internal/service/servicetest"

	"github.com/google/go-cmp/cmp"
)

const fullHost = "{ ... on IpAddress { hostingProvider netblock } }"

func TestWhatIsSentByTheSecondQueryWithTheCache(t *testing.T) {
	t.Parallel()
	const port = `hostPort(id: "` + servicetest.ExampleID + `")`
	for name, tt := range map[string]struct {
		first, second string
		sent          []string // with their queries
		hits          int
	}{
		"the same": {
			first:  port + "{ port status }",
			second: port + "{ port status }",
			hits:   1,
		},
		"fewer fields, under other names": {
			first:  port + "{ port status }",
			second: "x: " + port + "{ y: port }",
			hits:   1,
		},
		"a field more: it alone": {
			first:  port + "{ port status }",
			second: port + "{ port status protocol }",
			sent:   []string{"hostPorts/" + servicetest.ExampleID + "?$select=protocol"},
		},
		"a wave of four, of which two are known": {
			first:  `a: host(id: "198.51.100.7") ` + fullHost + `b: host(id: "203.0.113.9")` + fullHost,
			second: `a: host(id: "198.51.100.7") ` + fullHost + `b: host(id: "203.0.113.9")` + fullHost + `c: host(id: "203.0.113.10")` + fullHost + `d: host(id: "203.0.113.11")` + fullHost,
			sent: []string{
				"hosts/203.0.113.10?$select=microsoft.graph.security.ipAddress/hostingProvider,microsoft.graph.security.ipAddress/netblock",
				"hosts/203.0.113.11?$select=microsoft.graph.security.ipAddress/hostingProvider,microsoft.graph.security.ipAddress/netblock",
			},
			hits: 2,
		},
		"an unknown id": {
			first:  `host(id: "192.0.2.254") ` + fullHost,
			second: `host(id: "192.0.2.254") ` + fullHost,
			hits:   1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t, "PORTICO_CACHE=memory")
			first := s.Ask(t, "{"+tt.first+"}")
			s.Emulator.ResetLog()
			second := s.Ask(t, "{"+tt.second+"}")
			if tt.first == tt.second && first.Data != second.Data {
				t.Errorf("%s\nthen\n%s", first.Data, second.Data)
			}
			first.WantNoErrors(t)
			second.WantNoErrors(t)
			var sent []string
			for _, r := range s.Emulator.Requests() {
				sent = append(sent, strings.TrimPrefix(r.URL, "/security/threatIntelligence/"))
			}
			slices.Sort(sent)
			if diff := cmp.Diff(tt.sent, sent); diff != "" {
				t.Errorf("sent, -want +got:\n%s", diff)
			}
			if second.Cost.CacheHits != tt.hits || second.Cost.Items != len(tt.sent) || second.Cost.Estimate < tt.hits {
				t.Errorf("%+v, want %d hits", second.Cost, tt.hits)
			}
		})
	}
}

// cursors are sealed anew each time.
var cursors = regexp.MustCompile(`("(?:cursor|startCursor|endCursor)"):"[^"]*"`)

// Whatever is cached, responses are those without a cache.
func TestRandomQueriesAreAnsweredAlikeWithTheCache(t *testing.T) {
	t.Parallel()
	settings := []string{
		"PORTICO_EMULATOR_SIZE=40", "PORTICO_LIMIT_UPSTREAM_REQUESTS=3000", "PORTICO_LIMIT_ALIASES=500",
		"PORTICO_LIMIT_TOKENS=50000", "PORTICO_LIMIT_NODES=50000", "PORTICO_LIMIT_DEPTH=20",
	}
	without := servicetest.Start(t, settings...)
	with := servicetest.Start(t, append(settings, "PORTICO_CACHE=memory")...)
	ids := without.WorldIDs(t)
	world := &worldValues{Service: without, t: t, ids: ids, known: map[string][]string{}}
	asked, hits, items, all := 0, 0, 0, 0
	for seed := range uint64(cachedQueries) {
		g := &generator{dice: rand.New(rand.NewPCG(seed, 9)), ids: ids, world: world}
		q := servicetest.Operation{Query: fmt.Sprintf("# seed %d\n{ %s}", seed, g.roots()), Accept: "application/json"}
		want, got := without.Send(t, q), with.Send(t, q)
		if diff := cmp.Diff(cursors.ReplaceAllString(want.Data, "$1"), cursors.ReplaceAllString(got.Data, "$1")); diff != "" {
			t.Errorf("%s\n-without +with the cache:\n%s", q.Query, diff)
		}
		if diff := cmp.Diff(want.Errors, got.Errors); diff != "" {
			t.Errorf("%s\n-without +with the cache:\n%s", q.Query, diff)
		}
		wantPlanned(t, with, q)
		asked, hits = asked+1, hits+got.Cost.CacheHits
		items, all = items+got.Cost.Items, all+want.Cost.Items
		if t.Failed() || late(t) {
			break
		}
	}
	t.Logf("%d queries, %d hits, %d items of %d", asked, hits, items, all)
	if asked > 100 && (hits == 0 || items >= all) { // not if the time was up soon
		t.Error("the cache saved nothing")
	}
}
