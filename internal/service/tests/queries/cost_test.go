package queries_test

import (
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

func TestEachResponseReportsItsCost(t *testing.T) {
	t.Parallel()
	deferred := `{ hostPort(id: "` + servicetest.ExampleID + `") { port ... @defer(label: "later") { host { firstSeenDateTime } } } }`
	for _, row := range []struct {
		what, query string
		want        servicetest.Cost
	}{
		{"one lookup", servicetest.PortsQuery("port-0"), servicetest.Cost{Requests: 1, Items: 1, Waves: 1, Estimate: 1, Limit: 3}},
		{"the same lookup twice", servicetest.PortsQuery("port-0", "port-0"), servicetest.Cost{Requests: 1, Items: 1, Waves: 1, Estimate: 1, Limit: 3}},
		{"a batch", servicetest.PortsQuery("port-0", "port-1", "port-2"), servicetest.Cost{Requests: 1, Items: 3, Waves: 1, Estimate: 3, Limit: 3}},
		{"a refused operation", servicetest.PortsQuery("a", "b", "c", "d"), servicetest.Cost{Estimate: 4, Limit: 3}},
		{"nothing to request", `{ __typename }`, servicetest.Cost{Limit: 3}},
		{"a fragment under @defer, answered whole", deferred, servicetest.Cost{Requests: 2, Items: 2, Waves: 1, Estimate: 2, Limit: 3}},
	} {
		for _, show := range []string{"on", "off"} {
			t.Run(row.what+", calls "+show, func(t *testing.T) {
				t.Parallel()
				s := servicetest.StartSmall(t, "PORTICO_SHOW_COST="+show, "PORTICO_LIMIT_UPSTREAM_REQUESTS=3")
				s.PutPorts(t, 3)
				a := s.Ask(t, row.query)
				got := a.Cost
				got.Calls = nil
				if got.Requests != row.want.Requests || got.Items != row.want.Items || got.Waves != row.want.Waves ||
					got.Estimate != row.want.Estimate || got.Limit != row.want.Limit {
					t.Errorf("got %+v, want %+v", got, row.want)
				}
				if listed := strings.Contains(a.Text, `"calls":[`); listed != (show == "on") {
					t.Errorf("calls are listed: %t, in %s", listed, a.Text)
				}
				if show == "on" && len(a.Cost.Calls) != row.want.Requests {
					t.Errorf("%d calls are listed, want %d", len(a.Cost.Calls), row.want.Requests)
				}
				checkStarts(t, a)
			})
		}
	}
}

// checkStarts checks that the calls are listed in the order in which they began, each with its start.
func checkStarts(t *testing.T, a servicetest.Reply) {
	t.Helper()
	before := 0.0
	for _, call := range a.Cost.Calls {
		if call.Start < before {
			t.Errorf("%s began at %v ms, after one that began at %v ms", call.URL, call.Start, before)
		}
		before = call.Start
	}
	if n := strings.Count(a.Text, `"startMilliseconds":`); n != len(a.Cost.Calls) {
		t.Errorf("%d of %d calls have a start", n, len(a.Cost.Calls))
	}
}
