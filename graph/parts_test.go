package graph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"portico/graph"
	"portico/msgraph"
)

// scripted is a Microsoft Graph of a few resources, by their path below threatIntelligence. What a path's gate holds back
// waits until the gate is closed, and what has a delay as long as that.
type scripted struct {
	delays map[string]time.Duration
	bodies map[string]string
	gates  map[string]chan struct{}
}

func (scripted) NextPage(string, string) (string, bool) { return "", false }

func (s scripted) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	for i, url := range urls {
		go func() {
			path, _, _ := strings.Cut(strings.TrimPrefix(url, "/security/threatIntelligence/"), "?")
			time.Sleep(s.delays[path])
			if gate := s.gates[path]; gate != nil {
				select {
				case <-gate:
				case <-ctx.Done():
				}
			}
			body, known := s.bodies[path]
			switch {
			case ctx.Err() != nil:
				done(i, nil, context.Cause(ctx))
			case !known:
				done(i, nil, &msgraph.Error{Kind: msgraph.Refused, Status: http.StatusNotFound})
			default:
				done(i, []byte(body), nil)
			}
		}()
	}
}

// world is a port, its certificate and two hosts that showed it. Each host has a reputation.
func world() scripted {
	host := func(id, first string) string {
		return fmt.Sprintf(`{"@odata.type":"#microsoft.graph.security.ipAddress","id":%q,"firstSeenDateTime":%q}`, id, first)
	}
	return scripted{gates: map[string]chan struct{}{}, bodies: map[string]string{
		"hostPorts/" + exampleID: `{"id":"` + exampleID + `","port":21,"status":"open","protocol":"tcp",` +
			`"host":{"@odata.type":"#microsoft.graph.security.ipAddress","id":"85.13.139.18"},` +
			`"mostRecentSslCertificate":{"id":"cert"}}`,
		"sslCertificates/cert": `{"id":"cert","sha1":"abc"}`,
		"sslCertificates/cert/relatedHosts": `{"value":[{"@odata.type":"#microsoft.graph.security.ipAddress","id":"192.0.2.1"},` +
			`{"@odata.type":"#microsoft.graph.security.ipAddress","id":"192.0.2.2"}]}`,
		"hosts/85.13.139.18":            host("85.13.139.18", "2016-07-13T08:43:41Z"),
		"hosts/192.0.2.1":               host("192.0.2.1", "2017-01-01T00:00:00Z"),
		"hosts/192.0.2.2":               host("192.0.2.2", "2018-01-01T00:00:00Z"),
		"hosts/85.13.139.18/reputation": `{"id":"r0","score":10}`,
		"hosts/192.0.2.1/reputation":    `{"id":"r1","score":1}`,
		"hosts/192.0.2.2/reputation":    `{"id":"r2","score":2}`,
	}}
}

func (s scripted) endpoint(change ...func(*graph.Options)) http.Handler {
	return endpoint(nil, append(change, func(o *graph.Options) { o.Fetch = s })...)
}

// part is one payload of a response in parts.
type part struct {
	Label  string
	Path   []any
	Data   json.RawMessage
	Errors json.RawMessage
}

// String is a part as the tests write it: its label, its path, its data and its errors.
func (p part) String() string {
	path := make([]string, len(p.Path))
	for i, step := range p.Path {
		path[i] = fmt.Sprint(step)
	}
	return strings.Join(strings.Fields(p.Label+" "+strings.Join(path, ".")+" "+string(p.Data)+" "+string(p.Errors)), " ")
}

// payloadOf reads one payload: the first, or one that holds a part.
func payloadOf(t *testing.T, text string) part {
	t.Helper()
	var payload struct {
		part
		Incremental []part
	}
	if err := json.Unmarshal([]byte(text), &payload); err != nil {
		t.Fatalf("%v in %.400q", err, text)
	}
	if len(payload.Incremental) > 0 {
		return payload.Incremental[0]
	}
	return payload.part
}

// partsFrom reads a response in parts. The last payload, and no other, says that it is the last.
func partsFrom(t *testing.T, body string) (all []string) {
	t.Helper()
	sections := strings.Split(strings.TrimSuffix(body, "\r\n-----\r\n"), "\r\n---\r\nContent-Type: application/json; charset=utf-8\r\n\r\n")
	for i, section := range sections[1:] {
		if more := strings.HasSuffix(section, `,"hasNext":true}`); more != (i < len(sections)-2) {
			t.Errorf("payload %d of %d has hasNext: %v", i+1, len(sections)-1, more)
		}
		all = append(all, payloadOf(t, section).String())
	}
	return all
}

