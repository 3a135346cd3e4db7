package queries_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// Whatever property has a value of another type: it alone is null, with one error, and all else stands.
func TestAPropertyOfTheWrongTypeCostsItselfAlone(t *testing.T) {
	t.Parallel()
	wrong := map[string]string{"string": `{"a":[]}`, "number": `"much"`, "bool": `"true"`, "object": `7`, "list": `{}`}
	s := servicetest.StartSmall(t)
	putSamples(t, s)
	tried := 0
	for _, one := range samples {
		whole := s.Ask(t, one.question)
		if len(whole.Errors) > 0 {
			t.Fatalf("without trouble: %s", whole.Text)
		}
		for _, leaf := range leaves(t, one.entity) {
			name := servicetest.PathText(leaf.path)
			if _, shown := at(decoded(t, whole.Data), one.within(leaf.path)); !shown || strings.HasSuffix(name, "id") {
				continue
			}
			t.Run(one.set+" "+name, func(t *testing.T) {
				s.Put(t, one.set, replaced(t, one.entity, leaf.path, wrong[leaf.kind]))
				where := one.within(leaf.path)
				s.Ask(t, one.question+" # "+name).
					Want(t, replaced(t, whole.Data, where, "null"), servicetest.PathText(where)+": UPSTREAM_INVALID_VALUE")
			})
			tried++
		}
		putSamples(t, s)
	}
	if tried < 60 {
		t.Errorf("only %d properties were tried", tried)
	}
}

// An error has the path of a field of the response, not that of a field with the same name of another type.
func TestAnErrorIsAtAFieldOfTheEntitysType(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Put(t, "hosts", `{"@odata.type":"#microsoft.graph.security.hostname","id":"bad.example","lastSeenDateTime":"then"}`)
	const fields = `... on Hostname { seen: lastSeenDateTime } ... on IpAddress { address: lastSeenDateTime } ` +
		`... on Node { ... on HostCookie { cookie: lastSeenDateTime } ... on Host { lastSeenDateTime } }`
	for _, row := range []struct{ query, at string }{
		{`host(id: "bad.example")`, "host"},
		{`hosts(ids: ["unknown.example", "bad.example"])`, "hosts.1"},
		{`node(id: "Hostname:bad.example")`, "node"},
		{`nodes(ids: ["Hostname:bad.example", "x y"])`, "nodes.0"},
		{`_entities(representations: [{__typename: "Hostname", id: "bad.example"}])`, "_entities.0"},
	} {
		t.Run(row.query, func(t *testing.T) {
			t.Parallel()
			a := s.Ask(t, "{ "+row.query+" { "+fields+" } }")
			want := []string{row.at + ".lastSeenDateTime: UPSTREAM_INVALID_VALUE", row.at + ".seen: UPSTREAM_INVALID_VALUE"}
			if strings.Contains(row.query, "x y") {
				want = append(want, "nodes.1: BAD_ID")
			}
			a.WantErrors(t, want...)
		})
	}
}

