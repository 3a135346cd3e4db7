package queries_test

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// Two hosts that are known, as somebody pasted them, and one that is not: it is null, for its list of ports is not known.
func TestHostsOfAnIncident(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t)
	a := s.Askf(t, `{ hosts(ids: ["WWW2.EXAMPLE.COM", "192.0.2[.]1", "192.0.2.250"]) { reputation { score } ports(where: { status: [OPEN] }) { totalCount } } }`)
	a.WantNoErrors(t)
	a.WantCost(t, 1, 6, 1)
	if want := `{"hosts":[{"reputation":{"score":92},"ports":{"totalCount":10}},{"reputation":{"score":90},"ports":{"totalCount":10}},null]}`; a.Data != want {
		t.Errorf("got %s, want %s", a.Data, want)
	}
	plain := s.Askf(t, `{ hosts(ids: ["www2.example.com", "192.0.2.1", "192.0.2.250"]) { reputation { score } ports(where: { status: [OPEN] }) { totalCount } } }`)
	if a.Data != plain.Data {
		t.Errorf("pasted %s, in canonical form %s", a.Data, plain.Data)
	}
}

// unknownIDs have an id that nobody has for each type that owns something.
var unknownIDs = map[string]string{
	"Hostname":            "nobody.example",
	"IpAddress":           "192.0.2.250",
	"SslCertificate":      base64.StdEncoding.EncodeToString([]byte(strings.Repeat("00", 20))),
	"Article":             "00000000",
	"IntelligenceProfile": strings.Repeat("00", 32),
	"Vulnerability":       "CVE-1999-0000",
	"WhoisRecord":         base64.StdEncoding.EncodeToString([]byte("nobody.example$$1234567")),
}

// ownedFields are the requests below a type: lists, and single entities.
func ownedFields(on *ast.Definition) (lists, singles []string) {
	for _, f := range on.Fields {
		switch {
		case f.Directives.ForName("request") == nil:
		case strings.HasSuffix(f.Type.Name(), "Connection"):
			lists = append(lists, f.Name)
		default:
			singles = append(singles, f.Name)
		}
	}
	return lists, singles
}

// owners are the object types that have requests below them.
func owners() (all []*ast.Definition) {
	for _, def := range servicetest.Schema.Types {
		if lists, singles := ownedFields(def); def.Kind == ast.Object && def != servicetest.Schema.Query && len(lists)+len(singles) > 0 {
			all = append(all, def)
		}
	}
	return all
}

// Whichever list of whichever owner is asked for, and in whichever way: an unknown owner is null, at the cost of the list.
func TestAnUnknownOwnerOfAListIsNull(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	for _, on := range owners() {
		id := unknownIDs[on.Name]
		if id == "" {
			t.Errorf("no unknown %s", on.Name)
		}
		lists, _ := ownedFields(on)
		for _, list := range lists {
			for what, selection := range map[string]string{
				"the list alone":  list + " { __typename }",
				"with the id":     "id " + list + " { totalCount nodes { __typename } }",
				"by another name": "list: " + list + "(first: 3) { edges { cursor } pageInfo { hasNextPage } }",
			} {
				a := s.Askf(t, `{ one: node(id: "%[1]s:%[2]s") { ... on %[1]s { %[3]s } } many: nodes(ids: ["%[1]s:%[2]s", "%[1]s:%[2]s"]) { ... on %[1]s { %[3]s } }
					entities: _entities(representations: [{__typename: %[1]q, id: %[2]q}]) { ... on %[1]s { %[3]s } } }`, on.Name, id, selection)
				a.WantNoErrors(t)
				a.WantCost(t, 1, 1, 1)
				if a.Data != `{"one":null,"many":[null,null],"entities":[null]}` {
					t.Errorf("%s.%s, %s: %s", on.Name, list, what, a.Data)
				}
			}
		}
	}
}

// What is not known is null at its position, also if all that is selected are lists below it.
func TestUnknownIDsOfListableEntities(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	for field, c := range map[string]struct{ on, list string }{
		"articlesByIds":             {"Article", "indicators"},
		"intelligenceProfilesByIds": {"IntelligenceProfile", "indicators"},
		"sslCertificatesByIds":      {"SslCertificate", "relatedHosts"},
		"whoisRecordsByIds":         {"WhoisRecord", "history"},
	} {
		a := s.Askf(t, `{ %s(ids: [%[2]q, %[2]q]) { id %[3]s { totalCount } } }`, field, unknownIDs[c.on], c.list)
		a.WantNoErrors(t)
		a.WantCost(t, 1, 1, 1)
		if want := fmt.Sprintf(`{%q:[null,null]}`, field); a.Data != want {
			t.Errorf("got %s, want %s", a.Data, want)
		}
	}
}

