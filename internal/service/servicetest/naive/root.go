package naive

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"portico/internal/service/servicetest"

	"github.com/vektah/gqlparser/v2/ast"
)

// wires is what some orders are upstream.
var wires = map[string]string{
	"LAST_SEEN_DESC": "lastSeenDateTime desc", "LAST_SEEN_ASC": "lastSeenDateTime asc",
	"FIRST_SEEN_DESC": "firstSeenDateTime desc", "FIRST_SEEN_ASC": "firstSeenDateTime asc",
}

// root answers a field of the query: entities by id, or a list.
func (n *naive) root(def *ast.FieldDefinition, args map[string]any, sets []ast.SelectionSet) any {
	declared := servicetest.Schema.Types[def.Type.Name()]
	switch ids, _ := args["ids"].([]any); {
	case args["id"] != nil:
		return n.byID(declared, args["id"], sets)
	case strings.HasSuffix(declared.Name, "Connection"):
		return n.page(declared, n.DirectList(n.t, n.listPath(def.Name, args)), args, sets)
	default:
		all := make([]any, len(ids))
		for i, id := range ids {
			all[i] = n.byID(declared, id, sets)
		}
		return all
	}
}

func (n *naive) byID(declared *ast.Definition, id any, sets []ast.SelectionSet) any {
	on := concreteType(declared.Name, map[string]any{"id": id})
	if named, key, led := strings.Cut(fmt.Sprint(id), ":"); led && declared.Name == "Node" {
		on, id = servicetest.Schema.Types[named], key
	} else if declared.Name == "Node" {
		on = servicetest.Schema.Types["HostPort"] // the only one that is asked for without its type
	}
	set := servicetest.SetOf[on.Name]
	if on.Name == "VulnerabilityComponent" {
		raw, _ := base64.StdEncoding.DecodeString(fmt.Sprint(id))
		flaw, _, _ := strings.Cut(string(raw), "71409")
		set = "vulnerabilities/" + flaw + "/components"
	}
	whole := n.fetch(set, fmt.Sprint(id))
	if whole == nil {
		return nil
	}
	return n.object(thing{on: on, raw: whole, whole: true}, sets...)
}

func (n *naive) listPath(name string, args map[string]any) string {
	query := url.Values{"$top": {"100"}} // without options it would be the published example, letter for letter
	if search, ok := args["search"].(map[string]any); ok {
		property, value := searched(search)
		query.Set("$search", fmt.Sprintf(`"%s:%s"`, property, value))
	}
	if order := wires[fmt.Sprint(args["orderBy"])]; order != "" {
		query.Set("$orderby", order)
	}
	set := name
	if name == "intelligenceProfiles" {
		set = "intelProfiles"
	}
	return set + "?" + query.Encode()
}

// searched returns the path of the one property in a search, and its value.
func searched(search map[string]any) (path string, value any) {
	for name, inside := range search {
		if nested, ok := inside.(map[string]any); ok {
			below, value := searched(nested)
			return name + "/" + below, value
		}
		if name == "nameserver" {
			name = "nameservers/host/id"
		}
		return name, inside
	}
	return "", nil
}

// sifted filters and sorts ports by what Microsoft Graph cannot.
func sifted(ports []map[string]any, args map[string]any) (kept []map[string]any) {
	where, _ := args["where"].(map[string]any)
	for _, port := range ports {
		if holds(where, port) {
			kept = append(kept, port)
		}
	}
	property, direction, _ := strings.Cut(wires[fmt.Sprint(args["orderBy"])], " ")
	if property == "" {
		return kept
	}
	slices.SortStableFunc(kept, func(a, b map[string]any) int {
		x, y := servicetest.Time(a[property]), servicetest.Time(b[property])
		if direction == "desc" {
			x, y = y, x
		}
		return cmp.Compare(x.UnixNano(), y.UnixNano())
	})
	return kept
}

func holds(where, port map[string]any) bool {
	return oneOf(where["status"], strings.ToUpper(fmt.Sprint(port["status"]))) &&
		oneOf(where["protocol"], strings.ToUpper(fmt.Sprint(port["protocol"]))) &&
		oneOf(where["port"], fmt.Sprint(port["port"])) &&
		(where["seenSince"] == nil ||
			!servicetest.Time(port["lastSeenDateTime"]).Before(servicetest.Time(where["seenSince"]))) &&
		says(where["bannerContains"], port) && runs(where["componentName"], port)
}

func oneOf(wanted any, value string) bool {
	list, isList := wanted.([]any)
	if wanted != nil && !isList {
		list = []any{wanted} // one stands for a list of one
	}
	return wanted == nil || slices.ContainsFunc(list, func(w any) bool { return fmt.Sprint(w) == value })
}

func says(text any, port map[string]any) bool {
	banners, _ := port["banners"].([]any)
	return text == nil || slices.ContainsFunc(banners, func(b any) bool {
		said := fmt.Sprint(b.(map[string]any)["banner"])
		return strings.Contains(strings.ToLower(said), strings.ToLower(fmt.Sprint(text)))
	})
}

func runs(name any, port map[string]any) bool {
	services, _ := port["services"].([]any)
	return name == nil || slices.ContainsFunc(services, func(s any) bool {
		component, _ := s.(map[string]any)["component"].(map[string]any)
		return strings.EqualFold(fmt.Sprint(component["name"]), fmt.Sprint(name))
	})
}
