package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
	"portico/msgraph"
	"portico/threatintel"
)

// invented is a Microsoft Graph whose responses follow from the seed and the path alone: whoever asks, and in whatever
// order, gets the same. Entities have nulls, wrong values, missing ids and references to each other. Some lookups fail.
type invented struct {
	seed uint64
	// flaw is one in how many values is wrong, and one in how many lookups fails; 0 means none.
	flaw int
}

// dice are the dice of one place in a response.
type dice struct {
	state uint64
	flaw  int
}

func (u invented) at(path string) *dice {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, u.seed, path)
	return &dice{h.Sum64(), u.flaw}
}

// roll returns a number below n.
func (d *dice) roll(n int) int {
	d.state = d.state*6364136223846793005 + 1442695040888963407
	return int(d.state>>33) % n
}

// flawed reports whether something goes wrong here, less often where it is rare.
func (d *dice) flawed(rare int) bool { return d.flaw > 0 && d.roll(d.flaw*rare) == 0 }

func (u invented) NextPage(path, link string) (string, bool) {
	_, query, ok := strings.Cut(link, "?")
	return query, ok && strings.Contains(link, path+"?")
}

func (u invented) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	for i, address := range urls {
		body, err := u.respond(address)
		if ctx.Err() != nil {
			body, err = nil, context.Cause(ctx)
		}
		done(i, body, err)
	}
}

func (u invented) respond(address string) ([]byte, error) {
	path, query, _ := strings.Cut(address, "?")
	d := u.at(path)
	switch {
	case d.flawed(1):
		return nil, []error{
			&msgraph.Error{Kind: msgraph.Refused, Status: 404}, &msgraph.Error{Kind: msgraph.Refused, Status: 404},
			&msgraph.Error{Kind: msgraph.Throttled}, &msgraph.Error{Kind: msgraph.Refused, Status: 403},
			errors.New("something else"),
		}[d.roll(5)]
	case d.flawed(4):
		return []byte([]string{`{"value":`, `[]`, `{}`, `null`, `{"id":""}`}[d.roll(5)]), nil
	}
	found, list := place(path)
	if at := position(query); list && at != "" && u.at(path+at).flawed(3) {
		return nil, &msgraph.Error{Kind: msgraph.Refused, Status: 404}
	}
	if !list {
		entity := d.entity(found, idOf(path))
		if !selectsKey(query) {
			delete(entity, "id")
		}
		return marshal(entity), nil
	}
	return u.page(d, found, path, query), nil
}

func selectsKey(query string) bool {
	options, _ := url.ParseQuery(query)
	selected := options.Get("$select")
	return selected == "" || slices.Contains(strings.Split(selected, ","), "id")
}

// page is one page of a list that is longer than a page.
func (u invented) page(d *dice, of reflect.Type, path, query string) []byte {
	options, _ := url.ParseQuery(query)
	skip, _ := strconv.Atoi(options.Get("$skip"))
	top, err := strconv.Atoi(options.Get("$top"))
	if err != nil {
		top = 5
	}
	total, items := d.roll(12), []any{}
	if d.roll(20) == 0 {
		total = 150
	}
	for i := skip; i < min(total, skip+min(top, 60)); i++ {
		items = append(items, u.at(path+strconv.Itoa(i)).entity(of, fmt.Sprint("item-", i)))
	}
	list := map[string]any{"value": items, "@odata.count": total}
	next, token := skip+len(items), ""
	if u.at(path+"empty"+position(query)).roll(6) == 0 {
		list["value"], next, token = []any{}, skip, options.Get("$skiptoken")+"1"
	}
	if next < total && (len(items) > 0 || token != "") {
		list["@odata.nextLink"] = fmt.Sprintf("https://graph.example%s?$skip=%d&$top=%d&$skiptoken=%s", path, next, top, token)
	}
	return marshal(list)
}

// position is where a page is in its list, empty for the first.
func position(query string) string {
	options, _ := url.ParseQuery(query)
	return strings.TrimPrefix(options.Get("$skip")+","+options.Get("$skiptoken"), ",")
}

func marshal(value any) []byte {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return text
}

// segments are those of a path below the root of the API, with ids unescaped.
func segments(path string) []string {
	all := strings.Split(strings.TrimPrefix(path, threatintel.Root), "/")
	for i := range all {
		all[i], _ = url.PathUnescape(all[i])
	}
	return all
}

func idOf(path string) string {
	if all := segments(path); len(all)%2 == 0 {
		return all[len(all)-1]
	}
	return "single"
}

// place returns the type of what is at a path, or of its items.
func place(path string) (of reflect.Type, list bool) {
	all := segments(path)
	set, id := all[0], ""
	if len(all) > 1 {
		id = all[1]
	}
	owner := ownerOf(set, id)
	switch {
	case len(all) == 1:
		return structs()[owner], true
	case len(all) == 2:
		return structs()[owner], false
	case len(all) == 4:
		return structs()["VulnerabilityComponent"], false
	}
	target, list := strings.CutSuffix(plan.Schema.Types[owner].Fields.ForName(all[2]).Type.Name(), "Connection")
	if target == "Host" {
		target = "IpAddress"
	}
	return structs()[target], list
}