// What can be understood is, and counted in the log; what cannot is null, with one error that holds the raw value.
func TestValuesThatArriveInAnotherForm(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	putSamples(t, s)
	port := samples[0]
	whole := s.Ask(t, port.question)
	for _, row := range []struct{ what, path, sent, want, raw string }{
		{"a port as text", "port", `"21"`, `21`, ""},
		{"a port with a zero fraction", "port", `21.0`, `21`, ""},
		{"a port with an exponent", "port", `2.1e1`, `21`, ""},
		{"a port of half", "port", `21.5`, `null`, `21.5`},
		{"a port beyond all numbers", "port", `1e99`, `null`, `1e99`},
		{"a port as a list", "port", `[]`, `null`, `[]`},
		{"port: null", "port", `null`, `null`, ""},
		{"a port that is not there", "port", ``, `null`, ""},
		{"the greatest count", "timesObserved", `2147483647`, `2147483647`, ""},
		{"a count too great", "timesObserved", `2147483648`, `null`, `2147483648`},
		{"a count too great as text", "timesObserved", `"2147483648"`, `null`, `2147483648`},
		{"a count inside a banner", "banners.0.timesObserved", `"many"`, `null`, `many`},
		{"banners as an object", "banners", `{}`, `null`, `{}`},
		{"no banners", "banners", `[]`, `[]`, ""},
		{"banners.0: null", "banners.0", `null`, `null`, ""},
		{"a banner as a number", "banners.0", `7`, `null`, `7`},
		{"a banner as text in place of an object", "banners.0", `"220"`, `null`, `220`},
		{"a banner with a quote and a line end", "banners.0.banner", `"\"\u0000\r\n<"`, `"\"\u0000\r\n<"`, ""},
		{"services: null", "services", `null`, `null`, ""},
		{"services that are not there", "services", ``, `null`, ""},
		{"a truth as text", "services.0.isRecent", `"true"`, `null`, `true`},
		{"a truth as a number", "services.0.isRecent", `1`, `null`, `1`},
		{"component: null", "services.0.component", `null`, `null`, ""},
		{"a component that is not there", "services.0.component", ``, `null`, ""},
		{"a component as text", "services.0.component", `"OpenSSH"`, `null`, `OpenSSH`},
		{"mostRecentSslCertificate: null", "mostRecentSslCertificate", `null`, `null`, ""},
		{"a certificate as text", "mostRecentSslCertificate", `"x"`, `null`, `x`},
		{"a certificate without an id", "mostRecentSslCertificate", `{}`, `null`, ""},
		{"a component without an id", "services.0.component.id", ``, ``, ""},
		{"host: null", "host", `null`, `null`, ""},
		{"a host as text", "host", `"192.0.2.7"`, `null`, `192.0.2.7`},
		{"a host without an id", "host", `{}`, `null`, ""},
		{"a host with a number as id", "host.id", `7`, ``, `7`},

		{"a status that is to come", "status", `"unknownFutureValue"`, `"UNKNOWN"`, ""},
		{"an unknown status", "status", `"closing"`, `"UNRECOGNIZED"`, ""},
		{"a status in capitals", "status", `"OPEN"`, `"OPEN"`, ""},
		{"a status in mixed letters", "status", `"Filtered"`, `"FILTERED"`, ""},
		{"a status as a number", "status", `0`, `null`, `0`},
		{"an unknown protocol", "protocol", `"sctp"`, `"UNRECOGNIZED"`, ""},

		{"the 13th of the 17th month", "firstSeenDateTime", `"2016-17-13T08:43:41.00Z"`, `null`, `2016-17-13T08:43:41.00Z`},
		{"null as text", "lastSeenDateTime", `"null"`, `null`, `null`},
		{"no time at all", "lastSeenDateTime", `""`, `null`, ``},
		{"a day without an hour", "lastSeenDateTime", `"2023-08-09"`, `null`, `2023-08-09`},
		{"seconds since 1970", "lastSeenDateTime", `1691623101`, `null`, `1691623101`},
		{"a time without a zone", "lastSeenDateTime", `"2023-08-09T23:18:21"`, `"2023-08-09T23:18:21.000Z"`, ""},
		{"a time in UTC by numbers", "lastSeenDateTime", `"2023-08-09T23:18:21+00:00"`, `"2023-08-09T23:18:21.000Z"`, ""},
		{"a time in another zone", "lastSeenDateTime", `"2023-08-10T01:18:21.5+02:00"`, `"2023-08-09T23:18:21.500Z"`, ""},
		{"a time with seven decimals", "lastSeenDateTime", `"2023-08-09T23:18:21.1234567Z"`, `"2023-08-09T23:18:21.123Z"`, ""},
		{"the first moment of all", "lastSeenDateTime", `"0001-01-01T00:00:00Z"`, `"0001-01-01T00:00:00.000Z"`, ""},
		{"a time with a space behind", "lastSeenDateTime", `"2023-08-09T23:18:21Z "`, `"2023-08-09T23:18:21.000Z"`, ""},
		{"a time inside a banner", "banners.0.lastSeenDateTime", `"soon"`, `null`, `soon`},
	} {
		t.Run(row.what, func(t *testing.T) {
			path := steps(row.path)
			s.Put(t, port.set, replaced(t, port.entity, path, row.sent))
			a := s.Ask(t, port.question+" # "+row.what)
			where := port.within(path)
			if row.want == "" { // the entity around it is of no use without it
				where, row.want = where[:len(where)-1], "null"
			}
			var errors []string
			if row.raw != "" || row.what == "no time at all" {
				errors = []string{servicetest.PathText(port.within(path)) + ": UPSTREAM_INVALID_VALUE"}
			}
			a.Want(t, replaced(t, whole.Data, where, row.want), errors...)
			if len(a.Errors) == 1 && a.Errors[0].Extensions["raw"] != row.raw {
				t.Errorf("the raw value is %q", a.Errors[0].Extensions["raw"])
			}
			warned := len(a.Warnings) == 1 && a.Warnings[0].Code == "UNRECOGNIZED_VALUE" && asJSON(a.Warnings[0].Raw) == row.sent &&
				servicetest.PathText(a.Warnings[0].Path) == servicetest.PathText(port.within(path))
			if unrecognized := row.want == `"UNRECOGNIZED"`; warned != unrecognized || !unrecognized && len(a.Warnings) > 0 {
				t.Errorf("warnings %+v", a.Warnings)
			}
		})
	}
	for what, n := range map[string]int{"coerced=1": 3} {
		if got := strings.Count(s.Log.String(), what); got != n {
			t.Errorf("the log has %q %d times, want %d", what, got, n)
		}
	}
}

