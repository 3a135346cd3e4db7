package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// shown returns the warnings of a reply, sorted.
func shown(a servicetest.Reply) string {
	all := make([]string, len(a.Warnings))
	for i, w := range a.Warnings {
		all[i] = fmt.Sprintf("%s: %s %q", servicetest.PathText(w.Path), w.Code, w.Raw)
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}

// What Microsoft Graph says about its response reaches the caller, at the field that is resolved with the response.
func TestNoticesOfMicrosoftGraph(t *testing.T) {
	t.Parallel()
	const warning = `199 graph.internal.example "The result is stale."`
	for _, row := range []struct {
		what, query string
		fault       emulator.Fault
		want        string
	}{
		{
			"206 without items", `{ host(id: "192.0.2.1") { cookies { nodes { name } } } }`,
			emulator.RawBody(206, `{"value":[]}`).WithHeader("Warning", `199 - "graph.example/504/10000"`).Matching("/cookies"),
			`host.cookies: UPSTREAM_INCOMPLETE "[URL]"`,
		},
		{
			"206 without a text", `{ host(id: "192.0.2.1") { firstSeenDateTime } }`,
			emulator.RawBody(206, `{"id":"192.0.2.1"}`), `host: UPSTREAM_INCOMPLETE ""`,
		},
		{
			"a warning about an entity, under two names", `{ a: host(id: "192.0.2.1") { lastSeenDateTime } b: host(id: "192.0.2.1") { firstSeenDateTime } }`,
			emulator.Slow(0).WithHeader("Warning", warning),
			"a: UPSTREAM_WARNING \"The result is stale.\"\nb: UPSTREAM_WARNING \"The result is stale.\"",
		},
		{
			"a warning about a reference", `{ hostPorts(ids: ["` + servicetest.ExampleID + `"]) { host { firstSeenDateTime } } }`,
			emulator.Slow(0).WithHeader("Warning", warning).Matching("/hosts/"),
			`hostPorts.0.host: UPSTREAM_WARNING "The result is stale."`,
		},
		{
			"206 of an item of a batch", `{ hosts(ids: ["192.0.2.1", "198.51.100.1", "203.0.113.1"]) { firstSeenDateTime } }`,
			emulator.Partial(warning).On(emulator.Item).Matching("198.51.100.1"),
			`hosts.1: UPSTREAM_INCOMPLETE "The result is stale."`,
		},
		{
			"a warning about a batch is about its items", `{ hosts(ids: ["192.0.2.1", "198.51.100.1", "203.0.113.1"]) { firstSeenDateTime } }`,
			emulator.Slow(0).WithHeader("Warning", warning).On(emulator.Batch),
			"hosts.0: UPSTREAM_WARNING \"The result is stale.\"\nhosts.1: UPSTREAM_WARNING \"The result is stale.\"\nhosts.2: UPSTREAM_WARNING \"The result is stale.\"",
		},
		{
			"206 of a list that Portico filters", `{ host(id: "192.0.2.1") { ports(where: {status: [OPEN]}) { nodes { port } } } }`,
			emulator.Partial(warning).Matching("/ports"),
			"host.ports: LIST_TRUNCATED \"\"\nhost.ports: UPSTREAM_INCOMPLETE \"The result is stale.\"",
		},
		{
			"an empty page with a warning and a link", `{ host(id: "192.0.2.1") { cookies { nodes { name } } } }`,
			emulator.EmptyPage().WithHeader("Warning", warning).Matching("/cookies"), `host.cookies: UPSTREAM_WARNING "The result is stale."`,
		},
		{
			"a secret in a warning", `{ host(id: "192.0.2.1") { firstSeenDateTime } }`,
			emulator.Slow(0).WithHeader("Warning", `299 - "see https://graph.example/x?sig=1 client_secret=hunter2hunter2"`),
			`host: UPSTREAM_WARNING "see [URL] [redacted]"`,
		},
		{
			"a long warning in another form", `{ host(id: "192.0.2.1") { firstSeenDateTime } }`,
			emulator.Slow(0).WithHeader("Warning", strings.Repeat("slow ", 1000)),
			`host: UPSTREAM_WARNING "` + strings.Repeat("slow ", 40) + `…"`,
		},
		{
			"two warnings in one header", `{ host(id: "192.0.2.1") { firstSeenDateTime } }`,
			emulator.Slow(0).WithHeader("Warning", `199 - "one, \"quoted\"", 299 a:80 "two" "Wed, 21 Oct 2015 07:28:00 GMT"`),
			`host: UPSTREAM_WARNING "one, \"quoted\"; two"`,
		},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=5")
			s.FetchToken(t)
			s.Emulator.Fail(row.fault)
			a := s.Ask(t, row.query)
			if got := shown(a); got != row.want || len(a.Errors) > 0 {
				t.Errorf("got\n%s\nwant\n%s\n%s", got, row.want, a.Text)
			}
		})
	}
}

// A list of a hundred has one warning for each value that the schema does not have, and then one that there are more.
func TestWarningsAreBounded(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=5")
	s.FetchToken(t)
	ports := make([]string, 100)
	for i := range ports {
		ports[i] = fmt.Sprintf(`{"id":"%d","status":"new%d","protocol":"sctp"}`, i, i)
	}
	s.Emulator.Fail(emulator.RawBody(200, `{"value":[`+strings.Join(ports, ",")+`]}`).Matching("/ports"))
	a := s.Ask(t, `{ host(id: "192.0.2.1") { ports(first: 100) { nodes { status } more: nodes { status protocol } } } }`)
	if len(a.Warnings) != 101 || a.Warnings[100].Code != "MORE_WARNINGS" || len(a.Errors) > 0 {
		t.Errorf("%d warnings, %d errors, %.300s", len(a.Warnings), len(a.Errors), a.Text)
	}
	if first := a.Warnings[0]; first.Code != "UNRECOGNIZED_VALUE" || first.Raw != "new0" || !strings.HasPrefix(servicetest.PathText(first.Path), "host.ports.") {
		t.Errorf("the first is %+v", first)
	}
	if n := strings.Count(a.Data, `"UNRECOGNIZED"`); n != 300 {
		t.Errorf("%d values are UNRECOGNIZED", n)
	}
	s.Emulator.Fail(emulator.RawBody(200, `{"value":[`+strings.Join(ports, ",")+`]}`).Matching("/ports"))
	b := s.Ask(t, `{ host(id: "192.0.2.1") { ports(first: 100) { nodes { status protocol } } } }`)
	if len(b.Warnings) != 101 || b.Warnings[100].Code != "MORE_WARNINGS" {
		t.Errorf("each value once: %d warnings, %.300s", len(b.Warnings), b.Text)
	}
}
