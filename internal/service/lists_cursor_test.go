package service

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"portico/emulator"
)

// refused is what an answer refuses, "path: code" for each error.
func refused(a answered) []string {
	all := []string{}
	for _, e := range a.errors {
		all = append(all, pathText(e.Path)+": "+fmt.Sprint(e.Extensions["code"]))
	}
	slices.Sort(all)
	return all
}

func wantRefused(t testing.TB, a answered, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, refused(a)); diff != "" {
		t.Errorf("errors -want +got:\n%s%s", diff, a.data)
	}
}

// say asks a question without variables.
func (s *running) say(t testing.TB, format string, args ...any) answered {
	t.Helper()
	return s.ask(t, asking{accept: "application/json", text: fmt.Sprintf(format, args...)})
}

// endOf returns the cursor with which the list named "list" of an answer goes on.
func endOf(t testing.TB, a answered) string {
	t.Helper()
	wantNoErrors(t, a)
	data := in[struct {
		List *page
		Host struct{ List page }
	}](t, a)
	p := data.Host.List
	if data.List != nil {
		p = *data.List
	}
	if p.PageInfo.EndCursor == nil {
		t.Fatalf("no cursor in %s", a.data)
	}
	return *p.PageInfo.EndCursor
}

const endCursor = "pageInfo { endCursor hasNextPage }"

// A cursor that was changed in any place is refused, where it stands, and nothing is sent.
func TestCursorsThatAreNotOurs(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_EMULATOR_SIZE=20")
	host := s.upstream.emulator.HostIDs()[2]
	cursor := endOf(t, s.say(t, "{host(id: %q) { list: subdomains(first: 1) { %s } } }", host, endCursor))
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
		a := s.ask(t, asking{
			accept: "application/json", variables: map[string]any{"after": after, "id": host},
			text: "query ($after: String, $id: ID!) { host(id: $id) { list: subdomains(first: 1, after: $after) { nodes { id } } } }",
		})
		wantRefused(t, a, "host.list: BAD_USER_INPUT")
		wantCost(t, a, 0, 0, 0)
	}
}