// What a known owner may lack says too little: the owner's id is fetched, once, and that decides.
func TestASingleUnknownEntityIsVerified(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	for _, on := range owners() {
		_, singles := ownedFields(on)
		for _, single := range singles {
			a := s.Askf(t, `{ one: node(id: "%[1]s:%[2]s") { ... on %[1]s { %[3]s { id } } } entities: _entities(representations: [{__typename: %[1]q, id: %[2]q}]) { ... on %[1]s { %[3]s { id } } } }`,
				on.Name, unknownIDs[on.Name], single)
			a.WantNoErrors(t)
			a.WantCost(t, 2, 2, 2)
			if a.Data != `{"one":null,"entities":[null]}` {
				t.Errorf("%s.%s: %s", on.Name, single, a.Data)
			}
		}
	}
	s.Emulator.Fail(emulator.Failure(404).Matching("/whois"), emulator.Failure(404).Matching("/reputation"))
	a := s.Askf(t, `{ host(id: "192.0.2.1") { whois { id } reputation { score } } }`)
	a.WantNoErrors(t)
	a.WantCost(t, 3, 3, 2)
	if a.Data != `{"host":{"whois":null,"reputation":null}}` {
		t.Errorf("a known host without either: %s", a.Data)
	}
	if want := "GET /security/threatIntelligence/hosts/192.0.2.1?$select=id\n"; !slices.Contains(a.Waves()[1], want) {
		t.Errorf("sent %v", a.Waves())
	}
}

// Doubts about many owners are settled by one batch for each twenty, in one wave.
func TestManyDoubtsAreSettledTogether(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	var ids, representations []string
	for i := range 40 {
		ids = append(ids, fmt.Sprintf("%q", fmt.Sprintf("host-%d.example", i)))
		representations = append(representations, fmt.Sprintf(`{__typename: "Hostname", id: "host-%d.example"}`, i))
	}
	for _, field := range []string{
		"hosts(ids: [" + strings.Join(ids, ",") + "])", "nodes(ids: [" + strings.Join(ids, ",") + "])", "_entities(representations: [" + strings.Join(representations, ",") + "])",
	} {
		a := s.Askf(t, "{ %s { ... on Hostname { reputation { score } } } }", field)
		a.WantNoErrors(t)
		a.WantCost(t, 4, 80, 2)
		if strings.Count(a.Data, "null") != 40 {
			t.Errorf("%s: %s", field, a.Data)
		}
	}
}

