package graph

import (
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/generated"
	"portico/msgraph"
)

// catalog is what the schema says of each field upstream, read once from its directives.
type catalog struct {
	schema     *ast.Schema
	fields     map[string]map[string]field    // by type, by field
	satisfies  map[string]map[string]struct{} // by concrete type: itself and its interfaces
	namespaces map[string]string              // by concrete type: its qualified name upstream
}

// field is one field of the schema as it is upstream.
type field struct {
	name string
	kind kind
	// target is the type of what is behind the field, without list and non-null.
	target *ast.Definition
	// expand and carries are the arguments of @navigation.
	expand  bool
	carries msgraph.Names
}

// kind is what a field is upstream.
type kind int

const (
	plain      kind = iota // part of a complex type, the key, or introspection: nothing to ask
	property               // @property
	navigation             // @navigation
	request                // @request
)

// namespace is Microsoft Graph's for threat intelligence. A schema type is the upstream type with a capital.
const namespace = "microsoft.graph.security."

// facts is the catalog of the schema that this binary was built with.
var facts = newCatalog(generated.NewExecutableSchema(generated.Config{}).Schema())

func newCatalog(schema *ast.Schema) *catalog {
	c := &catalog{
		schema:     schema,
		fields:     map[string]map[string]field{},
		satisfies:  map[string]map[string]struct{}{},
		namespaces: map[string]string{},
	}
	for name, def := range schema.Types {
		if def.BuiltIn || (def.Kind != ast.Object && def.Kind != ast.Interface) {
			continue
		}
		c.fields[name] = fieldsOf(schema, def)
		c.satisfies[name] = map[string]struct{}{name: {}}
		c.namespaces[name] = namespace + strings.ToLower(name[:1]) + name[1:]
		for _, wider := range schema.GetImplements(def) {
			c.satisfies[name][wider.Name] = struct{}{}
		}
	}
	return c
}

func fieldsOf(schema *ast.Schema, def *ast.Definition) map[string]field {
	fields := make(map[string]field, len(def.Fields))
	for _, f := range def.Fields {
		fields[f.Name] = fieldOf(schema, f)
	}
	return fields
}

func fieldOf(schema *ast.Schema, def *ast.FieldDefinition) field {
	f := field{name: def.Name, target: schema.Types[def.Type.Name()]}
	switch {
	case def.Directives.ForName("property") != nil:
		f.kind = property
	case def.Directives.ForName("request") != nil:
		f.kind = request
	case def.Directives.ForName("navigation") != nil:
		f.kind = navigation
		args := def.Directives.ForName("navigation").ArgumentMap(nil)
		f.expand, _ = args["expand"].(bool)
		f.carries = namesOf(args["carries"])
	}
	return f
}

func namesOf(list any) msgraph.Names {
	items, _ := list.([]any)
	names := make([]string, len(items))
	for i, item := range items {
		names[i], _ = item.(string)
	}
	return msgraph.NamesOf(names...)
}

// selectName is the name of a field of a concrete type in a $select of an endpoint that answers the declared type: a
// property of a derived type is qualified with it.
// https://docs.oasis-open.org/odata/odata/v4.01/odata-v4.01-part2-url-conventions.html, section 5.1.4
func (c *catalog) selectName(declared, concrete *ast.Definition, name string) string {
	if declared == concrete {
		return name
	}
	if _, inherited := c.fields[declared.Name][name]; inherited {
		return name
	}
	return c.namespaces[concrete.Name] + "/" + name
}

// concrete returns the type of the entity with this id where the declared type is an interface.
func (c *catalog) concrete(declared *ast.Definition, id string) *ast.Definition {
	if declared.Kind != ast.Interface {
		return declared
	}
	return c.schema.Types[entities[declared.Name].concrete(id)]
}

// applies reports whether a fragment on a type condition applies to a concrete type.
func (c *catalog) applies(condition string, concrete *ast.Definition) bool {
	if condition == "" {
		return true
	}
	_, ok := c.satisfies[concrete.Name][condition]
	return ok
}

// index parses a list index in a JSON path.
func index(step string) (int, bool) {
	i, err := strconv.Atoi(step)
	return i, err == nil
}