func TestCursorsOfAnotherList(t *testing.T) {
	t.Parallel()
	s, elsewhere := start(t, "PORTICO_EMULATOR_SIZE=20"), start(t, "PORTICO_EMULATOR_SIZE=20")
	host, other := s.upstream.emulator.HostIDs()[0], s.upstream.emulator.HostIDs()[1]
	pairs := endOf(t, s.say(t, `{host(id: %q) { list: hostPairs(first: 1, linkKind: ["redirect"]) { %s } } }`, host, endCursor))
	ports := endOf(t, s.say(t, `{host(id: %q) { list: ports(first: 1, where: {status: [OPEN]}) { %s } } }`, host, endCursor))
	found := endOf(t, s.say(t, `{list: sslCertificates(first: 1, search: {field: SERIAL_NUMBER, value: "146473198"}) { %s } }`, endCursor))
	for _, c := range []struct {
		what, question string
		refused        []string
	}{
		{"the same list", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, linkKind: ["redirect"]) { nodes { id } } } }`, nil},
		{"in pages of another size", `{host(id: %[1]q) { list: hostPairs(first: 7, after: %[3]q, linkKind: ["redirect"]) { nodes { id } } } }`, nil},
		{"one value for a list of one", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, linkKind: "redirect") { nodes { id } } } }`, nil},
		{"with another filter", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, linkKind: ["script.src"]) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"without the filter", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"in another order", `{host(id: %[1]q) { list: hostPairs(first: 1, after: %[3]q, linkKind: ["redirect"], orderBy: LAST_SEEN_ASC) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of another host", `{host(id: %[2]q) { list: hostPairs(first: 1, after: %[3]q, linkKind: ["redirect"]) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of another list of the host", `{host(id: %[1]q) { list: childHostPairs(first: 1, after: %[3]q, linkKind: ["redirect"]) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of the same filtered list", `{host(id: %[1]q) { list: ports(first: 1, after: %[4]q, where: {status: [OPEN]}) { nodes { id } } } }`, nil},
		{"of a list with another condition", `{host(id: %[1]q) { list: ports(first: 1, after: %[4]q, where: {status: CLOSED}) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of a list without a condition", `{host(id: %[1]q) { list: ports(first: 1, after: %[4]q) { nodes { id } } } }`, []string{"host.list: BAD_USER_INPUT"}},
		{"of the same search", `{list: sslCertificates(first: 1, after: %[5]q, search: {value: "146473198", field: SERIAL_NUMBER}) { nodes { id } } }`, nil},
		{"of another search", `{list: sslCertificates(first: 1, after: %[5]q, search: {field: SERIAL_NUMBER, value: "1"}) { nodes { id } } }`, []string{"list: BAD_USER_INPUT"}},
	} {
		t.Run(c.what, func(t *testing.T) {
			text := fmt.Sprintf(c.question+"#%[1]s%[2]s%[3]s%[4]s%[5]s", host, other, pairs, ports, found)
			wantRefused(t, s.say(t, "%s", text), append([]string{}, c.refused...)...)
		})
	}
	a := elsewhere.say(t, `{host(id: %q) { list: hostPairs(first: 1, after: %q, linkKind: ["redirect"]) { nodes { id } } } }`, host, pairs)
	wantRefused(t, a, "host.list: BAD_USER_INPUT")
}

func TestFirstHasBounds(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_EMULATOR_SIZE=40")
	host, port := s.upstream.emulator.HostIDs()[0], s.upstream.emulator.ChainPortID()
	for _, first := range []any{0, -1, 101, 2147483647, -2147483648} {
		for _, where := range []string{"", ", where: {status: OPEN}"} {
			a := s.say(t, "{ host(id: %q) { lastSeenDateTime ports(first: %d%s) { nodes { id } } } other: hostPort(id: %q) { port } }", host, first, where, port)
			wantRefused(t, a, "host.ports: LIMIT_FIRST")
			if !strings.Contains(a.data, `"other":{"port":9443}`) {
				t.Errorf("first %v: %s", first, a.data)
			}
		}
	}
	for _, c := range []struct {
		first any
		want  int
	}{{nil, 25}, {1, 1}, {100, 30}} {
		a := s.ask(t, asking{
			accept: "application/json", variables: map[string]any{"id": host, "first": c.first},
			text: "query ($id: ID!, $first: Int) { host(id: $id) { passiveDnsReverse(first: $first) { nodes { id } } } }",
		})
		wantNoErrors(t, a)
		if got := strings.Count(a.data, `"id"`); got < c.want || c.want < 30 && got > c.want {
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
	s := start(t, "PORTICO_EMULATOR_SIZE=20")
	host := s.upstream.emulator.HostIDs()[2]
	faults := map[string]emulator.Fault{}
	for _, base := range []string{elsewhere.URL, "http://" + s.upstream.server.URL[len("https://"):], s.upstream.server.URL + ".example", "https://user@" + s.upstream.server.URL[len("https://"):], "//"} {
		faults[base] = emulator.NextLinkTo(base)
	}
	for _, form := range []string{
		emulator.LinkParentheses, emulator.LinkCase, emulator.LinkPort, emulator.LinkGateway, emulator.LinkPath, emulator.LinkRelative, emulator.LinkQuery,
	} {
		faults[form] = emulator.NextLinkForm(form)
	}
	want := s.upstream.emulator.List("hosts/" + host + "/subdomains")
	for name, fault := range faults {
		s.upstream.emulator.Fail(fault.Matching("/subdomains"))
		cursor := endOf(t, s.say(t, "{host(id: %q) { list: subdomains(first: 1) { nodes { id } %s } } }", host, endCursor))
		a := s.say(t, "{host(id: %q) { list: subdomains(first: 1, after: %q) { nodes { id } } } }", host, cursor)
		wantNoErrors(t, a)
		if p := in[struct{ Host struct{ List page } }](t, a).Host.List; len(p.Nodes) != 1 || p.Nodes[0].ID != want[1] {
			t.Errorf("%s: %s, want %s", name, a.data, want[1])
		}
	}
	// A link to another resource, or to no URL, is an error, and the list ends there.
	for _, base := range []string{"https://graph.example/v1.0/users?", "users?x=", "x", "\x00", s.upstream.server.URL + "/v1.0/security/threatIntelligence/hosts('other')/subdomains?x="} {
		s.upstream.emulator.Fail(emulator.NextLinkTo(base).Matching("/subdomains"))
		a := s.say(t, "{host(id: %q) { list: subdomains(first: 1) { nodes { id } %s } } }", host, endCursor)
		wantRefused(t, a, "host.list: UPSTREAM_BAD_RESPONSE")
		if p := in[struct{ Host struct{ List page } }](t, a).Host.List; p.PageInfo.HasNextPage || len(p.Nodes) != 1 {
			t.Errorf("%q: %s", base, a.data)
		}
		wantCost(t, a, 1, 1, 1)
	}
	// Where $skip is taken, no link is needed.
	s.upstream.emulator.Fail(emulator.NextLinkTo(elsewhere.URL).Matching("/components"))
	cursor := endOf(t, s.say(t, "{host(id: %q) { list: components(first: 1) { nodes { id } %s } } }", host, endCursor))
	wantNoErrors(t, s.say(t, "{host(id: %q) { list: components(first: 1, after: %q) { nodes { id } } } }", host, cursor))
	if asked.Load() != 0 {
		t.Errorf("%d requests to another host", asked.Load())
	}
}

// A list whose pages are empty for once is walked to its end all the same; one that leads nowhere has an end.
func TestEmptyPagesAndLoops(t *testing.T) {
	t.Parallel()
	s := start(t, "PORTICO_EMULATOR_SIZE=40")
	e := s.upstream.emulator
	for _, w := range s.walks(t) {
		if strings.HasPrefix(w.name, "IpAddress") {
			continue // as Hostname
		}
		path, _, _ := strings.Cut(w.path, "?")
		want := idsOf(s.directList(t, w.path))
		t.Run(w.name, func(t *testing.T) {
			e.Fail(emulator.EmptyPage().Matching(path), emulator.EmptyPage().Matching(path).Times(2))
			if got := s.walkAll(t, w, []int{3}, len(want)); !slices.Equal(want, got) {
				t.Errorf("with empty pages: %v, want %v", got, want)
			}
			e.ClearFaults()
			e.Fail(emulator.NextLinkLoop().Matching(path).Times(-1))
			s.wantEnd(t, w, len(want))
			e.ClearFaults()
		})
	}
}

// wantEnd walks a list whose links lead to themselves: it ends, soon after its last item, with an error or without.
func (s *running) wantEnd(t *testing.T, w walk, total int) {
	t.Helper()
	var after *string
	for range total/2 + 10 {
		p, _ := s.page(t, w, 2, after)
		if !p.PageInfo.HasNextPage {
			return
		}
		after = p.PageInfo.EndCursor
	}
	t.Error("no end")
}
