package naive

import (
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"

	"portico/internal/service/servicetest"

	"github.com/vektah/gqlparser/v2/ast"
)

// root answers a field of the query: entities by id, or a list.
func (n *naive) root(def *ast.FieldDefinition, args map[string]any, sets []ast.SelectionSet) any {
	declared := servicetest.Schema.Types[def.Type.Name()]
	switch ids, _ := args["ids"].([]any); {
	case args["id"] != nil:
		return n.byID(declared, args["id"], sets)
	case strings.HasSuffix(declared.Name, "Connection"):
		return n.page(declared, n.rootList(def.Name, args), args, sets)
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

// rootList returns the items of a list at the root.
func (n *naive) rootList(name string, args map[string]any) []map[string]any {
	query := url.Values{"$top": {"100"}} // without options it would be the published example, letter for letter
	switch search := args["search"].(type) {
	case map[string]any:
		property, value := searched(search)
		query.Set("$search", fmt.Sprintf(`"%s:%s"`, property, unmarked.Replace(fmt.Sprint(value))))
	case string:
		query.Set("$search", `"`+unmarked.Replace(search)+`"`)
	}
	set := name
	if name == "intelligenceProfiles" {
		set = "intelProfiles"
	}
	return n.list(name, set, query, args)
}

// unmarked leaves out what Microsoft Graph does not support in a search.
var unmarked = strings.NewReplacer(`"`, "", `\`, "", ":", "")

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
