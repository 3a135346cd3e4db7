package lists_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
)

// A truncated list has a warning with its path, whatever is selected of it, wherever it is.
func TestATruncatedListAlwaysWarns(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	host := s.Emulator.HostIDs()[0]
	manyPorts(t, s, host, 401)
	const where = `where: {status: OPEN}`
	for _, row := range []struct {
		what, text, accept string
		want               []string
	}{
		{"nothing but the nodes", `{ host(id: %q) { ports(` + where + `) { nodes { port } } } }`, "", []string{"host.ports"}},
		{"the count alone", `{ host(id: %q) { ports(first: 0, ` + where + `) { totalCount } } }`, "", []string{"host.ports"}},
		{"no match", `{ host(id: %q) { ports(where: {port: 70000}) { nodes { port } } } }`, "", []string{"host.ports"}},
		{"sorted alone", `{ host(id: %q) { ports(orderBy: LAST_SEEN_ASC) { pageInfo { hasNextPage } } } }`, "", []string{"host.ports"}},
		{"isTruncated", `{ host(id: %q) { ports(` + where + `) { isTruncated } } }`, "", []string{"host.ports"}},
		{"isTruncated under an alias", `{ host(id: %q) { ports(` + where + `) { t: isTruncated } } }`, "", []string{"host.ports"}},
		{
			"two aliases, in nodes and in edges",
			`{ h: host(id: %q) { a: ports(` + where + `) { nodes { id } } b: ports(` + where + `) { edges { cursor } } } }`, "",
			[]string{"h.a", "h.b"},
		},
		{"below a list", `{ hosts(ids: [%q]) { ports(` + where + `) { nodes { id } } } }`, "", []string{"hosts.0.ports"}},
		{"in a deferred fragment", `{ host(id: %q) { id ... @defer { ports(` + where + `) { nodes { id } } } } }`, "multipart/mixed", []string{"host.ports"}},
		{"not filtered", `{ host(id: %q) { ports { nodes { id } } } }`, "", nil},
	} {
		accept := row.accept
		if accept == "" {
			accept = "application/json"
		}
		a := s.Send(t, servicetest.Operation{Query: fmt.Sprintf(row.text, host), Accept: accept})
		a.WantNoErrors(t)
		warnings := a.Warnings
		for _, part := range a.Parts {
			warnings = append(warnings, part.Extensions.Warnings...)
		}
		var got []string
		for _, w := range warnings {
			if w.Code == "LIST_TRUNCATED" {
				got = append(got, servicetest.PathText(w.Path))
			}
		}
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, row.want) {
			t.Errorf("%s: warnings for %v, want %v\n%.500s", row.what, got, row.want, a.Text)
		}
	}
}

// Sixty filtered lists in one operation are estimated with all their pages, and refused before anything is sent where that
// is more than is allowed.
func TestManyFilteredListsAreRefusedByTheirPages(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10", "PORTICO_LIMIT_UPSTREAM_REQUESTS=200")
	lists := func(n int) string {
		var text strings.Builder
		for i := range n {
			fmt.Fprintf(&text, " h%d: host(id: \"192.0.2.%d\") { cookies(where: {lastSeenSince: \"2021-01-01\"}) { totalCount } }", i, i)
		}
		return "{" + text.String() + " }"
	}
	a := s.Ask(t, lists(60))
	if a.Codes() != "LIMIT_UPSTREAM_REQUESTS" || a.Cost.Items != 0 || a.Cost.Estimate != 240 {
		t.Errorf("60 lists: %s, %+v", a.Codes(), a.Cost)
	}
	if a := s.Ask(t, lists(50)); a.Codes() != "" || a.Cost.Estimate != 200 {
		t.Errorf("50 lists: %s, %+v", a.Codes(), a.Cost)
	}
}
