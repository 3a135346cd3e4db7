package lists_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// manyPorts puts n ports on a host, every third closed, and the later ones seen longer ago.
func manyPorts(t testing.TB, s *servicetest.Service, host string, n int) {
	t.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = servicetest.PortID(host, i)
		status := []string{"open", "open", "closed"}[i%3]
		port := fmt.Sprintf(`{"id":%q,"port":%d,"status":%q,"lastSeenDateTime":"2020-01-01T%02d:%02d:00Z","host":{"id":%q}}`,
			ids[i], i, status, 23-i/60, 59-i%60, host)
		if err := s.Emulator.Put("hostPorts", port); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Emulator.PutList("hosts/"+host+"/ports", ids...); err != nil {
		t.Fatal(err)
	}
}

// Portico looks at four pages, and says so where there are more.
func TestFilteringLooksAtFourPages(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	host := s.Emulator.HostIDs()[0]
	for _, c := range []struct{ ports, requests, oldest int }{{0, 1, -1}, {100, 1, 99}, {101, 2, 100}, {399, 4, 397}, {400, 4, 399}, {401, 4, 399}, {1000, 4, 399}} {
		manyPorts(t, s, host, c.ports)
		a := s.Askf(t, "{ host(id: %q) { ports(first: 1, where: {status: OPEN}, orderBy: LAST_SEEN_ASC) { isTruncated totalCount nodes { port } } } } # %d", host, c.ports)
		a.WantNoErrors(t)
		a.WantCost(t, c.requests, c.requests, c.requests)
		ports := servicetest.Data[struct {
			Host struct {
				Ports struct {
					IsTruncated bool
					TotalCount  *int
					Nodes       []struct{ Port int }
				}
			}
		}](t, a).Host.Ports
		if ports.IsTruncated != (c.ports > 400) || (ports.TotalCount == nil) != ports.IsTruncated {
			t.Errorf("%d ports: %s", c.ports, a.Data)
		}
		if ports.TotalCount != nil && *ports.TotalCount != c.ports-c.ports/3 {
			t.Errorf("%d ports: totalCount %d", c.ports, *ports.TotalCount)
		}
		if c.oldest >= 0 && ports.Nodes[0].Port != c.oldest {
			t.Errorf("%d ports: the oldest is %d, want %d", c.ports, ports.Nodes[0].Port, c.oldest)
		}
	}
}

// A page may be shorter than was asked: the next begins where it ended. Portico follows the links of three empty pages, and
// no further.
func TestFilteringOfShortAndEmptyPages(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	e := s.Emulator
	host := e.HostIDs()[0]
	manyPorts(t, s, host, 10)
	for _, c := range []struct {
		what, question string
		fault          emulator.Fault
		truncated      bool
	}{
		{"short", "where: {port: [2, 9]}", emulator.RawBody(200, fmt.Sprintf(`{"value":[{"id":%q,"port":0},{"id":%q,"port":1}],"@odata.nextLink":"https://x.example/"}`,
			servicetest.PortID(host, 0), servicetest.PortID(host, 1))), false},
		{"empty three times", "where: {port: [2, 9]}", emulator.EmptyPage().Times(3), false},
		{"empty four times", "where: {port: [2, 9]}", emulator.EmptyPage().Times(4), true},
	} {
		e.Fail(c.fault.Matching("/ports"))
		a := s.Askf(t, "{ host(id: %q) { ports(%s) { isTruncated nodes { port } } } } # %s", host, c.question, c.what)
		a.WantNoErrors(t)
		want := fmt.Sprintf(`{"host":{"ports":{"isTruncated":%v,"nodes":[{"port":2},{"port":9}]}}}`, c.truncated)
		if c.truncated {
			want = `{"host":{"ports":{"isTruncated":true,"nodes":[]}}}`
		} else if last := a.Cost.Calls[len(a.Cost.Calls)-1].URL; c.what == "short" && !strings.HasSuffix(last, "&$top=100&$skip=2") {
			t.Errorf("after a page of two: %s", last)
		}
		if a.Data != want {
			t.Errorf("%s: %s", c.what, a.Data)
		}
	}
}

// A list that Microsoft Graph no longer knows at its second page was known at its first: what was read stands, and more may
// be missing.
func TestFilteringOfAListThatEndsWhileItIsRead(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	e := s.Emulator
	host := e.HostIDs()[0]
	manyPorts(t, s, host, 150)
	e.Fail(emulator.Failure(404).Matching("skip=100"))
	a := s.Askf(t, "{ host(id: %q) { ports(where: {port: [2, 140]}) { isTruncated totalCount nodes { port } } } }", host)
	a.WantNoErrors(t)
	if want := `{"host":{"ports":{"isTruncated":true,"totalCount":null,"nodes":[{"port":2}]}}}`; a.Data != want {
		t.Errorf("got %s, want %s", a.Data, want)
	}
}

