package naive

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portico/internal/service/servicetest"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// naive answers a question the slow and plain way: every entity whole and every list to its end, by direct GETs, and
// the answer is put together here. It shares no code with Portico, and knows the schema alone.
type naive struct {
	*servicetest.Service
	t    testing.TB
	doc  *ast.QueryDocument
	vars map[string]any
	seen map[string]map[string]any
}

// thing is a value of an object type: what is known of it, and whether that is all.
type thing struct {
	on    *ast.Definition
	raw   map[string]any
	whole bool
}

// anyCursor stands for a cursor, which a naive answer does not have.
const anyCursor = "any cursor"

// Data returns the data that Portico should return for an operation.
func Data(t testing.TB, s *servicetest.Service, q servicetest.Operation) map[string]any {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(servicetest.Schema, q.Query, nil)
	if errs != nil {
		t.Fatalf("%v in %s", errs, q.Query)
	}
	n := &naive{Service: s, t: t, doc: doc, vars: map[string]any{}, seen: map[string]map[string]any{}}
	for _, v := range doc.Operations[0].VariableDefinitions {
		if v.DefaultValue != nil {
			n.vars[v.Variable], _ = v.DefaultValue.Value(nil)
		}
	}
	for name, value := range q.Variables {
		n.vars[name] = asSent(t, value)
	}
	return n.object(thing{on: servicetest.Schema.Query}, doc.Operations[0].SelectionSet)
}

// asSent is a variable as it arrives.
func asSent(t testing.TB, value any) (sent any) {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &sent); err != nil {
		t.Fatal(err)
	}
	return sent
}

// object answers selections of one object, with equal response keys merged.
func (n *naive) object(v thing, sets ...ast.SelectionSet) map[string]any {
	out := map[string]any{}
	fields, order := map[string][]*ast.Field{}, []string{}
	for _, set := range sets {
		n.collect(v.on, set, func(f *ast.Field) {
			if fields[f.Alias] == nil {
				order = append(order, f.Alias)
			}
			fields[f.Alias] = append(fields[f.Alias], f)
		})
	}
	for _, key := range order {
		var inner []ast.SelectionSet
		for _, f := range fields[key] {
			inner = append(inner, f.SelectionSet)
		}
		out[key] = n.field(v, fields[key][0], inner)
	}
	return out
}

func (n *naive) collect(on *ast.Definition, set ast.SelectionSet, yield func(*ast.Field)) {
	for _, s := range set {
		switch s := s.(type) {
		case *ast.Field:
			yield(s)
		case *ast.InlineFragment:
			if isA(on, s.TypeCondition) {
				n.collect(on, s.SelectionSet, yield)
			}
		case *ast.FragmentSpread:
			if isA(on, s.Definition.TypeCondition) {
				n.collect(on, s.Definition.SelectionSet, yield)
			}
		}
	}
}

func isA(on *ast.Definition, name string) bool {
	return name == "" || on.Name == name || slices.Contains(on.Interfaces, name)
}

func (n *naive) field(v thing, f *ast.Field, sets []ast.SelectionSet) any {
	switch f.Name {
	case "__typename":
		return v.on.Name
	case "nodeId":
		return v.on.Name + ":" + fmt.Sprint(v.raw["id"])
	}
	def := v.on.Fields.ForName(f.Name)
	args := f.ArgumentMap(n.vars)
	switch {
	case v.on == servicetest.Schema.Query:
		return n.root(def, args, sets)
	case def.Directives.ForName("request") != nil:
		return n.owned(v, def, args, sets)
	case def.Directives.ForName("navigation") != nil:
		ref, _ := n.of(v, f.Name).(map[string]any)
		return n.referred(def.Type, ref, sets)
	case def.Directives.ForName("computed") != nil:
		return n.computed(v, f.Name)
	case def.Directives.ForName("property") != nil:
		return n.value(def.Type, n.of(v, f.Name), sets)
	}
	return n.value(def.Type, v.raw[f.Name], sets)
}

// of is a property of an entity, which is fetched if what is known is not all.
func (n *naive) of(v thing, name string) any {
	raw := v.raw
	if set, id := servicetest.SetOf[v.on.Name], fmt.Sprint(v.raw["id"]); set != "" && !v.whole {
		if found := n.fetch(set, id); found != nil {
			raw = found
		}
	}
	if value, ok := raw[name]; ok || name != "alternateNames" {
		return value
	}
	return raw["alternateName"]
}

func (n *naive) fetch(set, id string) map[string]any {
	key := set + "/" + id
	if _, known := n.seen[key]; !known {
		n.seen[key] = n.DirectEntity(n.t, set, id)
	}
	return n.seen[key]
}

// referred answers a navigation property.
func (n *naive) referred(typ *ast.Type, ref map[string]any, sets []ast.SelectionSet) any {
	id, _ := ref["id"].(string)
	if id == "" {
		return nil
	}
	on := concreteType(typ.Name(), ref)
	return n.entity(thing{on: on, raw: ref, whole: servicetest.SetOf[on.Name] == ""}, sets...)
}

