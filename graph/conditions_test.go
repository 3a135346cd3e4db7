package graph

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/graph/plan"
	"portico/threatintel"
)

// conditionOn is a condition on one property.
func conditionOn(holds, property string, values ...any) plan.Condition {
	return plan.Condition{Holds: holds, On: [][]string{{property}}, Values: values}
}

func TestConditionsOnTheItemsOfAList(t *testing.T) {
	t.Parallel()
	number, text, name, yes := int32(443), "HTTP/1.1 404 Not Found", "Example Web Server", true
	port := &threatintel.HostPort{
		ID: "x", Port: &number, Protocol: "TCP", Status: "open",
		FirstSeenDateTime: "2020-01-01T00:00:00Z", LastSeenDateTime: "2021-06-01T00:00:00Z",
		Banners: []*threatintel.HostPortBanner{nil, {}, {Banner: &text}},
		Services: []*threatintel.HostPortComponent{
			nil, {}, {Inline: &threatintel.HostComponent{ID: "c"}}, {IsRecent: &yes, Inline: &threatintel.HostComponent{Name: &name}},
		},
	}
	toCome := &threatintel.HostPort{ID: "y", Status: "closing", LastSeenDateTime: "2021-06-01T00:00:00Z"}
	article := &threatintel.Article{ID: "z", Tags: []*string{nil, &text, &name}}
	since := func(text string) plan.Condition {
		return plan.Condition{Holds: "SINCE", On: [][]string{{"lastSeenDateTime"}}, Time: threatintel.Since(text)}
	}
	between := func(from, to string) plan.Condition {
		r, err := threatintel.Between(from, to)
		if err != nil {
			t.Fatal(err)
		}
		return plan.Condition{Holds: "BETWEEN", On: [][]string{{"firstSeenDateTime"}, {"lastSeenDateTime"}}, Time: r}
	}
	banner := func(text string) plan.Condition {
		return plan.Condition{Holds: "CONTAINS", On: [][]string{{"banners", "banner"}}, Values: []any{text}}
	}
	service := func(text string) plan.Condition {
		return plan.Condition{Holds: "IN", On: [][]string{{"services", "component", "name"}}, Values: []any{text}}
	}
	recent := func(recent bool) plan.Condition {
		return plan.Condition{Holds: "IS", On: [][]string{{"services", "isRecent"}}, Values: []any{recent}}
	}
	for _, c := range []struct {
		what  string
		where []plan.Condition
		item  any
		want  bool
	}{
		{"no condition", nil, port, true},
		{"the state", []plan.Condition{conditionOn("IN", "status", "CLOSED", "OPEN")}, port, true},
		{"another state", []plan.Condition{conditionOn("IN", "status", "FILTERED")}, port, false},
		{"an unknown state, of a known one", []plan.Condition{conditionOn("IN", "status", memberName(threatintel.HostPortStatus("?")))}, port, false},
		{"an unknown state", []plan.Condition{conditionOn("IN", "status", memberName(threatintel.HostPortStatus("?")))}, toCome, true},
		{"a known state, of an unknown one", []plan.Condition{conditionOn("IN", "status", "CLOSED")}, toCome, false},
		{"the protocol in other letters", []plan.Condition{conditionOn("IN", "protocol", "TCP")}, port, true},
		{"the number", []plan.Condition{conditionOn("IN", "port", int64(22), int64(443))}, port, true},
		{"another number", []plan.Condition{conditionOn("IN", "port", int64(0))}, port, false},
		{"the very time", []plan.Condition{since("2021-06-01T00:00:00Z")}, port, true},
		{"a later time", []plan.Condition{since("2021-06-01T00:00:00.001Z")}, port, false},
		{"a range around", []plan.Condition{between("2019-01-01T00:00:00Z", "2022-01-01T00:00:00Z")}, port, true},
		{"a range inside", []plan.Condition{between("2020-03-01T00:00:00Z", "2020-04-01T00:00:00Z")}, port, true},
		{"a range that ends at the first sighting", []plan.Condition{between("2019-01-01T00:00:00Z", "2020-01-01T00:00:00Z")}, port, true},
		{"a range before", []plan.Condition{between("2018-01-01T00:00:00Z", "2019-12-31T23:59:59Z")}, port, false},
		{"a range that starts at the last sighting", []plan.Condition{between("2021-06-01T00:00:00Z", "2022-01-01T00:00:00Z")}, port, true},
		{"a range after", []plan.Condition{between("2021-06-01T00:00:01Z", "2022-01-01T00:00:00Z")}, port, false},
		{"a range before the only sighting", []plan.Condition{between("2020-01-01T00:00:00Z", "2021-05-01T00:00:00Z")}, toCome, false},
		{"a range around the only sighting", []plan.Condition{between("2020-01-01T00:00:00Z", "2021-07-01T00:00:00Z")}, toCome, true},
		{"part of a banner in other letters", []plan.Condition{banner("not FOUND")}, port, true},
		{"the empty banner", []plan.Condition{banner("")}, port, true},
		{"another banner", []plan.Condition{banner("200")}, port, false},
		{"the name of a service", []plan.Condition{service("example WEB server")}, port, true},
		{"part of the name of a service", []plan.Condition{service("example")}, port, false},
		{"a boolean", []plan.Condition{recent(true)}, port, true},
		{"the other boolean", []plan.Condition{recent(false)}, port, false},
		{"one of the texts in an array", []plan.Condition{conditionOn("IN", "tags", "example web SERVER")}, article, true},
		{"none of the texts in an array", []plan.Condition{conditionOn("IN", "tags", "example")}, article, false},
		{"two that hold", []plan.Condition{conditionOn("IN", "port", int64(443)), banner("404")}, port, true},
		{"one that holds and one that does not", []plan.Condition{conditionOn("IN", "port", int64(443)), banner("500")}, port, false},
	} {
		var all conditions
		if got := all.all(c.where)(listItem{value: c.item}); (got == meets) != c.want || got == unknown {
			t.Errorf("%s: %v", c.what, got)
		}
	}
}

