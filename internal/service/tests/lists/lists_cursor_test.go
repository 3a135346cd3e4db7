package lists_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// endOf returns the cursor with which the list named "list" of an answer goes on.
func endOf(t testing.TB, a servicetest.Reply) string {
	t.Helper()
	a.WantNoErrors(t)
	data := servicetest.Data[struct {
		List *page
		Host struct{ List page }
	}](t, a)
	p := data.Host.List
	if data.List != nil {
		p = *data.List
	}
	if p.PageInfo.EndCursor == nil {
		t.Fatalf("no cursor in %s", a.Data)
	}
	return *p.PageInfo.EndCursor
}

const endCursor = "pageInfo { endCursor hasNextPage }"

// A cursor that was changed in any place is refused, where it stands, and nothing is sent.
func TestCursorsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	host := s.Emulator.HostIDs()[2]
	cursor := endOf(t, s.Askf(t, "{host(id: %q) { list: subdomains(first: 1) { %s } } }", host, endCursor))
	if strings.Contains(cursor, host) || strings.Contains(cursor, "skip") {
		t.Errorf("the cursor %s can be read", cursor)
	}
	bad := []string{"x", "null", "MQ", "eyJzIjoxfQ==", strings.Repeat("A", 5000), "🙂", "\u0000", cursor + "A", cursor[1:], cursor[:len(cursor)-1], " " + cursor, cursor + "="}
	for i := 0; i < len(cursor); i += 3 {
		other := byte('A')
		if cursor[i] == other {
			other = 'B'
		}
		bad = append(bad, cursor[:i]+string(other)+cursor[i+1:])
	}
	for _, after := range bad {
		a := s.Send(t, servicetest.Operation{
			Accept: "application/json", Variables: map[string]any{"after": after, "id": host},
			Query: "query ($after: String, $id: ID!) { host(id: $id) { list: subdomains(first: 1, after: $after) { nodes { id } } } }",
		})
		a.WantErrors(t, "host.list: BAD_USER_INPUT")
		a.WantCost(t, 0, 0, 0)
	}
}

func TestCursorsOfAnotherList(t *testing.T) {
	t.Parallel()
	s, elsewhere := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20"), servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	host, other := s.Emulator.HostIDs()[0], s.Emulator.HostIDs()[1]
	pairs := endOf(t, s.Askf(t, `{host(id: %q) { list: hostPairs(first: 1, where: {linkKind: ["redirect"]}) { %s } } }`, host, endCursor))
	ports := endOf(t, s.Askf(t, `{host(id: %q) { list: ports(first: 1, where: {status: [OPEN]}) { %s } } }`, host, endCursor))
	found := endOf(t, s.Askf(t, `{list: sslCertificates(first: 1, search: {serialNumber: "146473198"}) { %s } }`, endCursor))
	for _, c := range []struct {
		what, question string
		refused        []string
	}{
		{"the same list", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, where: {linkKind: ["redirect"]}) { nodes { id } } } }`, nil},
		{"in pages of another size", `{host(id: %[1]q) { list: hostPairs(first: 7, after: %[3]q, where: {linkKind: ["redirect"]}) { nodes { id } } } }`, nil},
		{"one value for a list of one", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, where: {linkKind: "redirect"}) { nodes { id } } } }`, nil},
		{"with another filter", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, where: {linkKind: ["script.src"]}) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"without the filter", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"in another order", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, where: {linkKind: ["redirect"]}, orderBy: LAST_SEEN_ASC) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of another host", `{host(id: %[2]q) { list: hostPairs(first: 1, after: %[3]q, where: {linkKind: ["redirect"]}) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of another list of the host", `{host(id: %[1]q) { list: childHostPairs(first: 1, after: %[3]q, where: {linkKind: ["redirect"]}) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of the same filtered list", `{host(id: %[1]q) { list: ports(first: 1, after: %[4]q, where: {status: [OPEN]}) { nodes { id } } } }`, nil},
		{"of a list with another condition", `{host(id: %[1]q) { list: ports(first: 1, after: %[4]q, where: {status: CLOSED}) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of a list without a condition", `{host(id: %[1]q) { list: ports(first: 1, after: %[4]q) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of the same search", `{list: sslCertificates(first: 1, after: %[5]q, search: {serialNumber: "146473198"}) { nodes { id } } }`, nil},
		{"of another search", `{list: sslCertificates(first: 1, after: %[5]q, search: {serialNumber: "1"}) { nodes { id } } }`, []string{"list: BAD_USER_INPUT"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			text := fmt.Sprintf(c.question+"#%[1]s%[2]s%[3]s%[4]s%[5]s", host, other, pairs, ports, found)
			s.Askf(t, "%s", text).WantErrors(t, append([]string{}, c.refused...)...)
		})
	}
	a := elsewhere.Askf(t, `{host(id: %q) { list: hostPairs(first: 1, after: %q, where: {linkKind: ["redirect"]}) { nodes { id } } } }`, host, pairs)
	a.WantErrors(t, "host.list: BAD_USER_INPUT")
}

