package attacks_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/service/servicetest"
)

// numbered writes a text n times, with its number.
func numbered(n int, format string) string {
	var all strings.Builder
	for i := range n {
		fmt.Fprintf(&all, format+" ", i)
	}
	return all.String()
}

// A short document, a variable or both may ask for a response that fills the memory, with one request upstream or none. It
// is refused before anything is sent, however it is written.
func TestSmallRequestsForLargeResponsesAreRefused(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	same := slices.Repeat([]string{"192.0.2.1"}, 100)
	const ports = "{ nodes { id port status banners { banner } } edges { cursor node { id port status } } }"
	const introspection = "{ name description fields { name description args { name description type { name } } type { name kind description } } }"
	long := strings.Repeat("a", 4000)
	for _, row := range []struct {
		what, query string
		variables   map[string]any
		code        string
	}{
		{"a long text to look for, as a literal", `{ host(id: "192.0.2.1") { ports(where: {bannerContains: "` + long + `"}) { totalCount } } }`, nil, "LIMIT_VALUE"},
		{"… as a variable", `query($t: String) { host(id: "192.0.2.1") { ports(where: {bannerContains: $t}) { totalCount } } }`, map[string]any{"t": long}, "LIMIT_VALUE"},
		{"… as a default", `query($t: String = "` + long + `") { host(id: "192.0.2.1") { ports(where: {bannerContains: $t}) { totalCount } } }`, nil, "LIMIT_VALUE"},
		{"… in an object", `query($w: HostPortFilter) { host(id: "192.0.2.1") { ports(where: $w) { totalCount } } }`, map[string]any{"w": map[string]any{"componentName": long}}, "LIMIT_VALUE"},
		{"… of a search", `{ sslCertificates(search: {sha1: "` + long + `"}) { nodes { id } } }`, nil, "LIMIT_VALUE"},
		{"a long member of a list", `query($k: [String!]) { host(id: "a.example") { hostPairs(where: {linkKind: $k}) { totalCount } } }`, map[string]any{"k": []string{"a", long}}, "LIMIT_VALUE"},
		{"a long list", `query($k: [String!]) { host(id: "a.example") { hostPairs(where: {linkKind: $k}) { totalCount } } }`, map[string]any{"k": make([]string, 101)}, "LIMIT_VALUE"},
		{"a long list in an object", `{ host(id: "a.example") { ports(where: {port: [` + numbered(101, "%d") + `]}) { totalCount } } }`, nil, "LIMIT_VALUE"},
		{
			"a list of texts that are long together", `query($k: [String!]) { host(id: "a.example") { hostPairs(where: {linkKind: $k}) { totalCount } } }`,
			map[string]any{"k": slices.Repeat([]string{long[:1000]}, 100)},
			"LIMIT_VALUE",
		},
		{"a long cursor", `query($a: String) { host(id: "a.example") { ports(after: $a) { totalCount } } }`, map[string]any{"a": strings.Repeat("a", 16<<10+1)}, "LIMIT_VALUE"},
		{"equal ids, aliases, nodes and edges", `query($i: [ID!]!) { hosts(ids: $i) { ` + numbered(40, "a%d: ports(first: 100) "+ports) + `} }`, map[string]any{"i": same}, "LIMIT_RESPONSE"},
		{"… as literals", `{ hosts(ids: ["` + strings.Join(same, `", "`) + `"]) { ` + numbered(40, "a%d: ports(first: 100) "+ports) + `} }`, nil, "LIMIT_RESPONSE"},
		{"… in fragments inside fragments", `query($i: [ID!]!) { hosts(ids: $i) { ...A } } fragment A on Host { ` + numbered(20, "a%d: ports(first: 100) { ...B }") +
			`} fragment B on HostPortConnection { ...C } fragment C on HostPortConnection ` + ports, map[string]any{"i": same}, "LIMIT_RESPONSE"},
		{"… by node", `query($i: [ID!]!) { nodes(ids: $i) { ... on IpAddress { ` + numbered(40, "a%d: ports(first: 100) "+ports) + `} } }`, map[string]any{"i": same}, "LIMIT_RESPONSE"},
		{"… under @defer", `query($i: [ID!]!) { hosts(ids: $i) { id ... @defer { ` + numbered(40, "a%d: ports(first: 100) "+ports) + `} } }`, map[string]any{"i": same}, "LIMIT_RESPONSE"},
		{"… with first by a variable", `query($i: [ID!]!, $n: Int) { hosts(ids: $i) { ` + numbered(40, "a%d: ports(first: $n) "+ports) + `} }`, map[string]any{"i": same, "n": 100}, "LIMIT_RESPONSE"},
		{"four honest lists of 100 hosts", `query($i: [ID!]!) { hosts(ids: $i) { ports(first: 100) { nodes { id port status protocol firstSeenDateTime lastSeenDateTime banners { banner timesObserved } services { isRecent } } }
			components(first: 100) { nodes { id name version category firstSeenDateTime lastSeenDateTime } }
			cookies(first: 100) { nodes { id name domain firstSeenDateTime lastSeenDateTime } }
			trackers(first: 100) { nodes { id kind value firstSeenDateTime lastSeenDateTime } } } }`, map[string]any{"i": same}, "LIMIT_RESPONSE"},
		{"edges inside edges", `{ host(id: "a.example") { hostPairs(first: 100) { edges { node { childHost { hostPairs(first: 100) { edges { node { childHost { hostPairs(first: 100) { edges { cursor } } } } } } } } } } } }`, nil, "LIMIT_RESPONSE"},
		{
			"representations", `query($r: [_Any!]!) { _entities(representations: $r) { ... on IpAddress { ports(first: 100) { nodes { id } } } } }`,
			map[string]any{"r": slices.Repeat([]any{map[string]any{"__typename": "IpAddress", "id": "192.0.2.1"}}, 3000)},
			"LIMIT_RESPONSE",
		},
		{
			"counts of lists of equal representations", `query($r: [_Any!]!) { _entities(representations: $r) { ... on IpAddress { ` + numbered(20, "a%d: hostPairs(first: 1) { totalCount }") + `} } }`,
			map[string]any{"r": slices.Repeat([]any{map[string]any{"__typename": "IpAddress", "id": "192.0.2.1"}}, 3000)},
			"LIMIT_RESPONSE",
		},
		{"a long name at 100 places", `query($i: [ID!]!) { hosts(ids: $i) { ` + strings.Repeat("a", 200_000) + `: id } }`, map[string]any{"i": same}, "LIMIT_RESPONSE"},
		{"all types under 40 aliases", `{ __schema { ` + numbered(40, "a%d: types "+introspection) + `} }`, nil, "LIMIT_RESPONSE"},
		{"… in a fragment", `{ __schema { ...S } } fragment S on __Schema { ` + numbered(40, "a%d: types { ...T }") + `} fragment T on __Type ` + introspection, nil, "LIMIT_RESPONSE"},
		{"… under aliases of __schema", `{ ` + numbered(40, "a%d: __schema { types "+introspection+" }") + `}`, nil, "LIMIT_RESPONSE"},
		{"types by the types of fields", `{ ` + numbered(20, `a%d: __type(name: "Query") { fields { type { fields { name description args { name } } } } }`) + `}`, nil, "LIMIT_RESPONSE"},
	} {
		t.Run(row.what, func(t *testing.T) {
			a := s.Send(t, servicetest.Operation{Query: row.query, Variables: row.variables})
			if a.Status != http.StatusBadRequest || a.Codes() != row.code || a.Data != "" || len(a.Errors) != 1 || a.Errors[0].Extensions["allowed"] == nil {
				t.Errorf("got %d %.300s, want 400 %s", a.Status, a.Text, row.code)
			}
			variables, _ := json.Marshal(row.variables) // they were sent as JSON before
			if query := "?query=" + url.QueryEscape(row.query) + "&variables=" + url.QueryEscape(string(variables)); len(query) < 60<<10 {
				if a := s.Request(t, http.MethodGet, "/graphql"+query, nil); a.Status != http.StatusBadRequest || a.Codes() != row.code {
					t.Errorf("by GET: %d %.300s, want 400 %s", a.Status, a.Text, row.code)
				}
			}
		})
	}
	label := s.Send(t, servicetest.Operation{Query: `{ host(id: "a.example") { id ... @defer(label: "` + long + `") { ports { totalCount } } } }`, Accept: "multipart/mixed"})
	if label.Codes() != "LIMIT_VALUE" {
		t.Errorf("a long label of @defer: %d %v", label.Status, label.Errors)
	}
	for what, row := range map[string]servicetest.Operation{
		"a fragment under @defer at 3,000 places": {
			Query:     `query($r: [_Any!]!) { _entities(representations: $r) { ... on IpAddress { id ... @defer { netblock } } } }`,
			Variables: map[string]any{"r": slices.Repeat([]any{map[string]any{"__typename": "IpAddress", "id": "192.0.2.1"}}, 3000)},
		},
		"26 fragments at 100 places, by spreads": {
			Query:     `query($i: [ID!]!) { hosts(ids: $i) { ...A } } fragment A on Host { ` + numbered(26, `... @defer(label: "a%d") { ...B }`) + `} fragment B on Host { id }`,
			Variables: map[string]any{"i": same},
		},
	} {
		row.Accept = "multipart/mixed"
		if a := s.Send(t, row); a.Codes() != "LIMIT_RESPONSE" {
			t.Errorf("%s: %d %v", what, a.Status, a.Errors)
		}
	}
	s.WantSent(t)
}