// What of an item of a list cannot be read is reported where it stands in the answer, under whatever aliases.
func TestValuesOfListItemsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	e := s.Emulator
	host, certificate := servicetest.Address(e, 0), e.HuntCertificateIDs()[0]
	const code = ": UPSTREAM_INVALID_VALUE"
	for _, c := range []struct {
		what     string
		fault    emulator.Fault
		question string
		want     []string
	}{
		{
			what: "in a node", fault: emulator.Patch("/components", "value.1.firstSeenDateTime", `"soon"`),
			question: `components(first: 3) { nodes { firstSeenDateTime } }`, want: []string{"host.components.nodes.1.firstSeenDateTime" + code},
		}, {
			what: "in a node and in an edge, under aliases", fault: emulator.Patch("/components", "value.1.firstSeenDateTime", `"soon"`),
			question: `c: components(first: 3) { n: nodes { f: firstSeenDateTime name } e: edges { x: node { g: firstSeenDateTime } y: node { name } } }`,
			want:     []string{"host.c.e.1.x.g" + code, "host.c.n.1.f" + code},
		}, {
			what: "what is not asked for there", fault: emulator.Patch("/components", "value.1.firstSeenDateTime", `"soon"`),
			question: `components(first: 3) { nodes { name } edges { node { firstSeenDateTime } } }`,
			want:     []string{"host.components.edges.1.node.firstSeenDateTime" + code},
		}, {
			what: "in nodes that are selected twice", fault: emulator.Patch("/components", "value.1.firstSeenDateTime", `"soon"`),
			question: `components(first: 3) { nodes { firstSeenDateTime } nodes { firstSeenDateTime name } }`,
			want:     []string{"host.components.nodes.1.firstSeenDateTime" + code},
		}, {
			what: "an item without an id in nodes that are selected twice", fault: emulator.Patch("/cookies", "value.0.id", ``),
			question: `cookies(first: 1) { nodes { name } nodes { domain } }`, want: []string{"host.cookies.nodes.0" + code},
		}, {
			what: "inside of what is selected twice", fault: emulator.Patch("/ports", "value.2.services.0.isRecent", `"perhaps"`),
			question: `ports(first: 3) { nodes { services { isRecent } services { isRecent firstSeenDateTime } } }`,
			want:     []string{"host.ports.nodes.2.services.0.isRecent" + code},
		}, {
			what: "deep inside", fault: emulator.Patch("/ports", "value.2.services.0.isRecent", `"perhaps"`),
			question: `ports(first: 3) { nodes { services { r: isRecent } } }`, want: []string{"host.ports.nodes.2.services.0.r" + code},
		}, {
			what: "in what is expanded", fault: emulator.Patch("/ports", "value.0.mostRecentSslCertificate.subject.alternateNames", `7`),
			question: `ports(first: 3) { nodes { mostRecentSslCertificate { subject { alternateNames } } } }`,
			want:     []string{"host.ports.nodes.0.mostRecentSslCertificate.subject.alternateNames" + code},
		}, {
			what: "in a filtered list, where the port stands now", fault: emulator.Patch("/ports", "value.5.timesObserved", `"often"`),
			question: `ports(where: {port: [22]}) { nodes { port timesObserved } edges { n: node { timesObserved } } }`,
			want:     []string{"host.ports.edges.0.n.timesObserved" + code, "host.ports.nodes.0.timesObserved" + code},
		}, {
			what: "in a port that is filtered out", fault: emulator.Patch("/ports", "value.5.timesObserved", `"often"`),
			question: `ports(where: {port: [443]}) { nodes { port timesObserved } }`, want: []string{},
		}, {
			what: "an item without an id", fault: emulator.Patch("/cookies", "value.0.id", ``),
			question: `cookies(first: 1) { nodes { name } }`, want: []string{"host.cookies.nodes.0" + code},
		}, {
			what: "an item that is none", fault: emulator.Patch("/cookies", "value.0", `"cookie"`),
			question: `cookies(first: 1) { nodes { name } edges { node { name } } }`,
			want:     []string{"host.cookies.edges.0.node" + code, "host.cookies.nodes.0" + code},
		}, {
			what: "a list that is none", fault: emulator.Patch("/cookies", "value", `{}`),
			question: `cookies(first: 1) { nodes { name } }`, want: []string{"host.cookies: UPSTREAM_BAD_RESPONSE"},
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			e.Fail(c.fault)
			a := s.Askf(t, "{ host(id: %q) { %s } } # %s", host, c.question, c.what)
			e.ClearFaults()
			a.WantErrors(t, c.want...)
		})
	}
	e.Fail(emulator.Patch("/relatedHosts", "value.1.id", `7`), emulator.Patch("/hosts/", "lastSeenDateTime", `"then"`).Times(1))
	a := s.Askf(t, "{ sslCertificate(id: %q) { relatedHosts(first: 3) { nodes { lastSeenDateTime } } } }", certificate)
	a.WantErrors(t, "sslCertificate.relatedHosts.nodes.0.lastSeenDateTime"+code, "sslCertificate.relatedHosts.nodes.1"+code)
}

// A page that fails is null and one error at its list, a list that is not known is null, and all else stands.
func TestAPageThatFailsCostsItselfAlone(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	e := s.Emulator
	e.Fail(emulator.Failure(403).Matching("/cookies"), emulator.Failure(404).Matching("/trackers"))
	a := s.Askf(t, `{
		one: host(id: %q) { lastSeenDateTime c: cookies { nodes { id } } }
		two: host(id: %[1]q) { trackers { totalCount nodes { id } pageInfo { hasNextPage endCursor } } components(first: 1) { nodes { id } } }
	}`, servicetest.Address(e, 0))
	a.WantErrors(t, "one.c: UPSTREAM_FORBIDDEN")
	if data := servicetest.Data[struct {
		One struct {
			LastSeenDateTime string
			C                *page
		}
		Two struct{ Trackers, Components *page }
	}](t, a); data.One.LastSeenDateTime == "" || data.One.C != nil || data.Two.Trackers != nil || len(data.Two.Components.Nodes) != 1 {
		t.Errorf("%s", a.Data)
	}
}
