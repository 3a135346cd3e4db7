package graph

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/generated"
	"portico/msgraph"
)

// catalog is what the schema says of each field upstream, read once from its directives.
type catalog struct {
	schema    *ast.Schema
	fields    map[string]map[string]*field   // by type, by field
	satisfies map[string]map[string]struct{} // by concrete type: itself and its interfaces
	objects   map[string][]*ast.Definition   // by type: the object types that it may be
	wire      map[string]string              // by "Enum.MEMBER": what is sent
	reads     map[string]string              // by "Input.field": the property that a condition of ours reads
}

// field is one field of the schema as it is upstream.
type field struct {
	name string
	kind kind
	// owner is the type that the field was declared on first: an interface, if one has it.
	owner string
	// target is the type of what is behind the field, without list and non-null; of a connection, what its nodes are.
	target *ast.Definition
	// connection is the type of the connection, nil for what is none.
	connection *ast.Definition
	// expand and carries are the arguments of @navigation.
	expand  bool
	carries msgraph.Names
	// takes are the system query options of @request, args the arguments that become one.
	takes map[string]bool
	args  []argument
}

// argument is an argument that becomes a system query option.
type argument struct {
	name, option string
	property     string // of @filter
	required     bool   // of @search
	named        string // the type of its value; where that is an input, of its member "field"
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
		schema:    schema,
		fields:    map[string]map[string]*field{},
		satisfies: map[string]map[string]struct{}{},
		objects:   map[string][]*ast.Definition{},
		wire:      map[string]string{},
		reads:     map[string]string{},
	}
	for _, def := range schema.Types {
		if !def.BuiltIn {
			c.add(def)
		}
	}
	return c
}

func (c *catalog) add(def *ast.Definition) {
	for _, member := range def.EnumValues {
		if text, ok := argumentOf(member.Directives, "wire", "text"); ok {
			c.wire[def.Name+"."+member.Name] = text
		}
	}
	fields := make(map[string]*field, len(def.Fields))
	for _, f := range def.Fields {
		if read, ok := argumentOf(f.Directives, "reads", "property"); ok {
			c.reads[def.Name+"."+f.Name] = read
		}
		fields[f.Name] = c.fieldOf(def, f)
	}
	if !def.IsCompositeType() {
		return
	}
	for _, possible := range c.schema.GetPossibleTypes(def) {
		if possible.Kind == ast.Object { // an interface is a possible type of those that it implements
			c.objects[def.Name] = append(c.objects[def.Name], possible)
		}
	}
	if def.Kind == ast.Union {
		return
	}
	c.fields[def.Name] = fields
	c.satisfies[def.Name] = map[string]struct{}{def.Name: {}}
	for _, wider := range c.schema.GetImplements(def) {
		c.satisfies[def.Name][wider.Name] = struct{}{}
	}
}

func argumentOf(directives ast.DirectiveList, directive, name string) (string, bool) {
	d := directives.ForName(directive)
	if d == nil {
		return "", false
	}
	text, ok := d.ArgumentMap(nil)[name].(string)
	return text, ok
}

func (c *catalog) fieldOf(owner *ast.Definition, def *ast.FieldDefinition) *field {
	f := &field{name: def.Name, owner: owner.Name, target: c.schema.Types[def.Type.Name()]}
	for _, wider := range c.schema.GetImplements(owner) {
		if wider.Fields.ForName(def.Name) != nil {
			f.owner = wider.Name
		}
	}
	switch {
	case def.Directives.ForName("property") != nil:
		f.kind = property
	case def.Directives.ForName("request") != nil:
		f.kind = request
		f.readRequest(c.schema, def)
	case def.Directives.ForName("navigation") != nil:
		f.kind = navigation
		args := def.Directives.ForName("navigation").ArgumentMap(nil)
		f.expand, _ = args["expand"].(bool)
		f.carries = msgraph.NamesOf(texts(args["carries"])...)
	}
	return f
}

func (f *field) readRequest(schema *ast.Schema, def *ast.FieldDefinition) {
	f.takes = map[string]bool{}
	for _, option := range texts(def.Directives.ForName("request").ArgumentMap(nil)["takes"]) {
		f.takes[option] = true
	}
	if nodes := f.target.Fields.ForName("nodes"); nodes != nil && strings.HasSuffix(f.target.Name, "Connection") {
		f.connection, f.target = f.target, schema.Types[nodes.Type.Name()]
	}
	for _, arg := range def.Arguments {
		for _, option := range []string{"filter", "orderby", "search"} {
			if arg.Directives.ForName(option) != nil {
				f.args = append(f.args, argumentFor(schema, arg, option))
			}
		}
	}
}

func argumentFor(schema *ast.Schema, def *ast.ArgumentDefinition, option string) argument {
	values := def.Directives.ForName(option).ArgumentMap(nil)
	a := argument{name: def.Name, option: option, named: def.Type.Name()}
	a.property, _ = values["property"].(string)
	a.required, _ = values["required"].(bool)
	if of := schema.Types[a.named].Fields.ForName("field"); of != nil {
		a.named = of.Type.Name()
	}
	return a
}

func texts(list any) []string {
	items, _ := list.([]any)
	all := make([]string, len(items))
	for i, item := range items {
		all[i], _ = item.(string)
	}
	return all
}

// field is what a field of a type is upstream: nothing, for what introspection adds.
func (c *catalog) field(on, name string) *field {
	if f := c.fields[on][name]; f != nil {
		return f
	}
	return &nothing
}

var nothing field

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
	return namespace + strings.ToLower(concrete.Name[:1]) + concrete.Name[1:] + "/" + name
}

// applies reports whether a fragment on a type condition applies to a concrete type.
func (c *catalog) applies(condition string, concrete *ast.Definition) bool {
	if condition == "" || condition == concrete.Name {
		return true
	}
	_, ok := c.satisfies[concrete.Name][condition]
	return ok
}