// The standard introspection query passes, in the variants that graphql-js writes, and is answered from memory.
func TestTheStandardIntrospectionPasses(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	for _, depth := range []int{7, 9} {
		for _, more := range []bool{true, false} {
			query := standardIntrospection(depth, more)
			first, second := s.Ask(t, query), s.Ask(t, query)
			if first.Status != http.StatusOK || len(first.Errors) != 0 || !strings.Contains(first.Data, `"name":"IpAddress"`) {
				t.Fatalf("depth %d, all options %v: %d %.300s", depth, more, first.Status, first.Text)
			}
			if first.Data != second.Data {
				t.Error("the second response differs")
			}
		}
	}
}

// standardIntrospection is what getIntrospectionQuery of graphql-js writes: with so many levels of wrapped types, and all of
// its options or none.
func standardIntrospection(depth int, more bool) string {
	option := func(text string) string {
		if more {
			return text
		}
		return ""
	}
	deprecated := option("(includeDeprecated: true)")
	return `query IntrospectionQuery { __schema { ` + option("description") + ` queryType { name } mutationType { name } subscriptionType { name } types { ...FullType }
		directives { name description ` + option("isRepeatable") + ` locations args` + deprecated + ` { ...InputValue } } } }
	fragment FullType on __Type { kind name description ` + option("specifiedByURL isOneOf") + ` fields(includeDeprecated: true) { name description args` + deprecated + ` { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
		inputFields` + deprecated + ` { ...InputValue } interfaces { ...TypeRef } enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason } possibleTypes { ...TypeRef } }
	fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue ` + option("isDeprecated deprecationReason") + ` }
	fragment TypeRef on __Type { ` + strings.Repeat("kind name ofType { ", depth) + "kind name" + strings.Repeat(" }", depth+1)
}