func TestFirstHasBounds(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40")
	host, port := s.Emulator.HostIDs()[0], s.Emulator.ChainPortID()
	for _, first := range []any{-1, 101, 2147483647, -2147483648} {
		for _, where := range []string{"", ", where: {status: OPEN}"} {
			a := s.Askf(t, "{ host(id: %q) { lastSeenDateTime ports(first: %d%s) { nodes { id } } } other: hostPort(id: %q) { port } }", host, first, where, port)
			a.WantErrors(t, "host.ports: LIMIT_FIRST")
			if !strings.Contains(a.Data, `"other":{"port":9443}`) {
				t.Errorf("first %v: %s", first, a.Data)
			}
		}
	}
	for _, c := range []struct {
		first any
		want  int
	}{{nil, 25}, {1, 1}, {100, 30}} {
		a := s.Send(t, servicetest.Operation{
			Accept: "application/json", Variables: map[string]any{"id": host, "first": c.first},
			Query: "query ($id: ID!, $first: Int) { host(id: $id) { passiveDnsReverse(first: $first) { nodes { id } } } }",
		})
		a.WantNoErrors(t)
		if got := strings.Count(a.Data, `"id"`); got < c.want || c.want < 30 && got > c.want {
			t.Errorf("first %v: %d nodes", c.first, got)
		}
	}
}

// Of a link only the query string is used: whatever host it names, nothing is requested there, and the list goes on.
func TestLinksToAnotherHost(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	elsewhere := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer elsewhere.Close()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	host := s.Emulator.HostIDs()[2]
	faults := map[string]emulator.Fault{}
	for _, base := range []string{elsewhere.URL, "http://" + s.EmulatorServer.URL[len("https://"):], s.EmulatorServer.URL + ".example", "https://user@" + s.EmulatorServer.URL[len("https://"):], "//"} {
		faults[base] = emulator.NextLinkTo(base)
	}
	for _, form := range []string{
		emulator.LinkParentheses, emulator.LinkCase, emulator.LinkPort, emulator.LinkGateway, emulator.LinkPath, emulator.LinkRelative, emulator.LinkQuery,
	} {
		faults[form] = emulator.NextLinkForm(form)
	}
	want := s.Emulator.List("hosts/" + host + "/subdomains")
	for name, fault := range faults {
		s.Emulator.Fail(fault.Matching("/subdomains"))
		cursor := endOf(t, s.Askf(t, "{host(id: %q) { list: subdomains(first: 1) { nodes { id } %s } } }", host, endCursor))
		a := s.Askf(t, "{host(id: %q) { list: subdomains(first: 1, after: %q) { nodes { id } } } }", host, cursor)
		a.WantNoErrors(t)
		if p := servicetest.Data[struct{ Host struct{ List page } }](t, a).Host.List; len(p.Nodes) != 1 || p.Nodes[0].ID != want[1] {
			t.Errorf("%s: %s, want %s", name, a.Data, want[1])
		}
	}
	// A link to another resource, or to no URL, is an error, and the list ends there.
	for _, base := range []string{"https://graph.example/v1.0/users?", "users?x=", "x", "\x00", s.EmulatorServer.URL + "/v1.0/security/threatIntelligence/hosts('other')/subdomains?x="} {
		s.Emulator.Fail(emulator.NextLinkTo(base).Matching("/subdomains"))
		a := s.Askf(t, "{host(id: %q) { list: subdomains(first: 1) { nodes { id } %s } } }", host, endCursor)
		a.WantErrors(t, "host.list: UPSTREAM_BAD_RESPONSE")
		if p := servicetest.Data[struct{ Host struct{ List page } }](t, a).Host.List; p.PageInfo.HasNextPage || len(p.Nodes) != 1 {
			t.Errorf("%q: %s", base, a.Data)
		}
		a.WantCost(t, 1, 1, 1)
	}
	// Where $skip is taken, no link is needed.
	s.Emulator.Fail(emulator.NextLinkTo(elsewhere.URL).Matching("/components"))
	cursor := endOf(t, s.Askf(t, "{host(id: %q) { list: components(first: 1) { nodes { id } %s } } }", host, endCursor))
	s.Askf(t, "{host(id: %q) { list: components(first: 1, after: %q) { nodes { id } } } }", host, cursor).WantNoErrors(t)
	if asked.Load() != 0 {
		t.Errorf("%d requests to another host", asked.Load())
	}
}

// A list whose pages are empty for once is walked to its end all the same; one that leads nowhere has an end.
func TestEmptyPagesAndLoops(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40")
	e := s.Emulator
	for _, w := range walks(t, s) {
		if strings.HasPrefix(w.name, "IpAddress") {
			continue // as Hostname
		}
		path, _, _ := strings.Cut(w.path, "?")
		want := servicetest.IDsOf(s.DirectList(t, w.path))
		t.Run(w.name, func(t *testing.T) {
			e.Fail(emulator.EmptyPage().Matching(path), emulator.EmptyPage().Matching(path).Times(2))
			if got := walkAll(t, s, w, []int{3}, len(want)); !slices.Equal(want, got) {
				t.Errorf("with empty pages: %v, want %v", got, want)
			}
			e.ClearFaults()
			e.Fail(emulator.NextLinkLoop().Matching(path).Times(-1))
			wantEnd(t, s, w, len(want))
			e.ClearFaults()
		})
	}
}

