package graph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// describeCosts replaces the types of a schema by copies whose fields say in their descriptions what they cost. The
// cost follows from the directives, so that no description can contradict them.
func describeCosts(schema *ast.Schema) {
	described := make(map[string]*ast.Definition, len(schema.Types))
	for name, def := range schema.Types {
		described[name] = withCosts(def)
	}
	schema.Types, schema.Query = described, described[schema.Query.Name]
	schema.PossibleTypes = renewed(schema.PossibleTypes, described)
	schema.Implements = renewed(schema.Implements, described)
}

// renewed replaces definitions by those with the same name.
func renewed(of map[string][]*ast.Definition, by map[string]*ast.Definition) map[string][]*ast.Definition {
	out := make(map[string][]*ast.Definition, len(of))
	for name, list := range of {
		for _, def := range list {
			out[name] = append(out[name], by[def.Name])
		}
	}
	return out
}

func withCosts(def *ast.Definition) *ast.Definition {
	if def.BuiltIn || !def.IsCompositeType() {
		return def
	}
	out := *def
	out.Fields = make(ast.FieldList, len(def.Fields))
	for i, f := range def.Fields {
		field := *f
		if cost := fieldCost(def.Name, f); cost != "" {
			field.Description = strings.TrimSpace(f.Description + " Cost: " + cost)
		}
		out.Fields[i] = &field
	}
	return &out
}

// fieldCost returns what a field costs, in items: resources that are requested from Microsoft Graph. It is empty for a
// field that comes with its owner.
func fieldCost(owner string, f *ast.FieldDefinition) string {
	if navigation := f.Directives.ForName("navigation"); navigation != nil {
		return costOfReference(navigation)
	}
	if f.Directives.ForName("request") == nil {
		return ""
	}
	switch isRoot, isList := owner == "Query", strings.HasSuffix(f.Type.Name(), "Connection"); {
	case isRoot && isList:
		return "one item for each page."
	case isList:
		return "one item for each owner and page."
	case isRoot && f.Type.Elem != nil:
		return "one item for each distinct entity."
	case isRoot:
		return "one item."
	}
	return "one item for each owner."
}

func costOfReference(navigation *ast.Directive) string {
	args := navigation.ArgumentMap(nil)
	if expands, _ := args["expand"].(bool); expands {
		return "none, because it is fetched with its owner."
	}
	free := []string{"`id`"}
	carries, _ := args["carries"].([]any)
	for _, name := range carries {
		text, _ := name.(string)
		free = append(free, "`"+text+"`")
	}
	return "none for " + strings.Join(free, ", ") + "; any other field costs one item for each distinct target."
}