// entity answers an entity of which a reference is known. One that is unknown has nothing below it, and is null where
// that is asked for.
func (n *naive) entity(v thing, sets ...ast.SelectionSet) any {
	below := false
	for _, set := range sets {
		n.collect(v.on, set, func(f *ast.Field) {
			def := v.on.Fields.ForName(f.Name)
			below = below || def != nil && def.Directives.ForName("request") != nil
		})
	}
	if below && !v.whole && n.fetch(servicetest.SetOf[v.on.Name], fmt.Sprint(v.raw["id"])) == nil {
		return nil
	}
	return n.object(v, sets...)
}

// value answers a property, and what is inside it.
func (n *naive) value(typ *ast.Type, raw any, sets []ast.SelectionSet) any {
	on := servicetest.Schema.Types[typ.Name()]
	switch raw := raw.(type) {
	case nil:
		return nil
	case thing:
		return n.entity(raw, sets...)
	case []any:
		all := make([]any, len(raw))
		for i, item := range raw {
			all[i] = n.value(typ.Elem, item, sets)
		}
		return all
	case map[string]any:
		return n.object(thing{on: on, raw: raw, whole: true}, sets...)
	case string:
		return textual(on, raw)
	}
	return raw
}

func textual(on *ast.Definition, raw string) any {
	switch {
	case on.Name == "DateTime" && servicetest.Time(raw).IsZero():
		return nil
	case on.Name == "DateTime":
		return servicetest.DateTime(raw)
	case on.Kind != ast.Enum:
		return raw
	case raw == "":
		return nil
	case on.EnumValues.ForName(strings.ToUpper(raw)) != nil:
		return strings.ToUpper(raw)
	}
	if strings.EqualFold(raw, "unknownFutureValue") {
		return "UNKNOWN"
	}
	return "UNRECOGNIZED"
}

// owned answers what lives below an entity.
func (n *naive) owned(v thing, def *ast.FieldDefinition, args map[string]any, sets []ast.SelectionSet) any {
	set := servicetest.SetOf[v.on.Name]
	path := servicetest.ListPath(set, fmt.Sprint(v.raw["id"]), def.Name)
	connection := servicetest.Schema.Types[def.Type.Name()]
	if !strings.HasSuffix(connection.Name, "Connection") {
		body := n.Direct(n.t, path)
		if body == nil {
			return nil
		}
		return n.object(thing{on: connection, raw: body, whole: true}, sets...)
	}
	if n.Direct(n.t, path) == nil {
		return nil // an unknown list is null, and no empty one
	}
	return n.page(connection, n.list(def.Name, path, url.Values{}, args), args, sets)
}

// list returns the items of a list in their order: sorted by the emulator where Microsoft Graph sorts, all else here.
func (n *naive) list(name, path string, query url.Values, args map[string]any) []map[string]any {
	order, _ := args["orderBy"].(string)
	by := upstream(name, order)
	if by != "" {
		query.Set("$orderby", by)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	items := sifted(n.DirectList(n.t, path), args["where"])
	if by == "" && order != "" {
		items = sorted(items, order)
	}
	return items
}

// page answers a connection with the first of all items.
func (n *naive) page(
	connection *ast.Definition, items []map[string]any, args map[string]any, sets []ast.SelectionSet,
) any {
	first := 25
	if given, ok := args["first"]; ok {
		first, _ = strconv.Atoi(fmt.Sprint(given))
	}
	declared := connection.Fields.ForName("nodes").Type.Name()
	shown := items[:min(first, len(items))]
	nodes, edges := make([]any, len(shown)), make([]any, len(shown))
	for i, item := range shown {
		if item != nil {
			nodes[i] = thing{on: concreteType(declared, item), raw: item, whole: declared != "Host"}
		}
		edges[i] = map[string]any{"cursor": anyCursor, "node": nodes[i]}
	}
	info := map[string]any{
		"hasNextPage": len(items) > first, "hasPreviousPage": false, "startCursor": nil,
		"endCursor": nil,
	}
	if len(shown) > 0 {
		info["startCursor"] = anyCursor
	}
	if len(shown) > 0 || len(items) > 0 && first == 0 { // of no items, the cursor is where the page started
		info["endCursor"] = anyCursor
	}
	raw := map[string]any{
		"nodes": nodes, "edges": edges, "pageInfo": info, "totalCount": float64(len(items)),
		"isTruncated": false,
	}
	return n.object(thing{on: connection, raw: raw, whole: true}, sets...)
}

// concreteType is the object type of what an interface may stand for.
func concreteType(declared string, ref map[string]any) *ast.Definition {
	def := servicetest.Schema.Types[declared]
	if def.Kind != ast.Interface {
		return def
	}
	kind, _ := ref["@odata.type"].(string)
	_, name, _ := strings.Cut(kind, "#microsoft.graph.security.")
	id := fmt.Sprint(ref["id"])
	_, notAddress := netip.ParseAddr(id)
	switch isHost := name == "" || name == "hostname" || name == "ipAddress"; {
	case isHost && notAddress == nil:
		return servicetest.Schema.Types["IpAddress"]
	case isHost:
		return servicetest.Schema.Types["Hostname"]
	}
	return servicetest.Schema.Types[strings.ToUpper(name[:1])+name[1:]]
}
