package plan

import (
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/generated"
)

// Schema is the schema that this binary was built with.
var Schema = generated.NewExecutableSchema(generated.Config{}).Schema()

// catalog holds what Schema says of each field upstream, read once from its directives.
var catalog = newFieldCatalog(Schema)

type fieldCatalog struct {
	schema    *ast.Schema
	fields    map[string]map[string]*Field   // by type, by field
	satisfies map[string]map[string]struct{} // by concrete type: itself and its interfaces
	objects   map[string][]*ast.Definition   // by type: the object types that it may be
	wire      map[string]string              // by "Enum.MEMBER": what is sent
	// conditions are by the type of an argument `where`.
	conditions map[string][]condition
}

func newFieldCatalog(schema *ast.Schema) *fieldCatalog {
	c := &fieldCatalog{
		schema:     schema,
		fields:     map[string]map[string]*Field{},
		satisfies:  map[string]map[string]struct{}{},
		objects:    map[string][]*ast.Definition{},
		wire:       map[string]string{},
		conditions: map[string][]condition{},
	}
	for _, def := range schema.Types {
		if def.BuiltIn {
			continue
		}
		c.addText(def)
		if def.Kind == ast.InputObject {
			c.conditions[def.Name] = conditionsOf(def)
		}
		if def.IsCompositeType() {
			c.addObjects(def)
		}
	}
	return c
}

// addText reads the directives that map a name of the schema to text upstream.
func (c *fieldCatalog) addText(def *ast.Definition) {
	for _, member := range def.EnumValues {
		if text, ok := argumentOf(member.Directives, "wire", "text"); ok {
			c.wire[def.Name+"."+member.Name] = text
		}
	}
	for _, f := range def.Fields {
		if text, ok := argumentOf(f.Directives, "wire", "text"); ok {
			c.wire[def.Name+"."+f.Name] = text
		}
	}
}

func (c *fieldCatalog) addObjects(def *ast.Definition) {
	for _, possible := range c.schema.GetPossibleTypes(def) {
		if possible.Kind == ast.Object { // an interface is a possible type of those that it implements
			c.objects[def.Name] = append(c.objects[def.Name], possible)
		}
	}
	if def.Kind == ast.Union {
		return
	}
	c.fields[def.Name] = make(map[string]*Field, len(def.Fields))
	for _, f := range def.Fields {
		c.fields[def.Name][f.Name] = newField(c.schema, def, f)
	}
	c.satisfies[def.Name] = map[string]struct{}{def.Name: {}}
	for _, wider := range c.schema.GetImplements(def) {
		c.satisfies[def.Name][wider.Name] = struct{}{}
	}
}

// field returns what a field of a type is upstream. Fields of introspection are nothing.
func (c *fieldCatalog) field(on, name string) *Field {
	if f := c.fields[on][name]; f != nil {
		return f
	}
	return &nothing
}

var nothing Field

// applies reports whether a fragment on a type condition applies to a concrete type.
func (c *fieldCatalog) applies(condition string, concrete *ast.Definition) bool {
	if condition == "" || condition == concrete.Name {
		return true
	}
	_, ok := c.satisfies[concrete.Name][condition]
	return ok
}