// Operations beyond what fits are told when to come back, light ones are served all the same, and the room comes back.
func TestOperationsInFlightAreBoundedByTheirWeight(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_EMULATOR_LATENCY=1s", "PORTICO_LIMIT_IN_FLIGHT=20000")
	heavy := func(n int) servicetest.Operation {
		return servicetest.Operation{Query: fmt.Sprintf(`{ hosts(ids: [%s]) { ports(first: 100) { nodes { id port } } } } # %d`, numbered(60, `"192.0.2.%d"`), n)}
	}
	s.Ask(t, "{ __typename }")
	done := make(chan servicetest.Reply, 1)
	go func() { done <- s.Send(t, heavy(0)) }()
	servicetest.Eventually(t, "the first is in flight", func() bool { return len(s.Emulator.Requests()) > 0 })
	refused := s.Send(t, heavy(1))
	if refused.Status != http.StatusServiceUnavailable || refused.Codes() != "OVERLOADED" || refused.Header.Get("Retry-After") != "1" {
		t.Errorf("a second one: %d %v %.300s", refused.Status, refused.Header, refused.Text)
	}
	if light := s.Ask(t, `{ host(id: "192.0.2.1") { firstSeenDateTime } }`); light.Status != http.StatusOK || len(light.Errors) != 0 {
		t.Errorf("a light one: %d %.300s", light.Status, light.Text)
	}
	if first := <-done; first.Status != http.StatusOK || first.Data == "" {
		t.Errorf("the first: %d %.300s", first.Status, first.Text)
	}
	if again := s.Send(t, heavy(2)); again.Status != http.StatusOK {
		t.Errorf("afterwards: %d %.300s", again.Status, again.Text)
	}
}

