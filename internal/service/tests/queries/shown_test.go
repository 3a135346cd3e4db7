package queries_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

func TestAListThatFailsCostsItsFieldAlone(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=5")
	s.Emulator.Fail(emulator.Refusal(403, "Forbidden", "no license").Matching("/articles").Times(-1))
	a := s.Ask(t, `{
		hostPort(id: "`+servicetest.ExampleID+`") { port }
		articles(first: 1) { nodes { title } }
		host(id: "192.0.2.1") { id ports(first: -1) { nodes { port } } }
	}`)
	if want := `{"hostPort":{"port":21},"articles":null,"host":{"id":"192.0.2.1","ports":null}}`; a.Data != want {
		t.Errorf("got  %s\nwant %s", a.Data, want)
	}
	for _, code := range []string{"UPSTREAM_FORBIDDEN", "LIMIT_FIRST"} {
		if !strings.Contains(a.Codes(), code) {
			t.Errorf("codes %s, want %s among them", a.Codes(), code)
		}
	}
}

func TestOnlyWhatIsShownIsFollowed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		what, text   string
		items, waves int
	}{
		{
			"a filter leaves one port", `{ host(id: "192.0.2.1") {
				ports(first: 1, where: { port: [22] }) { nodes { services { component { firstSeenDateTime } } } } } }`, 2, 2,
		},
		{
			"an endpoint that takes no $top", `{ vulnerability(id: "CVE-2021-44228") {
				articles(first: 1) { nodes { indicators(first: 1) { totalCount } } } } }`, 2, 2,
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := servicetest.Start(t)
			a := s.Ask(t, c.text)
			if len(a.Errors) > 0 {
				t.Errorf("%v", a.Errors)
			}
			if a.Cost.Items != c.items || a.Cost.Waves != c.waves {
				t.Errorf("cost %+v, want %d items in %d waves", a.Cost, c.items, c.waves)
			}
		})
	}
}

func TestMistakesAreTheCallersToMend(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=5")
	for _, c := range []struct{ what, text, code string }{
		{"an impossible date", `{ host(id: "192.0.2.1") { ports(where: { lastSeenSince: "2016-17-13T00:00:00Z" }) { nodes { id } } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"two words where Microsoft Graph takes one", `{ articles(search: "two words") { nodes { id } } }`, "BAD_USER_INPUT"},
		{"ids and a search", `{ articles(ids: ["a272d5ab"], search: "word") { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"neither ids nor a search", `{ sslCertificates { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a search for no property", `{ sslCertificates(search: {}) { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a search for two properties", `{ sslCertificates(search: { sha1: "a", serialNumber: "1" }) { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a search for two properties of a contact", `{ whoisRecords(search: { admin: { email: "a", name: "b" } }) { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a search for null", `{ whoisRecords(search: { admin: { email: null } }) { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a search for a missing variable", `query ($x: String!) { whoisRecords(search: { admin: { email: $x } }) { nodes { id } } }`, "BAD_USER_INPUT"},
		{"a search for a variable that may be null", `query ($x: String) { whoisRecords(search: { admin: { email: $x } }) { nodes { id } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a search for nothing", `{ whoisRecords(search: { admin: { email: " " } }) { nodes { id } } }`, "BAD_USER_INPUT"},
		{"a condition for nothing", `{ host(id: "192.0.2.1") { ports(where: { bannerContains: " " }) { nodes { id } } } }`, "BAD_USER_INPUT"},
		{"a condition for half a hash", `{ host(id: "192.0.2.1") { sslCertificates(where: { sha1: "FB:96" }) { nodes { id } } } }`, "BAD_USER_INPUT"},
		{"a condition for more than a host", `{ sslCertificate(id: "x") { relatedHosts(where: { idContains: "a.example/login" }) { nodes { id } } } }`, "BAD_ID"},
		{"an empty cursor", `{ host(id: "192.0.2.1") { ports(after: "") { nodes { id } } } }`, "BAD_USER_INPUT"},
		{"a time without an offset", `{ host(id: "192.0.2.1") { ports(where: { lastSeenSince: "2026-11-01T00:00:00" }) { nodes { id } } } }`, "GRAPHQL_VALIDATION_FAILED"},
		{"a type in the wrong letter case", `{ node(id: "hostport:x") { id } }`, "BAD_ID"},
		{"the id of another type", `{ hostPort(id: "SslCertificate:x") { id } }`, "BAD_ID"},
		{"an unknown type before an id", `{ hostPort(id: "Nope:x") { id } }`, "BAD_ID"},
		{"an address that is said to be a name", `{ node(id: "Hostname:198.51.100.7") { id } }`, "BAD_ID"},
		{"a type that has no entities", `{ node(id: "Artifact:198.51.100.7") { id } }`, "BAD_ID"},
		{"an id without a known form", `{ node(id: "tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao") { id } }`, "BAD_ID"},
		{"a number that no type can hold", `{ _entities(representations: [{ __typename: "HostPort", id: 99999999999999999999 }]) { __typename } }`, "GRAPHQL_VALIDATION_FAILED"},
	} {
		t.Run(c.what, func(t *testing.T) {
			if a := s.Ask(t, c.text); a.Codes() != c.code {
				t.Errorf("codes %q, want %q; data %s, %v", a.Codes(), c.code, a.Data, a.Errors)
			}
		})
	}
}

// A small document may name many ids and ask for lists inside lists. What that would cost is told without working it out
// for every id.
func TestAPlanThatIsTooLargeIsRefusedSoon(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=5")
	const hop = `hostPairs(first: 100) { nodes { childHost { reputation { score } %s } } }`
	inner := fmt.Sprintf(hop, "")
	for range 2 {
		inner = fmt.Sprintf(hop, inner)
	}
	var text strings.Builder
	text.WriteString("query ($ids: [ID!]!) {")
	for i := range 10 {
		fmt.Fprintf(&text, " a%d: hosts(ids: $ids) { %s }", i, inner)
	}
	text.WriteString(" }")
	ids := make([]any, 100)
	for i := range ids {
		ids[i] = fmt.Sprintf("192.0.2.%d", i)
	}
	began := time.Now()
	a := s.Send(t, servicetest.Operation{Query: text.String(), Accept: "application/json", Variables: map[string]any{"ids": ids}})
	if a.Codes() != "LIMIT_RESPONSE" || len(s.Emulator.Requests()) != 0 {
		t.Errorf("codes %q after %d requests", a.Codes(), len(s.Emulator.Requests()))
	}
	t.Logf("refused after %s", time.Since(began))
}
