package graph

import (
	"reflect"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
	"portico/threatintel"
)

// newItem returns an item of a list, of a type of the schema, in which every property has a value: of a text "text", of a
// number 1, of a boolean true, and of a date filledDate.
func newItem(t *testing.T, name string) any {
	t.Helper()
	item, known := map[string]any{
		"Article": &threatintel.Article{}, "ArticleIndicator": &threatintel.ArticleIndicator{}, "Host": &threatintel.Hostname{},
		"HostComponent": &threatintel.HostComponent{}, "HostCookie": &threatintel.HostCookie{},
		"HostPair": &threatintel.HostPair{}, "HostPort": &threatintel.HostPort{},
		"HostSslCertificate": &threatintel.HostSSLCertificate{}, "HostTracker": &threatintel.HostTracker{},
		"IntelligenceProfile":          &threatintel.IntelligenceProfile{},
		"IntelligenceProfileIndicator": &threatintel.IntelligenceProfileIndicator{},
		"PassiveDnsRecord":             &threatintel.PassiveDNSRecord{}, "SslCertificate": &threatintel.SSLCertificate{},
		"Subdomain": &threatintel.Subdomain{}, "VulnerabilityComponent": &threatintel.VulnerabilityComponent{},
		"WhoisHistoryRecord": &threatintel.WhoisHistoryRecord{}, "WhoisRecord": &threatintel.WhoisRecord{},
	}[name]
	if !known {
		t.Fatalf("add %s to the table", name)
	}
	fill(reflect.ValueOf(item), 5)
	return item
}

const filledDate = "2021-06-01T00:00:00Z"

func fill(at reflect.Value, depth int) {
	switch {
	case depth == 0:
	case at.Kind() == reflect.Pointer:
		if at.IsNil() {
			at.Set(reflect.New(at.Type().Elem()))
		}
		fill(at.Elem(), depth)
	case at.Kind() == reflect.Slice:
		at.Set(reflect.MakeSlice(at.Type(), 1, 1))
		fill(at.Index(0), depth)
	case at.Kind() == reflect.Struct:
		for i := range at.NumField() {
			if at.Type().Field(i).IsExported() {
				fill(at.Field(i), depth-1)
			}
		}
	case at.Type() == reflect.TypeFor[threatintel.DateTime]():
		at.SetString(filledDate)
	case at.Kind() == reflect.String:
		at.SetString("text")
	case at.CanInt():
		at.SetInt(1)
	case at.Kind() == reflect.Bool:
		at.SetBool(true)
	}
}

// wantFound checks that a condition of the schema holds for an item with every property, and not for one without any.
func wantFound(t *testing.T, what string, member *ast.FieldDefinition, item any) {
	t.Helper()
	args := member.Directives.ForName("condition").ArgumentMap(nil)
	c := plan.Condition{Holds: args["holds"].(string), Time: threatintel.Since(filledDate), Values: []any{"text", true, int64(1)}}
	for _, path := range args["on"].([]any) {
		c.On = append(c.On, strings.Split(path.(string), "/"))
	}
	if plan.Schema.Types[member.Type.Name()].Kind == ast.Enum && member.Type.Name() != "DnsRecordType" {
		c.Values = []any{memberName(threatintel.HostPortStatus("text"))} // of an enumeration, "text" is a value to come
	}
	empty := reflect.New(reflect.TypeOf(item).Elem()).Interface()
	var all conditions
	if holds := all.test(c); !holds(item) || holds(empty) {
		t.Errorf("%s: found %v, without a value %v", what, holds(item), holds(empty))
	}
}