// What the responses below an owner mean for it, where some are unknown and some fail.
func TestMixedEvidence(t *testing.T) {
	t.Parallel()
	const all = `host(id: "192.0.2.1") { reputation { score } cookies { totalCount } trackers { totalCount } }`
	unknown := func(text string) emulator.Fault { return emulator.Failure(404).Matching(text).Times(-1) }
	failed := func(text string) emulator.Fault { return emulator.Failure(403).Matching(text).Times(-1) }
	for _, c := range []struct {
		what   string
		ask    string
		faults []emulator.Fault
		data   string
		errors []string
		items  int
	}{
		{"one list unknown, all else known", all, []emulator.Fault{unknown("/cookies")}, `{"host":{"reputation":{"score":90},"cookies":null,"trackers":{"totalCount":N}}}`, nil, 3},
		{"all lists unknown, the reputation known", all, []emulator.Fault{unknown("/cookies"), unknown("/trackers")}, `{"host":{"reputation":{"score":90},"cookies":null,"trackers":null}}`, nil, 3},
		{"all unknown", all, []emulator.Fault{unknown("192.0.2.1/")}, `{"host":null}`, nil, 3},
		{"a list unknown, all else failed", all, []emulator.Fault{unknown("/cookies"), failed("192.0.2.1/")}, `{"host":null}`, nil, 3},
		{
			"all failed", all,
			[]emulator.Fault{failed("192.0.2.1/")},
			`{"host":{"reputation":null,"cookies":null,"trackers":null}}`,
			[]string{"host.cookies: UPSTREAM_FORBIDDEN", "host.reputation: UPSTREAM_FORBIDDEN", "host.trackers: UPSTREAM_FORBIDDEN"},
			3,
		},
		{
			"the reputation unknown, the lists failed, the host known", all,
			[]emulator.Fault{unknown("/reputation"), failed("192.0.2.1/")},
			`{"host":{"reputation":null,"cookies":null,"trackers":null}}`,
			[]string{"host.cookies: UPSTREAM_FORBIDDEN", "host.trackers: UPSTREAM_FORBIDDEN"},
			4,
		},
		{
			"the reputation unknown, the lists failed, the host unknown", all,
			[]emulator.Fault{unknown("/reputation"), failed("192.0.2.1/"), unknown("192.0.2.1?")},
			`{"host":null}`, nil, 4,
		},
		{
			"the reputation unknown, and the host failed", `host(id: "192.0.2.1") { reputation { score } }`,
			[]emulator.Fault{unknown("/reputation"), failed("192.0.2.1?")},
			`{"host":null}`,
			[]string{"host: UPSTREAM_FORBIDDEN"},
			2,
		},
		{
			"the host's own lookup known, its list unknown", `host(id: "192.0.2.1") { id firstSeenDateTime cookies { totalCount } }`,
			[]emulator.Fault{unknown("/cookies")},
			`{"host":{"id":"192.0.2.1","firstSeenDateTime":T,"cookies":null}}`, nil, 2,
		},
		{
			"the host's own lookup unknown, its list known", `host(id: "192.0.2.1") { id firstSeenDateTime cookies { totalCount } }`,
			[]emulator.Fault{unknown("192.0.2.1?")},
			`{"host":null}`, nil, anyNumber,
		},
		{
			"another field's lookup of the host known", `a: host(id: "192.0.2.1") { reputation { score } } b: host(id: "192.0.2.1") { id firstSeenDateTime }`,
			[]emulator.Fault{unknown("/reputation")},
			`{"a":{"reputation":null},"b":{"id":"192.0.2.1","firstSeenDateTime":T}}`, nil, 2,
		},
		{
			"another field's lookup of the host failed, a list known", `a: host(id: "192.0.2.1") { trackers { totalCount } } b: host(id: "192.0.2.1") { id firstSeenDateTime }`,
			[]emulator.Fault{failed("192.0.2.1?")},
			`{"a":{"trackers":{"totalCount":N}},"b":null}`,
			[]string{"b: UPSTREAM_FORBIDDEN"},
			2,
		},
		{
			"a list that is filtered here unknown", `host(id: "192.0.2.1") { ports(where: {status: [OPEN]}, orderBy: LAST_SEEN_DESC) { totalCount } trackers { totalCount } }`,
			[]emulator.Fault{unknown("/ports")},
			`{"host":{"ports":null,"trackers":{"totalCount":N}}}`, nil, 2,
		},
		{
			"a refused list beside an unknown one", `host(id: "192.0.2.1") { ports(first: 500) { totalCount } trackers { totalCount } }`,
			[]emulator.Fault{unknown("/trackers")},
			`{"host":null}`, nil, 1,
		},
		{
			"a deferred list unknown", `host(id: "192.0.2.1") { reputation { score } ... @defer { trackers { totalCount } } }`,
			[]emulator.Fault{unknown("/trackers")},
			`{"host":{"reputation":{"score":90},"trackers":null}}`, nil, 2,
		},
		{"a root list unknown", `articles(first: 3) { totalCount nodes { id } }`, []emulator.Fault{unknown("/articles")}, `{"articles":null}`, nil, 1},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(c.faults...)
			a := s.Askf(t, "{ %s }", c.ask)
			a.WantErrors(t, append([]string{}, c.errors...)...)
			if got := numbers.ReplaceAllString(times.ReplaceAllString(a.Data, `:T`), `"totalCount":N`); got != c.data {
				t.Errorf("got %s, want %s", got, c.data)
			}
			if a.Cost.Items != c.items && c.items != anyNumber {
				t.Errorf("%d items, want %d: %v", a.Cost.Items, c.items, a.Waves())
			}
			if len(a.Warnings) > 0 {
				t.Errorf("warnings %v", a.Warnings)
			}
		})
	}
}

// anyNumber stands for a number of items that depends on which response comes first.
const anyNumber = -1

var (
	times   = regexp.MustCompile(`:"[0-9]{4}-[0-9-]+T[0-9:.]+Z"`)
	numbers = regexp.MustCompile(`"totalCount":[1-9][0-9]*`)
)

// Where there is no request left to verify an owner, it stands, and a warning names it.
func TestWithoutABudgetTheOwnerStaysWithAWarning(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_LIMIT_UPSTREAM_REQUESTS=3")
	a := s.Askf(t, `{ hosts(ids: ["a.example", "b.example"]) { id reputation { score } } }`)
	a.WantNoErrors(t)
	if a.Cost.Items != 3 || len(a.Warnings) != 1 {
		t.Fatalf("%d items, warnings %v", a.Cost.Items, a.Warnings)
	}
	if w := a.Warnings[0]; w.Code != "UNVERIFIED" || w.Message == "" || servicetest.PathText(w.Path) != "hosts.1" {
		t.Errorf("warning %+v", w)
	}
	if a.Data != `{"hosts":[null,{"id":"b.example","reputation":null}]}` {
		t.Errorf("%s", a.Data)
	}

	for query, path := range map[string]string{
		`{ h: host(id: "a.example") { reputation { id } whois { id } x: whois { domainStatus } } node(id: "b.example") { ... on Host { reputation { id } } } }`:                     "h node",
		`{ _entities(representations: [{__typename: "Hostname", id: "a.example"}]) { ... on Host { reputation { id } whois { id } } } vulnerability(id: "CVE-2021-44228") { id } }`: "_entities.0",
	} {
		a := s.Askf(t, "%s", query)
		a.WantNoErrors(t)
		var paths []string
		for _, w := range a.Warnings {
			paths = append(paths, servicetest.PathText(w.Path))
		}
		slices.Sort(paths)
		if strings.Join(paths, " ") != path {
			t.Errorf("%s: warnings at %q, want %s", query, paths, path)
		}
	}
}

