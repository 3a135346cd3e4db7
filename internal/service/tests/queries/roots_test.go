package queries_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/emulator"
	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"
)

// Every lookup of the query, by one id and by many: what is known is there, in order, and what is not is null.
func TestEveryRootByID(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	ids := s.WorldIDs(t)
	tried := 0
	for _, field := range servicetest.Schema.Query.Fields {
		target := servicetest.Schema.Types[field.Type.Name()]
		if field.Arguments.ForName("id") == nil && field.Arguments.ForName("ids") == nil {
			continue
		}
		known := ids[objectsOf(target)[0].Name]
		if target.Name == "Node" {
			continue
		}
		tried++
		t.Run(field.Name, func(t *testing.T) {
			if field.Arguments.ForName("id") != nil {
				wantOne(t, s, field.Name, known[0])
				return
			}
			wanted := []string{known[1], unknownLike(known[0]), known[0], known[1], unknownLike(known[1])}
			got := many(t, s, field.Name, wanted)
			if diff := cmp.Diff([]any{wanted[0], nil, wanted[2], wanted[3], nil}, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
			if got := many(t, s, field.Name, []string{}); len(got) != 0 {
				t.Errorf("for no ids: %v", got)
			}
		})
	}
	if tried < 36 {
		t.Errorf("only %d were tried", tried)
	}
}

// objectsOf are the concrete types of a type.
func objectsOf(on *ast.Definition) (objects []*ast.Definition) {
	for _, possible := range servicetest.Schema.GetPossibleTypes(on) {
		if possible.Kind == ast.Object {
			objects = append(objects, possible)
		}
	}
	return objects
}

// unknownLike is an id of the same form that nobody has.
func unknownLike(id string) string {
	if strings.Contains(id, ":") {
		return "2001:db8:ffff:ffff::1" // an IPv6 address with a letter in front is nothing at all
	}
	raw, err := base64.StdEncoding.DecodeString(id)
	if err != nil || len(raw) == 0 {
		return "nobody-" + id
	}
	return base64.StdEncoding.EncodeToString(append([]byte("nobody-"), raw...))
}

func wantOne(t *testing.T, s *servicetest.Service, field, id string) {
	t.Helper()
	for asked, want := range map[string]string{id: fmt.Sprintf("{%q:{%q:%q}}", field, "id", id), unknownLike(id): fmt.Sprintf("{%q:null}", field)} {
		a := s.Askf(t, "{ %s(id: %q) { id } }", field, asked)
		a.WantNoErrors(t)
		if a.Data != want {
			t.Errorf("got %s, want %s", a.Data, want)
		}
		a.WantCost(t, 1, 1, 1)
	}
	s.Askf(t, "{ %s(id: %q) { id } }", field, "").WantErrors(t, field+": BAD_ID")
}

// many returns the ids of what is answered for ids.
func many(t *testing.T, s *servicetest.Service, field string, ids []string) (got []any) {
	t.Helper()
	a := s.Send(t, servicetest.Operation{
		Accept: "application/json", Variables: map[string]any{"ids": ids},
		Query: "query ($ids: [ID!]!) { " + field + "(ids: $ids) { id } }",
	})
	a.WantNoErrors(t)
	nodes, _ := servicetest.Data[map[string]any](t, a)[field].([]any)
	for _, node := range nodes {
		if known, ok := node.(map[string]any); ok {
			got = append(got, known["id"])
		} else {
			got = append(got, nil)
		}
	}
	return got
}

// A bad id among many is one error, where it stands.
func TestABadIDAmongMany(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	article := s.Emulator.List("articles")[1]
	a := s.Askf(t, `{ hosts(ids: ["192.0.2.1", ""]) { id } articlesByIds(ids: [%q, ""]) { id } }`, article)
	a.WantErrors(t, "articlesByIds.1: BAD_ID", "hosts.1: BAD_ID")
}

// Types whose ids look like those of another type: they have to be led by it.
var alike = map[string]string{"WhoisHistoryRecord": "WhoisRecord"}

func TestNodeOfEveryIDForm(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	var wanted []string
	var ids []string
	for named, all := range s.WorldIDs(t) {
		if named == "PassiveDnsRecord" { // one that leads to text
			all = slices.Concat(all[:1], slices.DeleteFunc(slices.Clone(all), func(id string) bool { return !strings.Contains(decoded64(id), "spf1") })[:1])
		}
		for _, id := range all[:min(2, len(all))] {
			wanted, ids = append(wanted, named+" "+id), append(ids, named+":"+id)
			if alike[named] == "" {
				wanted, ids = append(wanted, named+" "+id), append(ids, id)
			}
			a := s.Askf(t, "{ node(id: %q) { __typename id nodeId } }", named+":"+id)
			a.WantNoErrors(t)
			if a.Data != fmt.Sprintf(`{"node":{"__typename":%q,"id":%q,"nodeId":%q}}`, named, id, named+":"+id) {
				t.Errorf("%s: %s", named, a.Data)
			}
		}
	}
	a := s.Send(t, servicetest.Operation{
		Accept: "application/json", Variables: map[string]any{"ids": ids},
		Query: "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }",
	})
	a.WantNoErrors(t)
	var got []string
	for _, node := range servicetest.Data[struct{ Nodes []map[string]string }](t, a).Nodes {
		got = append(got, node["__typename"]+" "+node["id"])
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func decoded64(id string) string {
	raw, _ := base64.StdEncoding.DecodeString(id)
	return string(raw)
}

// Every field that takes an id takes it with its type in front, as nodeId has it, for the same items.
func TestNodeIDsAreAcceptedWhereIDsAre(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	a := s.Askf(t, `{
		host(id: "192.0.2.1") { nodeId } hosts(ids: ["Hostname:www2.example.com", "IpAddress:192.0.2.1", "Host:192.0.2.1"]) { nodeId }
		hostPort(id: "HostPort:%[1]s") { nodeId port host { nodeId } } vulnerability(id: "Vulnerability:cve-2021-44228") { nodeId }
		_entities(representations: [{ __typename: "HostPort", id: "HostPort:%[1]s" }]) { ... on HostPort { nodeId } }
	}`, servicetest.ExampleID)
	a.WantNoErrors(t)
	want := fmt.Sprintf(`{"host":{"nodeId":"IpAddress:192.0.2.1"},"hosts":[{"nodeId":"Hostname:www2.example.com"},{"nodeId":"IpAddress:192.0.2.1"},{"nodeId":"IpAddress:192.0.2.1"}],`+
		`"hostPort":{"nodeId":"HostPort:%[1]s","port":21,"host":{"nodeId":"IpAddress:85.13.139.18"}},"vulnerability":{"nodeId":"Vulnerability:CVE-2021-44228"},`+
		`"_entities":[{"nodeId":"HostPort:%[1]s"}]}`, servicetest.ExampleID)
	if a.Data != want {
		t.Errorf("got  %s\nwant %s", a.Data, want)
	}
	a.WantCost(t, 1, 4, 1)
	for _, wrong := range []string{
		`host(id: "HostPort:x") { id }`, `host(id: "Hostname:192.0.2.1") { id }`, `hostPort(id: "Article:a272d5ab") { id }`,
		`hostPort(id: "HostPort:") { id }`, `vulnerability(id: "Host:CVE-2021-44228") { id }`, `subdomain(id: "Hostname:www2.example.com") { id }`,
	} {
		if a := s.Ask(t, "{ "+wrong+" }"); a.Codes() != "BAD_ID" || a.Cost.Items != 0 {
			t.Errorf("%s: %s", wrong, a.Text)
		}
	}
}

// An id that tells no type is refused with what to do, and costs nothing.
func TestNodeOfNoType(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	for _, id := range []string{
		"hello", "tKhoxnUMGirrHqYiMpsdaQRDZKBnXrao", "NoSuchType:x", "PageInfo:x", "Query:x", "Artifact:192.0.2.1", "Node:192.0.2.1", "String:x",
		"HostReputation:x", "UnclassifiedArtifact:x", "HostPortConnection:x", "HostPortStatus:x", "HostPortFilter:x", "HostPort:", "Host", ":", "==", "🙂",
	} {
		for _, question := range []string{"{ node(id: %q) { __typename id ... on HostPort { port } } }", "{ nodes(ids: [%q]) { id } }"} {
			a := s.Askf(t, question, id)
			if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "BAD_ID" {
				t.Errorf("%s: %v %s", id, a.Errors, a.Data)
			} else if text := a.Errors[0].Message; id != "HostPort:" && !strings.Contains(text, "HostPort:") && !strings.Contains(text, "cannot fetch type") {
				t.Errorf("%s: %q does not say what to do", id, text)
			}
			a.WantCost(t, 0, 0, 0)
		}
	}
}

// What an interface stands for is told by @odata.type in any letter case, and where that is missing or wrong, by the id.
func TestConcreteTypesOfInterfaces(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=10")
	e := s.Emulator
	const space = `"@odata.type":"#microsoft.graph.security.`
	for i, c := range []struct{ artifact, want string }{
		{space + `ipAddress","id":"192.0.2.1"`, "IpAddress"},
		{space + `IPADDRESS","id":"192.0.2.1"`, "IpAddress"},
		{space + `hostName","id":"www2.example.com"`, "Hostname"},
		{space + `hostname","id":"192.0.2.1"`, "IpAddress"},
		{space + `ipAddress","id":"www2.example.com"`, "Hostname"},
		{space + `host","id":"192.0.2.1"`, "IpAddress"},
		{`"@odata.type":"microsoft.graph.security.hostname","id":"www2.example.com"`, "Hostname"},
		{`"@odata.type":"hostname","id":"www2.example.com"`, "Hostname"},
		{`"id":"192.0.2.1"`, "IpAddress"},
		{`"id":"2001:db8::100:3"`, "IpAddress"},
		{`"id":"www2.example.com"`, "Hostname"},
		{`"@odata.type":null,"id":"www2.example.com"`, "Hostname"},
		{`"@odata.type":"","id":"some text"`, "UnclassifiedArtifact"},
		{`"@odata.type":"#microsoft.graph.security.somethingNew","id":"some text","kind":"new","value":"some text"`, "UnclassifiedArtifact"},
		{space + `unclassifiedArtifact","id":"www2.example.com","kind":"text"`, "UnclassifiedArtifact"},
		{space + `SSLCERTIFICATE","id":"` + e.CertificateIDs()[0] + `"`, "SslCertificate"},
		{space + `hostComponent","id":"` + e.ComponentIDs()[0] + `"`, "HostComponent"},
		{``, ""},
		{`"id":""`, ""},
	} {
		id := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "artifact%d.example", i))
		if err := e.Put("articleIndicators", fmt.Sprintf(`{"id":%q,"artifact":{%s}}`, id, c.artifact)); err != nil {
			t.Fatal(err)
		}
		a := s.Askf(t, `{ articleIndicator(id: %q) { artifact { __typename id ... on Hostname { registrar } ... on IpAddress { netblock } ... on SslCertificate { sha1 }
			... on HostComponent { name } ... on UnclassifiedArtifact { kind value } } } }`, id)
		a.WantNoErrors(t)
		artifact := servicetest.Data[struct {
			ArticleIndicator struct{ Artifact map[string]any }
		}](t, a).ArticleIndicator.Artifact
		if got, _ := artifact["__typename"].(string); got != c.want {
			t.Errorf("{%s} is %q, want %s", c.artifact, got, c.want)
		}
		for name, value := range artifact { // and it is whole
			if value == nil && c.want != "UnclassifiedArtifact" {
				t.Errorf("{%s}: no %s", c.artifact, name)
			}
		}
		if items := 2; c.want == "UnclassifiedArtifact" || c.want == "" {
			a.WantCost(t, 1, 1, 1)
		} else if a.Cost.Items != items {
			t.Errorf("{%s}: %d items", c.artifact, a.Cost.Items)
		}
	}
}

// A host's WHOIS record, its past, and the way back.
func TestWhoisAndItsHistory(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=20")
	for _, host := range s.Emulator.HostIDs()[:5] {
		q := servicetest.Operation{Accept: "application/json", Variables: map[string]any{"id": host}, Query: `query ($id: ID!) { host(id: $id) { whois {
			id registrar { organization } nameservers { host { id __typename firstSeenDateTime } } host { id }
			history(first: 2) { totalCount nodes { id registrar { organization } registrant { address { city } } host { id lastSeenDateTime } } }
		} } }`}
		a := s.Send(t, q)
		a.WantNoErrors(t)
		naive.Want(t, s, q, a)
	}
	s.Emulator.Fail(emulator.Failure(404).Matching("/whois"))
	a := s.Askf(t, "{ host(id: %q) { id whois { id history { nodes { id } } } } }", s.Emulator.HostIDs()[0])
	a.WantNoErrors(t)
	if !strings.Contains(a.Data, `"whois":null`) {
		t.Errorf("%s", a.Data)
	}
}