// Few fields may be long: a response ends at 16 MiB, in one piece and in parts.
func TestALongResponseIsNotSent(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	banner, _ := json.Marshal(strings.Repeat("x", 1<<20)) // a text can be encoded
	s.Put(t, "hostPorts", fmt.Sprintf(`{"id":"long","port":80,"banners":[{"banner":%s}],"host":{"id":"192.0.2.1"}}`, banner))
	s.FetchToken(t)
	ids := func(n int) string { return strings.Repeat(`"long" `, n) }
	if a := s.Ask(t, `{ hostPorts(ids: [`+ids(15)+`]) { banners { banner } } }`); a.Status != http.StatusOK || len(a.Errors) != 0 || len(a.Data) < 15<<20 {
		t.Errorf("15 MiB: %d, %d bytes, %v", a.Status, len(a.Data), a.Errors)
	}
	a := s.Ask(t, `{ hostPorts(ids: [`+ids(17)+`]) { banners { banner } } }`)
	if a.Codes() != "LIMIT_RESPONSE" || len(a.Text) > 10_000 {
		t.Errorf("17 MiB: %d, %d bytes, %v", a.Status, len(a.Text), a.Errors)
	}
	if a := s.Ask(t, `{ a: hostPorts(ids: [`+ids(9)+`]) { banners { banner } } b: hostPorts(ids: [`+ids(9)+`]) { banners { banner } } }`); a.Codes() != "LIMIT_RESPONSE" {
		t.Errorf("18 MiB in two fields: %d, %d bytes, %v", a.Status, len(a.Text), a.Errors)
	}
}

// Parts are counted together, and the one that passes the bound is an error in its place.
func TestLongDeferredPartsAreNotSent(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_LIMIT_DEADLINE=2m")
	title, _ := json.Marshal(strings.Repeat("x", 1<<20)) // a text can be encoded
	var ids []string
	for i := range 17 {
		ids = append(ids, fmt.Sprintf("i%d", i))
		s.Put(t, "articleIndicators", fmt.Sprintf(`{"id":"i%d","artifact":{"id":"192.0.2.%d","@odata.type":"#microsoft.graph.security.ipAddress"}}`, i, i))
		s.Put(t, "hosts", fmt.Sprintf(`{"id":"192.0.2.%d","@odata.type":"#microsoft.graph.security.ipAddress","netblock":%s}`, i, title))
	}
	quoted, _ := json.Marshal(ids) // texts can be encoded
	a := s.Send(t, servicetest.Operation{
		Query:  `{ articleIndicators(ids: ` + string(quoted) + `) { id ... @defer { artifact { ... on IpAddress { netblock } } } } }`,
		Accept: "multipart/mixed",
	})
	length := 0
	for _, part := range a.Parts {
		length += len(part.Data)
	}
	if !strings.Contains(a.Codes(), "LIMIT_RESPONSE") || length > 16<<20 || length < 8<<20 {
		t.Errorf("%d parts of %d bytes, codes %q", len(a.Parts), length, a.Codes())
	}
}

// Nothing of an operation goes on for long after its caller left: neither requests nor filters.
func TestACanceledRequestCancelsItsOperation(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_EMULATOR_LATENCY=50ms", "PORTICO_LIMIT_IN_FLIGHT=1000")
	s.Ask(t, "{ __typename }")
	client := &http.Client{Timeout: 20 * time.Millisecond}
	for i := range 5 {
		body := servicetest.Body(fmt.Sprintf(`{ host(id: "192.0.2.%d") { ports(first: 100, where: {bannerContains: "x"}) { nodes { id port status } } } }`, i))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/graphql", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		if response, err := client.Do(r); err == nil {
			_ = response.Body.Close()
		}
	}
	servicetest.Eventually(t, "their room is free again", func() bool {
		a := s.Ask(t, `{ host(id: "192.0.2.1") { ports(first: 100, where: {status: [OPEN]}) { nodes { id port status protocol } } } }`)
		return a.Status == http.StatusOK
	})
}