const atPort = `{ hostPort(id: "` + exampleID + `") `

func TestDeferredFragmentsAreComplete(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		name, query string
		want        []string
	}{
		{
			"the plain fields of a fragment come with it", atPort + `{ port ... @defer(label: "a") { status host { id firstSeenDateTime } } } }`,
			[]string{
				`{"hostPort":{"port":21}}`,
				`a hostPort {"status":"OPEN","host":{"id":"85.13.139.18","firstSeenDateTime":"2016-07-13T08:43:41.000Z"}}`,
			},
		},
		{
			"plain fields alone", atPort + `{ ... @defer { port status } } }`,
			[]string{`{"hostPort":{}}`, `hostPort {"port":21,"status":"OPEN"}`},
		},
		{
			"a part inside a part, at the same object", atPort + `{ ... @defer(label: "1") { port ... @defer(label: "2") { status } } } }`,
			[]string{`{"hostPort":{}}`, `1 hostPort {"port":21}`, `2 hostPort {"status":"OPEN"}`},
		},
		{
			"a part inside a part, deeper", atPort + `{ ... @defer(label: "1") { host { id ... @defer(label: "2") { reputation { score } } } } } }`,
			[]string{`{"hostPort":{}}`, `1 hostPort {"host":{"id":"85.13.139.18"}}`, `2 hostPort.host {"reputation":{"score":10}}`},
		},
		{
			"a field that is also selected outside", atPort + `{ host { id } ... @defer { host { firstSeenDateTime } } } }`,
			[]string{`{"hostPort":{"host":{"id":"85.13.139.18"}}}`, `hostPort {"host":{"firstSeenDateTime":"2016-07-13T08:43:41.000Z"}}`},
		},
		{
			"the root", `{ ... @defer(label: "root") ` + atPort + `{ port } } }`,
			[]string{`{}`, `root {"hostPort":{"port":21}}`},
		},
		{
			"a fragment on another type is not a part", atPort + `{ port ... @defer { host { id ... on Hostname @defer { registrar } } } } }`,
			[]string{`{"hostPort":{"port":21}}`, `hostPort {"host":{"id":"85.13.139.18"}}`},
		},
		{
			"a fragment on an interface", atPort + `{ host { id ... on Host @defer(label: "i") { firstSeenDateTime } ... on IpAddress { ... @defer(label: "x") { netblock } } } } }`,
			[]string{
				`{"hostPort":{"host":{"id":"85.13.139.18"}}}`,
				`i hostPort.host {"firstSeenDateTime":"2016-07-13T08:43:41.000Z"}`,
				`x hostPort.host {"netblock":null}`,
			},
		},
		{
			"a skipped fragment, and one that is not included", atPort + `{ port ... @defer @skip(if: true) { status } ... @include(if: false) { ... @defer { status } } ... @defer { protocol } } }`,
			[]string{`{"hostPort":{"port":21}}`, `hostPort {"protocol":"TCP"}`},
		},
		{
			"what does not exist has no parts", `{ hostPort(id: "MTkyLjAuMi45JCQ0NDM=") { ... @defer { port } } ... @defer(label: "other") { node(id: "85.13.139.18") { id } } }`,
			[]string{`{"hostPort":null}`, `other {"node":{"id":"85.13.139.18"}}`},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			got := partsFrom(t, post(t, world().endpoint(), asked(row.query), "Accept: "+inParts).Body.String())
			slices.Sort(got[1:]) // parts of one object arrive in any order
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// The outer part waits for a certificate. What is inside would be there at once.
func TestANestedPartNeverArrivesBeforeItsParent(t *testing.T) {
	t.Parallel()
	query := atPort + `{ port ... @defer(label: "outer") {
		host { id ... @defer(label: "inner") { reputation { score } } } mostRecentSslCertificate { sha1 } } } }`
	want := []string{
		`{"hostPort":{"port":21}}`,
		`outer hostPort {"host":{"id":"85.13.139.18"},"mostRecentSslCertificate":{"sha1":"abc"}}`,
		`inner hostPort.host {"reputation":{"score":10}}`,
	}
	synctest.Test(t, func(t *testing.T) {
		s := world()
		s.delays = map[string]time.Duration{"sslCertificates/cert": time.Second}
		got := partsFrom(t, post(t, s.endpoint(), asked(query), "Accept: "+inParts).Body.String())
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

// Each item of a list has parts of its own. What is complete does not wait for the others.
func TestPartsOfListsArriveByItem(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s, gate := world(), make(chan struct{})
	s.gates["hosts/192.0.2.1/reputation"] = gate
	server := httptest.NewServer(s.endpoint())
	defer server.Close()
	query := atPort + `{ mostRecentSslCertificate { relatedHosts(first: 2) { nodes { id
		... @defer(label: "outer") { firstSeenDateTime ... @defer(label: "inner") { reputation { score } } } } } } } }`
	response := ask(t.Context(), t, server, query, inParts)
	defer func() { _ = response.Body.Close() }()
	reader := partsOf(t, response)
	next := func() string { return payloadOf(t, nextPart(t, reader)).String() }
	first := next()
	outer := []string{next()}
	second := next() // of the other item, or inside
	inner := next()
	if strings.HasPrefix(second, "inner") {
		second, inner = inner, second
	}
	outer = append(outer, second)
	slices.Sort(outer)
	close(gate)
	nodes := "hostPort.mostRecentSslCertificate.relatedHosts.nodes."
	want := []string{
		`{"hostPort":{"mostRecentSslCertificate":{"relatedHosts":{"nodes":[{"id":"192.0.2.1"},{"id":"192.0.2.2"}]}}}}`,
		"outer " + nodes + `0 {"firstSeenDateTime":"2017-01-01T00:00:00.000Z"}`,
		"outer " + nodes + `1 {"firstSeenDateTime":"2018-01-01T00:00:00.000Z"}`,
		"inner " + nodes + `1 {"reputation":{"score":2}}`,
		"inner " + nodes + `0 {"reputation":{"score":1}}`,
	}
	if diff := cmp.Diff(want, append(append([]string{first}, outer...), inner, next())); diff != "" {
		t.Error(diff)
	}
}

// An error takes the objects around it along, up to one that may be null. What they deferred is not sent: there is nothing
// that it belongs to.
func TestWhatAnErrorTakesAlongHasNoParts(t *testing.T) {
	t.Parallel()
	s := world()
	s.bodies["sslCertificates/cert/relatedHosts"] = `{"value":[{"@odata.type":"#microsoft.graph.security.ipAddress","id":"192.0.2.1"},` +
		`{"@odata.type":"#microsoft.graph.security.ipAddress"}]}`
	query := atPort + `{ ... @defer(label: "outer") { mostRecentSslCertificate { relatedHosts(first: 2) { nodes { id
		... @defer(label: "inner") { firstSeenDateTime } } } } } } }`
	got := partsFrom(t, post(t, s.endpoint(), asked(query), "Accept: "+inParts).Body.String())
	if len(got) != 3 || !strings.Contains(got[1], `"nodes":[{"id":"192.0.2.1"},null]`) || !strings.Contains(got[2], ".nodes.0 ") {
		t.Errorf("got\n%s", strings.Join(got, "\n"))
	}
}

// A part has the errors of what it holds, and no others.
func TestAnErrorArrivesWithThePartThatItBelongsTo(t *testing.T) {
	t.Parallel()
	s := world()
	delete(s.bodies, "hosts/85.13.139.18/reputation")
	s.bodies["hosts/85.13.139.18"] = `{"id":"85.13.139.18","firstSeenDateTime":"never"}`
	for range 20 {
		query := atPort + `{ port ... @defer(label: "good") { status } ... @defer(label: "bad") { host { firstSeenDateTime } } } }`
		got := partsFrom(t, post(t, s.endpoint(), asked(query), "Accept: "+inParts).Body.String())
		slices.Sort(got)
		if len(got) != 3 || !strings.Contains(got[0], `"path":["hostPort","host","firstSeenDateTime"]`) || strings.Contains(got[1], "errors") {
			t.Fatalf("got\n%s", strings.Join(got, "\n"))
		}
	}
}

// Parts are bounded as they are written, all of a response together: one that does not fit is an error, and never is in
// memory as a whole.
func TestPartsAreBoundedTogether(t *testing.T) {
	t.Parallel()
	s := world()
	long := strings.Repeat("x", 9<<20)
	s.bodies["sslCertificates/cert"] = `{"id":"cert","sha1":"` + long + `"}`
	query := atPort + `{ ... @defer(label: "a") { mostRecentSslCertificate { sha1 } }
		... @defer(label: "b") { again: mostRecentSslCertificate { sha1 more: sha1 third: sha1 } } port } }`
	body := post(t, s.endpoint(), asked(query), "Accept: "+inParts).Body.String()
	if n := len(body); n > 17<<20 {
		t.Errorf("%d bytes were sent", n)
	}
	got := partsFrom(t, body)
	if len(got) != 3 || !strings.Contains(strings.Join(got[1:], ""), "LIMIT_RESPONSE") {
		t.Errorf("%d parts, none refused", len(got))
	}
}
