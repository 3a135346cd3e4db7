package queries_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portico/internal/service/servicetest"

	"github.com/go-json-experiment/json/jsontext"
)

// A sample is an entity with every property, and the question that reads them all.
type sample struct {
	set, id, entity string
	question        string // reads every property but ids
	path            string // where the entity stands in the data
}

const wholeCertificate = `{"id":"certificate","sha1":"a1","fingerprint":"a1:b2","serialNumber":"77",
	"firstSeenDateTime":"2023-03-10T01:20:47.000Z","lastSeenDateTime":"2023-04-02T00:00:00Z",
	"issueDateTime":"2023-03-09T18:56:17Z","expirationDateTime":"2024-03-03T18:56:17Z",
	"issuer":{"commonName":"ca.example"},"subject":{"commonName":"example.com","alternateNames":["a.example","b.example"],
		"address":{"street":"1 Way","city":"Redmond","state":"WA","postalCode":"98052","countryOrRegion":"US"},
		"email":"x@example.com","givenName":"Ada","surname":"Lovelace","organizationName":"Example",
		"organizationUnitName":"Unit","serialNumber":"8"}}`

const certificateFields = `sha1 fingerprint serialNumber firstSeenDateTime lastSeenDateTime issueDateTime expirationDateTime
	issuer { commonName } subject { commonName alternateNames address { street city state postalCode countryOrRegion }
	email givenName surname organizationName organizationUnitName serialNumber }`

var samples = []sample{
	{
		"hostPorts", "port",
		`{"id":"port","port":21,"protocol":"tcp","status":"open","timesObserved":3698,"firstSeenDateTime":"2021-03-08T16:21:28Z",
		"lastSeenDateTime":"2023-08-09T23:18:21.00Z","lastScanDateTime":"2023-08-09T23:20:33.1234567Z",
		"banners":[{"banner":"220 ready\r\n","scanProtocol":"telnet","timesObserved":274,"firstSeenDateTime":"2021-03-08T16:21:28Z",
			"lastSeenDateTime":"2023-08-09T23:18:21Z"}],
		"services":[{"isRecent":true,"firstSeenDateTime":"2021-05-26T01:05:09Z","lastSeenDateTime":"2023-08-09T12:59:13Z",
			"component":{"id":"component","name":"OpenSSH","version":"8.2p1","category":"Remote Access"}}],
		"mostRecentSslCertificate":{"id":"certificate"},"host":{"id":"192.0.2.7"}}`,
		`{ hostPort(id: "port") { port protocol status timesObserved firstSeenDateTime lastSeenDateTime lastScanDateTime
			banners { banner scanProtocol timesObserved firstSeenDateTime lastSeenDateTime }
			services { isRecent firstSeenDateTime lastSeenDateTime component { id name version category } }
			mostRecentSslCertificate { id } host { id } } }`,
		"hostPort",
	},
	{
		"sslCertificates", "certificate", wholeCertificate,
		`{ hostPort(id: "port") { mostRecentSslCertificate { ` + certificateFields + ` } } }`,
		"hostPort.mostRecentSslCertificate",
	},
	{
		"hosts", "192.0.2.7",
		`{"@odata.type":"#microsoft.graph.security.ipAddress","id":"192.0.2.7","firstSeenDateTime":"2016-07-13T08:43:41Z",
		"lastSeenDateTime":"2023-08-09T23:20:33Z","countryOrRegion":"DE","hostingProvider":"Example","netblock":"192.0.2.0/24",
		"autonomousSystem":{"name":"EXAMPLE","number":64496,"organization":"Example","value":"AS64496"}}`,
		`{ hostPort(id: "port") { host { firstSeenDateTime lastSeenDateTime ... on IpAddress { countryOrRegion hostingProvider netblock
			autonomousSystem { name number organization value } } } } }`,
		"hostPort.host",
	},
	{
		"hostComponents", "component",
		`{"id":"component","name":"OpenSSH","version":"8.2p1","category":"Remote Access",
		"firstSeenDateTime":"2021-05-26T01:05:09Z","lastSeenDateTime":"2023-08-09T12:59:13Z"}`,
		`{ hostPort(id: "port") { services { component { name version category firstSeenDateTime lastSeenDateTime } } } }`,
		"hostPort.services.0.component",
	},
}

// putSamples puts all samples into the emulator, as they are.
func putSamples(t testing.TB, s *servicetest.Service) {
	t.Helper()
	for _, one := range samples {
		s.Put(t, one.set, one.entity)
	}
}

// A leaf is any value inside an entity, whole objects and lists too.
type leaf struct {
	path []any
	kind string
}

func leaves(t testing.TB, entity string) (all []leaf) {
	var walk func(value any, path []any)
	walk = func(value any, path []any) {
		here := leaf{path: slices.Clone(path)}
		switch value := value.(type) {
		case map[string]any:
			here.kind = "object"
			for name, inner := range value {
				walk(inner, append(path, name))
			}
		case []any:
			here.kind = "list"
			for i, inner := range value {
				walk(inner, append(path, i))
			}
		case string:
			here.kind = "string"
		case bool:
			here.kind = "bool"
		default:
			here.kind = "number"
		}
		if len(path) > 0 {
			all = append(all, here)
		}
	}
	walk(decoded(t, entity), nil)
	slices.SortFunc(all, func(a, b leaf) int {
		return strings.Compare(servicetest.PathText(a.path), servicetest.PathText(b.path))
	})
	return all
}

func decoded(t testing.TB, text string) (value any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// at returns the value at a path.
func at(value any, path []any) (any, bool) {
	for _, step := range path {
		switch inside := value.(type) {
		case map[string]any:
			value = inside[fmt.Sprint(step)]
		case []any:
			i, err := strconv.Atoi(fmt.Sprint(step))
			if err != nil || i >= len(inside) {
				return nil, false
			}
			value = inside[i]
		}
	}
	return value, value != nil
}

// replaced returns a JSON text with another value at a path, or with none if raw is empty. All else stays letter for
// letter, in its order.
func replaced(t testing.TB, text string, path []any, raw string) string {
	t.Helper()
	if len(path) == 0 {
		return raw
	}
	d := jsontext.NewDecoder(strings.NewReader(text))
	open, err := d.ReadToken()
	isObject := err == nil && open.Kind() == '{'
	var members []string
	for i := 0; err == nil && d.PeekKind() != '}' && d.PeekKind() != ']'; i++ {
		step, name := fmt.Sprint(i), ""
		if isObject {
			var token jsontext.Token
			if token, err = d.ReadToken(); err == nil {
				step = token.String()
				name = strconv.Quote(step) + ":"
			}
		}
		var value jsontext.Value
		value, err = d.ReadValue()
		switch {
		case step != fmt.Sprint(path[0]):
			members = append(members, name+string(value))
		case len(path) > 1 || raw != "":
			members = append(members, name+replaced(t, string(value), path[1:], raw))
		}
	}
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if isObject {
		return "{" + strings.Join(members, ",") + "}"
	}
	return "[" + strings.Join(members, ",") + "]"
}

// steps reads "banners.0.banner".
func steps(path string) (list []any) {
	for step := range strings.SplitSeq(path, ".") {
		list = append(list, step)
	}
	return list
}

// within is a path in the answer to the sample's question.
func (s sample) within(path []any) []any { return append(steps(s.path), path...) }
