package queries_test

import (
	"fmt"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"

	"github.com/vektah/gqlparser/v2/ast"
)

// unexercised are fields that lead nowhere in the generated world, with the reason.
var unexercised = map[string]string{
	"IpAddress.subdomains": "addresses have no names below them",
	"IpAddress.passiveDns": "addresses resolve to nothing",
	"WhoisRecord.billing":  "nobody fills it in", "WhoisHistoryRecord.billing": "nobody fills it in",
	"WhoisRecord.noc": "nobody fills it in", "WhoisHistoryRecord.noc": "nobody fills it in",
	"WhoisRecord.zone": "nobody fills it in", "WhoisHistoryRecord.zone": "nobody fills it in",
	"Article.imageUrl":          "generated articles have no pictures",
	"Vulnerability.remediation": "generated flaws are not mended",
}

// From every entity type, every property, navigation property and list answers without an error, as direct GETs do, with
// all that is behind it; and leads somewhere for some entity.
func TestEveryPivot(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40", "PORTICO_LIMIT_TOKENS=20000")
	ids, tried := s.WorldIDs(t), 0
	for named := range ids {
		root := servicetest.RootOf(named)
		t.Run(named, func(t *testing.T) {
			for _, field := range servicetest.Schema.Types[named].Fields {
				tried++
				leads := false
				for _, id := range spread(ids[named], 4) {
					leads = pivot(t, s, root, id, named, field) || leads
				}
				if why, known := unexercised[named+"."+field.Name]; leads == known {
					t.Errorf("%s leads somewhere: %v; %s", field.Name, leads, why)
				}
			}
		})
	}
	if tried < 150 {
		t.Errorf("only %d pivots were tried", tried)
	}
}

// pivot asks for a field of an entity, and reports whether it leads anywhere.
func pivot(t *testing.T, s *servicetest.Service, root, id, named string, field *ast.FieldDefinition) bool {
	t.Helper()
	q := servicetest.Operation{Accept: "application/json", Query: fmt.Sprintf("{ %s(id: %q) { ... on %s { it: %s } } }", root, id, named, everything(field, 2))}
	a := s.Send(t, q)
	if len(a.Errors) > 0 {
		t.Errorf("%s: %v", q.Query, a.Errors)
		return false
	}
	naive.Want(t, s, q, a)
	for _, entity := range servicetest.Data[map[string]map[string]any](t, a) {
		switch it := entity["it"].(type) {
		case map[string]any:
			nodes, isList := it["nodes"].([]any)
			return !isList || len(nodes) > 0
		default:
			return it != nil
		}
	}
	return false
}

// everything is a field with all that can be asked for behind it without another step, and with steps more, the ids there.
func everything(field *ast.FieldDefinition, steps int) string {
	target := servicetest.Schema.Types[field.Type.Name()]
	if target.IsLeafType() {
		return field.Name
	}
	leads := field.Directives.ForName("request") != nil || field.Directives.ForName("navigation") != nil
	if leads {
		steps--
	}
	var inner []string
	for _, def := range append([]*ast.Definition{target}, interfaceObjects(target)...) {
		var fields []string
		for _, f := range def.Fields {
			further := f.Directives.ForName("request") != nil || f.Directives.ForName("navigation") != nil
			if (!further || steps > 0 && f.Directives.ForName("navigation") != nil) && (def == target || target.Fields.ForName(f.Name) == nil) {
				fields = append(fields, everything(f, steps))
			}
		}
		if def != target && len(fields) > 0 {
			fields = []string{"... on " + def.Name + " { " + strings.Join(fields, " ") + " }"}
		}
		inner = append(inner, fields...)
	}
	args := ""
	if field.Arguments.ForName("first") != nil {
		args = "(first: 3)"
	}
	return field.Name + args + " { __typename " + strings.Join(inner, " ") + " }"
}

func interfaceObjects(target *ast.Definition) []*ast.Definition {
	if target.Kind != ast.Interface {
		return nil
	}
	return objectsOf(target)
}

// spread picks n items, evenly distributed.
func spread(all []string, n int) (some []string) {
	for i := range min(n, len(all)) {
		some = append(some, all[i*len(all)/min(n, len(all))])
	}
	return some
}

// Round trips through the world: what a pivot leads to leads back.
func TestPivotsLeadBack(t *testing.T) {
	t.Parallel()
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40")
	ids := s.WorldIDs(t)
	for _, c := range []struct{ what, id, question string }{
		{"a host's ports to the host", ids["IpAddress"][0], `host(id: $id) { ports(first: 50) { nodes { back: host { id } } } }`},
		{"a host's components to the host", ids["Hostname"][0], `host(id: $id) { components(first: 50) { nodes { back: host { id } } } }`},
		{"a host's cookies to the host", ids["Hostname"][0], `host(id: $id) { cookies(first: 50) { nodes { back: host { id } } } }`},
		{"a host's trackers to the host", ids["Hostname"][0], `host(id: $id) { trackers(first: 50) { nodes { back: host { id } } } }`},
		{"a host's subdomains to the host", ids["Hostname"][0], `host(id: $id) { subdomains(first: 50) { nodes { back: host { id } } } }`},
		{"a host's certificates to the host", ids["Hostname"][0], `host(id: $id) { sslCertificates(first: 50) { nodes { back: host { id } } } }`},
		{"a host's WHOIS record to the host", ids["Hostname"][0], `host(id: $id) { whois { back: host { id } history { nodes { back: host { id } } } } }`},
		{"the pairs that have the host as parent to the host", ids["IpAddress"][0], `host(id: $id) { childHostPairs(first: 50) { nodes { back: parentHost { id } } } }`},
		{"the pairs that have the host as child to the host", ids["IpAddress"][0], `host(id: $id) { parentHostPairs(first: 50) { nodes { back: childHost { id } } } }`},
		{"what a host resolved to, to the host", ids["Hostname"][0], `host(id: $id) { passiveDns(first: 50) { nodes { back: parentHost { id } } } }`},
		{"what resolved to a host, to the host", ids["IpAddress"][0], `host(id: $id) { passiveDnsReverse(first: 50) { nodes { back: parentHost { id } } } }`},
	} {
		a := s.Send(t, servicetest.Operation{Accept: "application/json", Variables: map[string]any{"id": c.id}, Query: "query ($id: ID!) {" + c.question + "}"})
		a.WantNoErrors(t)
		all, right := strings.Count(a.Data, `"back":`), strings.Count(a.Data, fmt.Sprintf(`"back":{"id":%q}`, c.id))
		if all == 0 || all != right {
			t.Errorf("%s: %d of %d", c.what, right, all)
		}
	}
	a := s.Send(t, servicetest.Operation{
		Accept: "application/json", Variables: map[string]any{"id": ids["SslCertificate"][0]},
		Query: `query ($id: ID!) { sslCertificate(id: $id) { relatedHosts(first: 9) { nodes { sslCertificates(first: 50) { nodes { sslCertificate { id } } } } } } }`,
	})
	a.WantNoErrors(t)
	for _, host := range servicetest.Data[struct {
		SslCertificate struct {
			RelatedHosts struct {
				Nodes []struct {
					SslCertificates struct {
						Nodes []struct{ SslCertificate struct{ ID string } }
					}
				}
			}
		}
	}](t, a).SslCertificate.RelatedHosts.Nodes {
		if !strings.Contains(fmt.Sprint(host), ids["SslCertificate"][0]) {
			t.Errorf("a related host does not show the certificate: %+v", host)
		}
	}
}
