package graph_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Microsoft Graph refers to a host that it does not know. All parts of a response show the host, or none does.
func TestPartsAgreeOnAnUnknownReference(t *testing.T) {
	t.Parallel()
	s := world()
	delete(s.bodies, "hosts/85.13.139.18")
	delete(s.bodies, "hosts/85.13.139.18/reputation")
	for _, row := range []struct {
		name, query string
		want        []string
	}{
		{
			"the first part shows it", atPort + `{ host { id } ... @defer { host { reputation { score } } } } }`,
			[]string{`{"hostPort":{"host":{"id":"85.13.139.18"}}}`, `hostPort {"host":{"reputation":null}}`},
		},
		{
			"the first part has requests below it", atPort + `{ host { reputation { score } } ... @defer { host { id } } } }`,
			[]string{`{"hostPort":{"host":null}}`, `hostPort {"host":null}`},
		},
		{
			"the first part fetched it, and its requests are deferred",
			atPort + `{ host { firstSeenDateTime ... @defer { reputation { score } } } } }`,
			[]string{`{"hostPort":{"host":null}}`},
		},
		{
			"nothing shows that it is unknown", atPort + `{ host { id ... @defer { firstSeenDateTime } } } }`,
			[]string{`{"hostPort":{"host":{"id":"85.13.139.18"}}}`, `hostPort.host {"firstSeenDateTime":null}`},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			w := post(t, s.endpoint(), asked(row.query), "Accept: "+inParts)
			got := partsFrom(t, w.Body.String())
			if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
				got = []string{payloadOf(t, w.Body.String()).String()}
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Microsoft Graph may say that there is no such entity with null instead of a 404.
func TestAReferenceStaysIfItsTargetIsNull(t *testing.T) {
	t.Parallel()
	s := world()
	s.bodies["passiveDnsRecords/p"] = `{"id":"p","artifact":{"@odata.type":"#microsoft.graph.security.hostComponent","id":"c"}}`
	s.bodies["hostComponents/c"] = `null`
	const query = `{ passiveDnsRecord(id: "p") { artifact { id ... on HostComponent { name } } } }`
	got := post(t, s.endpoint(), asked(query)).Body.String()
	if want := `{"data":{"passiveDnsRecord":{"artifact":{"id":"c","name":null}}}`; !strings.HasPrefix(got, want) {
		t.Errorf("got %s, want %s", got, want)
	}
}
