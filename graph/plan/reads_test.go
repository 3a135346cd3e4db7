package plan

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"

	"portico/internal/sparse"
	"portico/msgraph"
)

func readsIn(t *testing.T, text string) *sparse.Properties {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(Schema, text, nil)
	if errs != nil {
		t.Fatalf("%s: %v", text, errs)
	}
	r, err := Read(doc, doc.Operations[0], nil, bounds)
	if err != nil {
		t.Fatal(err)
	}
	return r.Reads()
}

func TestWhatAnOperationReads(t *testing.T) {
	for name, row := range map[string]struct{ query, reads, ignores string }{
		"what is selected": {
			`{ hostPort(id: "x") { port mostRecentSslCertificate { sha1 subject { commonName } } } }`,
			"port mostRecentSslCertificate sha1 subject commonName", "issuer serialNumber host firstSeenDateTime",
		},
		"what identifies an entity": {`{ hostPort(id: "x") { port } }`, "id @odata.type kind value", "sha1"},
		"a field under an alias":    {`{ hostPort(id: "x") { a: mostRecentSslCertificate { sha1: fingerprint } } }`, "fingerprint", "sha1 a"},
		"in fragments":              {`{ hostPort(id: "x") { ...F ... on HostPort { status } } } fragment F on HostPort { protocol }`, "status protocol", "port"},
		"under @skip and @defer":    {`{ hostPort(id: "x") { port @skip(if: true) ... @defer { status } } }`, "port status", "protocol"},
		"the property of the published examples, too": {
			`{ sslCertificate(id: "x") { subject { alternateNames } } }`, "alternateNames alternateName", "commonName",
		},
		"everything, for a computed field":  {`{ sslCertificate(id: "x") { isSelfSigned } }`, "issuer subject commonName street", ""},
		"everything, for one in a fragment": {`{ node(id: "SslCertificate:x") { ...F } } fragment F on SslCertificate { isExpired }`, "expirationDateTime sha1", ""},
		"everything, for a condition":       {`{ host(id: "192.0.2.1") { ports(where: { componentName: ["x"] }) { nodes { port } } } }`, "services component name", ""},
		"everything, for an order":          {`{ host(id: "192.0.2.1") { ports(orderBy: LAST_SEEN_DESC) { nodes { port } } } }`, "lastSeenDateTime", ""},
		"no more, for a computed id":        {`{ hostPort(id: "x") { nodeId } }`, "id", "port"},
	} {
		t.Run(name, func(t *testing.T) {
			reads := readsIn(t, row.query)
			for _, property := range strings.Fields(row.reads) {
				if !reads.Has(property) {
					t.Errorf("%s is not read", property)
				}
			}
			for _, property := range strings.Fields(row.ignores) {
				if reads.Has(property) {
					t.Errorf("%s is read", property)
				}
			}
		})
	}
}

// What is read is found by the names of fields. So a property inside an entity that no field has the name of would never
// be read.
func TestEveryPropertyInsideAnEntityIsAFieldOrAlwaysRead(t *testing.T) {
	reads := sparse.NewProperties()
	for _, fields := range catalog.fields {
		for name := range fields {
			reads.Add(name)
			reads.Add(strings.TrimSuffix(name, "s"))
		}
	}
	seen := map[reflect.Type]bool{}
	for name, row := range entities {
		for _, id := range []string{"192.0.2.1", "example.com"} {
			node, _, err := row(id).decode([]byte(`{"id":"x"}`), msgraph.Asked{})
			if err != nil {
				t.Fatal(name, err)
			}
			checkProperties(t, reflect.TypeOf(node), reads, seen)
		}
	}
	if len(seen) < 25 {
		t.Errorf("%d types were seen", len(seen))
	}
}

func checkProperties(t *testing.T, of reflect.Type, reads *sparse.Properties, seen map[reflect.Type]bool) {
	t.Helper()
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || seen[of] {
		return
	}
	seen[of] = true
	if !sparse.Read([]byte(`{}`), reflect.New(of).Interface(), nil, 0) {
		t.Errorf("%s is decoded by reflection: internal/sparse has no table for it", of)
	}
	for i := range of.NumField() {
		f := of.Field(i)
		if property := f.Tag.Get("json"); property != "" && property != "-" && !reads.Has(property) {
			t.Errorf("%s.%s: no field of the schema is named %s", of, f.Name, property)
		}
		checkProperties(t, f.Type, reads, seen)
	}
}

func TestAnOperationFindsOnceWhatItReads(t *testing.T) {
	doc, errs := gqlparser.LoadQueryWithRules(Schema, `{ hostPort(id: "x") { port } }`, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	r, err := Read(doc, doc.Operations[0], nil, bounds)
	if err != nil {
		t.Fatal(err)
	}
	if first, second := r.Reads(), r.Reads(); first != second {
		t.Error(cmp.Diff(first, second))
	}
}