// ownerOf is the object type of an entity in a set.
func ownerOf(set, id string) string {
	if set == "hosts" {
		return threatintel.HostType(id)
	}
	for name := range structs() {
		if name == "HostReputation" || name == "VulnerabilityComponent" {
			continue
		}
		if segments(targetFor(name, "x").Lookup().Path)[0] == set {
			return name
		}
	}
	return ""
}

func targetFor(name, id string) *plan.Target {
	target, _ := new(plan.Reading).Target(plan.Selection{}, plan.Schema.Types[name], threatintel.Reference{ID: id})
	return target
}

func hasEndpoint(name string) bool {
	for _, f := range plan.Schema.Query.Fields {
		if f.Arguments.ForName("id") == nil || f.Name == "node" {
			continue
		}
		for _, def := range plan.Schema.GetPossibleTypes(plan.Schema.Types[f.Type.Name()]) {
			if def.Name == name {
				return true
			}
		}
	}
	return false
}

// structs are the Go types of the object types.
var structs = sync.OnceValue(func() map[string]reflect.Type {
	all := map[string]reflect.Type{"HostReputation": reflect.TypeFor[threatintel.HostReputation]()}
	for name, def := range plan.Schema.Types {
		if def.Kind != ast.Object || !hasEndpoint(name) {
			continue
		}
		id := "x"
		if name == "IpAddress" {
			id = "192.0.2.1"
		}
		node, _, err := targetFor(name, id).Decode([]byte(`{"id":"x"}`))
		if err != nil {
			panic(err)
		}
		all[name] = reflect.TypeOf(node).Elem()
	}
	return all
})

// entity is an object of a type, by its JSON names.
func (d *dice) entity(of reflect.Type, id string) map[string]any {
	object := map[string]any{}
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		object[name] = d.value(of.Field(i).Type, 0)
	}
	if object["alternateNames"] != nil {
		delete(object, "alternateName") // an object has one or the other
	}
	if _, has := object["id"]; has {
		object["id"] = id
		if d.flawed(6) {
			object["id"] = []any{nil, 5, ""}[d.roll(3)]
		}
	}
	return object
}

// texts are what the values of strings are, which a writer must escape rightly or leave alone.
var inventedTexts = []string{
	"", "plain", "a \"quoted\" word", `back\slash`, "line\nfeed\ttab\r", "\u0000\u001f\u007f", "日本語 é \u2028\u2029", "<script>&amp;",
	"😀", "ends with \\", "\ufeff", "open", "2023-08-09T23:18:21Z",
}

var referredIDs = []string{
	"198.51.100.1", "198.51.100.2", "contoso.com", "www.contoso.com", "2001:db8::1", "",
}

func (d *dice) value(t reflect.Type, depth int) any {
	if d.roll(7) == 0 {
		return nil
	}
	if d.flawed(3) {
		return []any{7, "7", "no", true, map[string]any{"a": 1}, []any{1}, 1.5, "2016-17-13T08:43:41.00Z"}[d.roll(8)]
	}
	switch t.Kind() {
	case reflect.Pointer:
		return d.value(t.Elem(), depth)
	case reflect.Slice:
		items := make([]any, d.roll(3))
		for i := range items {
			items[i] = d.value(t.Elem(), depth+1)
		}
		return items
	case reflect.Struct:
		return d.nested(t, depth+1)
	case reflect.Bool:
		return d.roll(2) == 0
	case reflect.Int32, reflect.Int64:
		return d.roll(1000)
	case reflect.Float64:
		return float64(d.roll(1000)) / 7
	}
	if t == reflect.TypeFor[threatintel.DateTime]() {
		return fmt.Sprintf("20%02d-0%d-1%dT23:18:21.%dZ", d.roll(30), 1+d.roll(9), d.roll(10), d.roll(1000))
	}
	if members := membersOf(t); len(members) > 0 && d.roll(10) > 0 {
		return strings.ToLower(members[d.roll(len(members))].Name)
	}
	return inventedTexts[d.roll(len(inventedTexts))]
}

// membersOf returns the members of an enumeration that Microsoft Graph has too, nil for another type.
func membersOf(t reflect.Type) ast.EnumValueList {
	def := plan.Schema.Types[t.Name()]
	if def == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(def.EnumValues), func(m *ast.EnumValueDefinition) bool {
		return m.Name == "UNRECOGNIZED"
	})
}

// nested is an object inside an entity: a reference, an expanded entity or a complex type.
func (d *dice) nested(t reflect.Type, depth int) any {
	id := referredIDs[d.roll(len(referredIDs))]
	switch {
	case depth > 3:
		return nil
	case t == reflect.TypeFor[threatintel.Reference]():
		kind := []string{"ipAddress", "hostname", "unclassifiedArtifact", "hostComponent"}[d.roll(4)]
		return map[string]any{"id": id, "@odata.type": "#microsoft.graph.security." + kind, "kind": "k", "value": "v"}
	case d.roll(4) == 0:
		return map[string]any{"id": id}
	}
	return d.entity(t, id)
}