// Every condition of every list reads properties that the items have, of a type that its kind can compare.
func TestEveryConditionFindsItsProperties(t *testing.T) {
	t.Parallel()
	tried := 0
	for _, def := range plan.Schema.Types {
		for _, field := range def.Fields {
			where, list := field.Arguments.ForName("where"), plan.Schema.Types[field.Type.Name()]
			if where == nil {
				continue
			}
			item := newItem(t, list.Fields.ForName("nodes").Type.Name())
			for _, member := range plan.Schema.Types[where.Type.Name()].Fields {
				tried++
				wantFound(t, def.Name+"."+field.Name+".where."+member.Name, member, item)
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d conditions", tried)
	}
}

// What was never seen comes last in either direction, and what is equal stays in its order.
func TestOrderOfItems(t *testing.T) {
	t.Parallel()
	ports := []*threatintel.HostPort{
		{ID: "never"},
		{ID: "old", FirstSeenDateTime: "2019-01-01T00:00:00Z", LastSeenDateTime: "2020-01-01T00:00:00Z"},
		{ID: "old too", FirstSeenDateTime: "2018-01-01T00:00:00Z", LastSeenDateTime: "2020-01-01T00:00:00.000Z"},
		{ID: "new", FirstSeenDateTime: "2020-01-01T00:00:00Z", LastSeenDateTime: "2022-01-01T00:00:00Z"},
		{ID: "never either"},
	}
	for _, row := range []struct {
		by   plan.Order
		want []string
	}{
		{plan.Order{}, []string{"never", "old", "old too", "new", "never either"}},
		{plan.Order{Property: "lastSeenDateTime", Descending: true}, []string{"new", "old", "old too", "never", "never either"}},
		{plan.Order{Property: "lastSeenDateTime"}, []string{"old", "old too", "new", "never", "never either"}},
		{plan.Order{Property: "firstSeenDateTime", Descending: true}, []string{"new", "old", "old too", "never", "never either"}},
		{plan.Order{Property: "firstSeenDateTime"}, []string{"old too", "old", "new", "never", "never either"}},
	} {
		var items []listItem
		for _, port := range ports {
			items = append(items, listItem{value: port})
		}
		sortItems(items, row.by)
		var got []string
		for item := range slices.Values(items) {
			got = append(got, item.value.(*threatintel.HostPort).ID)
		}
		if diff := cmp.Diff(row.want, got); diff != "" {
			t.Errorf("%+v: -want +got:\n%s", row.by, diff)
		}
	}
}