// The pages after empty ones are requested together, and so is what their items refer to: no list waits for another.
func TestThePagesAfterEmptyOnesShareAWave(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40")
	ids := s.Emulator.HostIDs()[:5]
	for _, c := range []struct {
		what, list string
		waves      int
	}{
		{"without links", "subdomains(first: 1) { nodes { id } }", 2},
		{"with links", "hostPairs(first: 1) { nodes { parentHost { firstSeenDateTime } } }", 3},
		{"filtered", `cookies(first: 1, where: {firstSeenSince: "2001-01-01"}) { nodes { host { id firstSeenDateTime } } }`, 2},
	} {
		var query strings.Builder
		for i, id := range ids {
			fmt.Fprintf(&query, "h%d: host(id: %q) { %s } ", i, id, c.list)
		}
		path := "/" + c.list[:strings.Index(c.list, "(")]
		s.Emulator.Fail(emulator.EmptyPage().Matching(path).Times(len(ids)))
		s.Log.Forget()
		a := s.Askf(t, "{ %s}", query.String())
		a.WantNoErrors(t)
		if a.Cost.Waves != c.waves {
			t.Errorf("%s: %d waves, want %d", c.what, a.Cost.Waves, c.waves)
		}
		if strings.Contains(s.Log.String(), "unplanned_lookups") {
			t.Errorf("%s: lookups were not planned:\n%s", c.what, s.Log)
		}
	}
}

// A page without items that is not the last does not say that there is nothing. Portico follows its link, and if that does
// not help, the list is null with an error, unless the selection shows that there is more. So it is with a page without items
// of a list that has some by its own count.
func TestAnEmptyPageIsNoEmptyList(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	host := s.Emulator.HostIDs()[2]
	all := s.Emulator.List("hosts/" + host + "/subdomains")
	nodes := fmt.Sprintf(`{"host":{"subdomains":{"nodes":[{"id":%q}]}}}`, all[0])
	empty := emulator.EmptyPage().Matching("/subdomains")
	none := func(text string) emulator.Fault { return emulator.RawBody(200, text).Matching("/subdomains") }
	for _, row := range []struct {
		what, selection, want string
		fault                 emulator.Fault
		errors                []string
	}{
		{"an empty page, and then items", "nodes { id }", nodes, empty, nil},
		{"three empty pages, and then items", "nodes { id }", nodes, empty.Times(3), nil},
		{"four empty pages", "nodes { id }", `{"host":{"subdomains":null}}`, empty.Times(4), []string{"host.subdomains: UPSTREAM_BAD_RESPONSE"}},
		{
			"four empty pages, where the selection shows that there is more", "nodes { id } pageInfo { hasNextPage }",
			`{"host":{"subdomains":{"nodes":[],"pageInfo":{"hasNextPage":true}}}}`, empty.Times(4), nil,
		},
		{
			"an empty page with a link to elsewhere", "nodes { id }", `{"host":{"subdomains":null}}`,
			none(`{"value":[],"@odata.nextLink":"https://graph.example/v1.0/me/messages?$skiptoken=1"}`),
			[]string{"host.subdomains: UPSTREAM_BAD_RESPONSE"},
		},
		{"no items, and no link", "nodes { id }", `{"host":{"subdomains":{"nodes":[]}}}`, none(`{"value":[]}`), nil},
		{"no items by the count", "totalCount nodes { id }", `{"host":{"subdomains":{"totalCount":0,"nodes":[]}}}`, none(`{"value":[],"@odata.count":0}`), nil},
		{
			"no items, but some by the count", "totalCount nodes { id }", `{"host":{"subdomains":null}}`,
			none(`{"value":[],"@odata.count":7}`),
			[]string{"host.subdomains: UPSTREAM_BAD_RESPONSE"},
		},
	} {
		t.Run(row.what, func(t *testing.T) {
			s.Emulator.ClearFaults()
			s.Emulator.Fail(row.fault)
			s.Askf(t, "{ host(id: %q) { subdomains(first: 1) { %s } } } # %s", host, row.selection, row.what).Want(t, row.want, row.errors...)
		})
	}
}

// wantEnd walks a list whose links lead to themselves: it ends, soon after its last item, with an error or without.
func wantEnd(t *testing.T, s *servicetest.Service, w walk, total int) {
	t.Helper()
	var after *string
	for range total/2 + 10 {
		p, _ := fetchPage(t, s, w, 2, after)
		if !p.PageInfo.HasNextPage {
			return
		}
		after = p.PageInfo.EndCursor
	}
	t.Error("no end")
}