// Whatever an entity is wrapped in, the answer is the same to the byte.
func TestAnEntityIsTheSameInEveryEnvelope(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	const entity = `"id":"port-0","port":0,"status":"open"`
	ids := s.PutPorts(t, 4)
	s.FetchToken(t)
	for _, row := range []struct{ what, body, want string }{
		{"bare", `{` + entity + `}`, ""},
		{"bare, with annotations", `{"@odata.context":"x",` + entity + `,"@odata.etag":"y"}`, ""},
		{"in value", `{"value":{` + entity + `}}`, ""},
		{"in value, with annotations", `{"@odata.context":"x","value":{"@odata.type":"z",` + entity + `}}`, ""},
		{"a list of one", `{"value":[{` + entity + `}]}`, ""},
		{"with white space", " {\n \"value\" : [ {" + entity + "} ] }\n", ""},
		{"nothing in value", `{"value":null}`, "null"},
		{"an empty list", `{"@odata.count":0,"value":[]}`, "null"},
		{"no member at all", `{}`, "UPSTREAM_BAD_RESPONSE"},
	} {
		t.Run(row.what, func(t *testing.T) {
			for _, list := range [][]string{ids[:1], ids} { // alone, and in a batch
				s.Emulator.Fail(emulator.RawBody(200, row.body).Matching("port-0"))
				a := s.Ask(t, servicetest.PortsQuery(list...)+" # "+row.what)
				switch row.want {
				case "":
					a.Want(t, servicetest.PortsData(list))
				case "null":
					a.Want(t, servicetest.PortsData(list, 0))
				default:
					a.Want(t, servicetest.PortsData(list, 0), "hostPorts.0: "+row.want)
				}
			}
		})
	}
}

// What a host is, its id decides, whatever its type is said to be.
func TestIDsDecideTheTypeOfAHost(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	for _, row := range []struct{ what, id, said, want string }{
		{"a name", "a.example", `"@odata.type":"#microsoft.graph.security.hostname",`, "Hostname"},
		{"a name as the pages spell it", "b.example", `"@odata.type":"#microsoft.graph.security.hostName",`, "Hostname"},
		{"a name without a type", "c.example", ``, "Hostname"},
		{"a name of a type to come", "d.example", `"@odata.type":"#microsoft.graph.security.other",`, "Hostname"},
		{"a name whose type is a number", "e.example", `"@odata.type":7,`, "Hostname"},
		{"an address", "192.0.2.1", `"@odata.type":"#microsoft.graph.security.ipAddress",`, "IpAddress"},
		{"an address said to be a name", "192.0.2.2", `"@odata.type":"#microsoft.graph.security.hostname",`, "IpAddress"},
		{"an address without a type", "2001:db8::1", ``, "IpAddress"},
		{"a name said to be an address", "f.example", `"@odata.type":"#microsoft.graph.security.ipAddress",`, "Hostname"},
	} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			body := fmt.Sprintf(`{%s"id":%q,"registrar":"R","countryOrRegion":"DE"}`, row.said, row.id)
			s.Put(t, "hostPorts", fmt.Sprintf(`{"id":"on %s","host":{"id":%q}}`, row.id, row.id))
			s.Emulator.Fail(emulator.RawBody(200, body).Matching("hosts/" + row.id))
			own := map[string]string{"Hostname": `"registrar":"R"`, "IpAddress": `"countryOrRegion":"DE"`}[row.want]
			s.Ask(t, fmt.Sprintf(`{ hostPort(id: "on %s") { host { id __typename
				... on Hostname { registrar } ... on IpAddress { countryOrRegion } } } }`, row.id)).
				Want(t, fmt.Sprintf(`{"hostPort":{"host":{"id":%q,"__typename":%q,%s}}}`, row.id, row.want, own))
		})
	}
}