// Owners that others refer to, alone or in a list, are judged by what is below them, and so are those under @defer.
func TestOwnersThatAreReferredTo(t *testing.T) {
	t.Parallel()
	unknown := func(text string) emulator.Fault { return emulator.Failure(404).Matching(text).Times(-1) }
	const port, ports = `hostPort(id: "MTkyLjAuMi4xJCQ5NDQz")`, `hostPorts(ids: ["MTkyLjAuMi4xJCQ5NDQz"])`
	for _, c := range []struct {
		what, ask string
		fault     emulator.Fault
		want      string
		items     int
	}{
		{"a host with a list", port + ` { port host { id trackers { totalCount } } }`, unknown("/hosts/192.0.2.1/"), `"host":null`, 2},
		{"a host with a filtered list", port + ` { host { ports(where: {status: [OPEN]}) { totalCount } } }`, unknown("/hosts/192.0.2.1/"), `"host":null`, 2},
		{"a host with a reputation", port + ` { port host { id reputation { score } } }`, unknown("/hosts/192.0.2.1"), `"host":null`, 3},
		{"a host with a reputation that it lacks", port + ` { port host { id reputation { score } } }`, unknown("/reputation"), `"host":{"id":"192.0.2.1","reputation":null}`, 3},
		{"a host with properties and a list", port + ` { host { id firstSeenDateTime trackers { totalCount } } }`, unknown("/hosts/192.0.2.1"), `"host":null`, 3},
		{"a host with properties alone keeps its id", port + ` { host { id firstSeenDateTime } }`, unknown("/hosts/192.0.2.1"), `"host":{"id":"192.0.2.1","firstSeenDateTime":null}`, 2},
		{"a host of many ports", ports + ` { host { id trackers { totalCount } } }`, unknown("/hosts/192.0.2.1/"), `"host":null`, 2},
		{"a host under @defer", port + ` { port ... @defer { host { id trackers { totalCount } } } }`, unknown("/hosts/192.0.2.1/"), `"host":null`, 2},
		{"a certificate that came whole", port + ` { mostRecentSslCertificate { sha1 relatedHosts { totalCount } } }`, unknown("/relatedHosts"), `"relatedHosts":null}`, 2},
		{"a certificate of which the reference came", port + ` { mostRecentSslCertificate { id relatedHosts { totalCount } } }`, unknown("/relatedHosts"), `"mostRecentSslCertificate":null`, 2},
		{"a host in a list of hosts", port + ` { mostRecentSslCertificate { id relatedHosts(first: 2) { nodes { id trackers { totalCount } } } } }`, unknown("/trackers"), `"nodes":[null,null]`, 4},
		{"a host in a list of hosts, under edges", port + ` { mostRecentSslCertificate { id relatedHosts(first: 2) { edges { node { id trackers { totalCount } } } } } }`, unknown("/trackers"), `"edges":[{"node":null},{"node":null}]`, 4},
		{"reputations of hosts in a list", port + ` { mostRecentSslCertificate { id relatedHosts(first: 2) { nodes { id reputation { score } } } } }`, unknown("/hosts/"), `"nodes":[null,null]`, 6},
	} {
		for _, accept := range []string{"application/json", "multipart/mixed"} {
			t.Run(c.what+", "+accept, func(t *testing.T) {
				s := servicetest.Start(t)
				s.Emulator.Fail(c.fault)
				a := s.Send(t, servicetest.Operation{Query: "{ " + c.ask + " }", Accept: accept})
				a.WantNoErrors(t)
				whole := a.Data
				for _, part := range a.Parts {
					whole += string(part.Data)
				}
				if !strings.Contains(whole, c.want) {
					t.Errorf("got %s, want %s", whole, c.want)
				}
				if a.Cost.Items != c.items {
					t.Errorf("%d items, want %d: %v", a.Cost.Items, c.items, a.Waves())
				}
			})
		}
	}
}
