package graph

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/graph/model"
	"portico/graph/plan"
	"portico/threatintel"
)

func TestConditionsOnPorts(t *testing.T) {
	t.Parallel()
	number, text, name := int32(443), "HTTP/1.1 404 Not Found", "Example Web Server"
	port := &threatintel.HostPort{
		ID: "x", Port: &number, Protocol: "TCP", Status: "open", LastSeenDateTime: "2021-06-01T00:00:00Z",
		Banners:  []*threatintel.HostPortBanner{nil, {}, {Banner: &text}},
		Services: []*threatintel.HostPortComponent{nil, {}, {Inline: &threatintel.HostComponent{ID: "c"}}, {Inline: &threatintel.HostComponent{Name: &name}}},
	}
	nothing := &threatintel.HostPort{ID: "y"}
	at := func(text string) *threatintel.DateTime { d := threatintel.DateTime(text); return &d }
	of := func(text string) *string { return &text }
	for _, c := range []struct {
		what           string
		where          *model.HostPortFilter
		holds, nothing bool
	}{
		{"no condition", nil, true, true},
		{"no condition that is set", &model.HostPortFilter{}, true, true},
		{"none of the states", &model.HostPortFilter{Status: []threatintel.HostPortStatus{}}, false, false},
		{"none of the numbers", &model.HostPortFilter{Port: []int32{}}, false, false},
		{"the state", &model.HostPortFilter{Status: []threatintel.HostPortStatus{"CLOSED", "OPEN"}}, true, false},
		{"another state", &model.HostPortFilter{Status: []threatintel.HostPortStatus{"FILTERED"}}, false, false},
		{"an unknown state", &model.HostPortFilter{Status: []threatintel.HostPortStatus{"UNKNOWN"}}, false, false},
		{"the protocol in other letters", &model.HostPortFilter{Protocol: []threatintel.HostPortProtocol{"TCP"}}, true, false},
		{"the number", &model.HostPortFilter{Port: []int32{22, 443}}, true, false},
		{"another number", &model.HostPortFilter{Port: []int32{0}}, false, false},
		{"the very time", &model.HostPortFilter{SeenSince: at("2021-06-01T00:00:00Z")}, true, false},
		{"a later time", &model.HostPortFilter{SeenSince: at("2021-06-01T00:00:00.001Z")}, false, false},
		{"part of a banner in other letters", &model.HostPortFilter{BannerContains: of("not found")}, true, false},
		{"the empty banner", &model.HostPortFilter{BannerContains: of("")}, true, false},
		{"another banner", &model.HostPortFilter{BannerContains: of("200")}, false, false},
		{"the name of a service", &model.HostPortFilter{ComponentName: of("example WEB server")}, true, false},
		{"part of the name of a service", &model.HostPortFilter{ComponentName: of("example")}, false, false},
		{"two that hold", &model.HostPortFilter{Port: []int32{443}, BannerContains: of("404")}, true, false},
		{"one that holds and one that does not", &model.HostPortFilter{Port: []int32{443}, BannerContains: of("500")}, false, false},
	} {
		if got := new(filters).conditions(c.where)(port); got != c.holds {
			t.Errorf("%s: %v", c.what, got)
		}
		if got := new(filters).conditions(c.where)(nothing); got != c.nothing {
			t.Errorf("%s, of a port of which nothing is known: %v", c.what, got)
		}
	}
}

// Each condition of the schema is read from the argument, and does not hold for a port of which nothing is known.
func TestEveryConditionIsRead(t *testing.T) {
	t.Parallel()
	for _, f := range plan.Schema.Types["HostPortFilter"].Fields {
		value := map[string]any{"Int": int64(1), "DateTime": "2021-06-01T00:00:00Z"}[f.Type.Name()]
		if value == nil {
			value = "OPEN"
		}
		if f.Type.Elem != nil {
			value = []any{value}
		}
		if new(filters).conditions(plan.PortFilter(map[string]any{f.Name: value}))(&threatintel.HostPort{ID: "x"}) {
			t.Errorf("%s is not read", f.Name)
		}
	}
}

// A state that the schema does not have is shown as UNRECOGNIZED, and found as that.
func TestConditionsOnStatesToCome(t *testing.T) {
	t.Parallel()
	port := &threatintel.HostPort{ID: "x", Status: "closing"}
	for wanted, want := range map[threatintel.HostPortStatus]bool{"UNRECOGNIZED": true, "UNKNOWN": false, "CLOSED": false} {
		if got := new(filters).conditions(&model.HostPortFilter{Status: []threatintel.HostPortStatus{wanted}})(port); got != want {
			t.Errorf("%s: %v", wanted, got)
		}
	}
}

// What was never seen comes last in either direction, and what is equal stays in its order.
func TestOrderOfPorts(t *testing.T) {
	t.Parallel()
	ports := []*threatintel.HostPort{
		{ID: "never"},
		{ID: "old", FirstSeenDateTime: "2019-01-01T00:00:00Z", LastSeenDateTime: "2020-01-01T00:00:00Z"},
		{ID: "old too", FirstSeenDateTime: "2018-01-01T00:00:00Z", LastSeenDateTime: "2020-01-01T00:00:00.000Z"},
		{ID: "new", FirstSeenDateTime: "2020-01-01T00:00:00Z", LastSeenDateTime: "2022-01-01T00:00:00Z"},
		{ID: "never either"},
	}
	for by, want := range map[string][]string{
		"":                       {"never", "old", "old too", "new", "never either"},
		"lastSeenDateTime desc":  {"new", "old", "old too", "never", "never either"},
		"lastSeenDateTime asc":   {"old", "old too", "new", "never", "never either"},
		"firstSeenDateTime desc": {"new", "old", "old too", "never", "never either"},
		"firstSeenDateTime asc":  {"old too", "old", "new", "never", "never either"},
	} {
		sorted := slices.Clone(ports)
		slices.SortStableFunc(sorted, order(by))
		var got []string
		for _, port := range sorted {
			got = append(got, port.ID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q -want +got:\n%s", by, diff)
		}
	}
}