func TestNamesOfACertificateComeUnderTwoProperties(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	putSamples(t, s)
	question := `{ hostPort(id: "port") { mostRecentSslCertificate { sha1 subject { alternateNames } } } }`
	for _, row := range []struct{ property, sent, want, problem string }{
		{"alternateNames", `["a.example",null,"b.example"]`, `["a.example",null,"b.example"]`, ""},
		{"alternateName", `["a.example","b.example"]`, `["a.example","b.example"]`, ""},
		{"alternateName", `[]`, `[]`, ""},
		{"names", `["a.example"]`, `null`, ""},
		{"alternateNames", `"a.example"`, `null`, "alternateNames"},
		{"alternateName", `"a.example"`, `null`, "alternateNames"},
		{"alternateNames", `["a.example",7]`, `["a.example",null]`, "alternateNames.1"},
		{"alternateName", `["a.example",7]`, `["a.example",null]`, "alternateNames.1"},
	} {
		t.Run(row.property+" "+row.sent, func(t *testing.T) {
			s.Put(t, "sslCertificates", fmt.Sprintf(`{"id":"certificate","sha1":"a1","sslVersion":"3","subject":{%q:%s}}`, row.property, row.sent))
			var errors []string
			if row.problem != "" {
				errors = []string{"hostPort.mostRecentSslCertificate.subject." + row.problem + ": UPSTREAM_INVALID_VALUE"}
			}
			s.Ask(t, question+"#"+row.property+row.sent).Want(t,
				`{"hostPort":{"mostRecentSslCertificate":{"sha1":"a1","subject":{"alternateNames":`+row.want+`}}}}`, errors...)
		})
	}
}

func TestAnExpandedCertificateWithoutAnIDIsNone(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Put(t, "hostPorts", `{"id":"port","mostRecentSslCertificate":{"id":"certificate"}}`)
	s.Put(t, "sslCertificates", wholeCertificate)
	s.Emulator.Fail(emulator.Patch("", "mostRecentSslCertificate.id", ""))
	s.Ask(t, `{ hostPort(id: "port") { mostRecentSslCertificate { id sha1 } } }`).Want(t, `{"hostPort":{"mostRecentSslCertificate":null}}`)
}

func TestTheRawValueOfAnErrorHoldsNoCredentials(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=0")
	for _, row := range []struct{ what, sent, want string }{
		{"a bearer token", "Bearer abc.def", "Bearer [redacted]"},
		{"a basic credential", "Basic dXNlcjpwYXNzd29yZA==", "Basic [redacted]"},
		{"a JWT", "x eyJhbGciOiJub25lIn0.e30. y", "x [redacted] y"},
		{"plain text", "neither  yes nor no ", "neither  yes nor no "},
	} {
		s.Put(t, "hosts", fmt.Sprintf(`{"id":"192.0.2.77","firstSeenDateTime":%q}`, row.sent))
		a := s.Ask(t, `{ host(id: "192.0.2.77") { firstSeenDateTime } }`)
		if len(a.Errors) != 1 || a.Errors[0].Extensions["raw"] != row.want {
			t.Errorf("%s: got %v", row.what, a.Errors)
		}
	}
}
