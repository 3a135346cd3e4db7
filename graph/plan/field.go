package plan

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/msgraph"
)

// Field is one field of the schema as it is upstream.
type Field struct {
	Name string
	// Owner is the type that the field was declared on first: an interface, if one has it.
	Owner string
	// Target is the type of the field's value, without list and non-null. For a connection it is the type of the nodes.
	Target *ast.Definition
	// Connection is the type of the connection, nil for any other field.
	Connection *ast.Definition
	// Carries names the properties that a reference to the target holds, from @navigation.
	Carries msgraph.Names

	kind       kind
	expandable bool     // from @navigation
	from       []string // from @computed
	// back is the navigation property by which what a request returns refers to its owner; empty where it has none.
	back string
	// takes are the system query options of @request, filters and sorts the properties that two of them take.
	takes          map[string]bool
	filters, sorts msgraph.Names
	// where, orderBy and search are the types of these arguments of a list, empty where it has none.
	where, orderBy, search string
}

// kind is what a field is upstream.
type kind int

const (
	kindPlain      kind = iota // part of a complex type, the key, or introspection: nothing to request
	kindProperty               // @property
	kindNavigation             // @navigation
	kindComputed               // @computed
	kindRequest                // @request
)

func newField(schema *ast.Schema, owner *ast.Definition, def *ast.FieldDefinition) *Field {
	f := &Field{Name: def.Name, Owner: owner.Name, Target: schema.Types[def.Type.Name()]}
	for _, wider := range schema.GetImplements(owner) {
		if wider.Fields.ForName(def.Name) != nil {
			f.Owner = wider.Name
		}
	}
	switch {
	case def.Directives.ForName("property") != nil:
		f.kind = kindProperty
	case def.Directives.ForName("computed") != nil:
		f.kind = kindComputed
		f.from = texts(def.Directives.ForName("computed").ArgumentMap(nil)["from"])
	case def.Directives.ForName("request") != nil:
		f.kind = kindRequest
		f.readRequest(schema, def)
	case def.Directives.ForName("navigation") != nil:
		f.kind = kindNavigation
		f.readNavigation(def)
	}
	return f
}

func (f *Field) readNavigation(def *ast.FieldDefinition) {
	args := def.Directives.ForName("navigation").ArgumentMap(nil)
	f.expandable, _ = args["expand"].(bool)
	f.Carries = msgraph.NamesOf(texts(args["carries"])...)
}

func (f *Field) readRequest(schema *ast.Schema, def *ast.FieldDefinition) {
	f.takes = map[string]bool{}
	args := def.Directives.ForName("request").ArgumentMap(nil)
	f.back, _ = args["owner"].(string)
	for _, system := range texts(args["takes"]) {
		f.takes[system] = true
	}
	f.filters, f.sorts = msgraph.NamesOf(texts(args["filters"])...), msgraph.NamesOf(texts(args["sorts"])...)
	if nodes := f.Target.Fields.ForName("nodes"); nodes != nil && strings.HasSuffix(f.Target.Name, "Connection") {
		f.Connection, f.Target = f.Target, schema.Types[nodes.Type.Name()]
	}
	f.where, f.orderBy, f.search = typeOf(def, "where"), typeOf(def, "orderBy"), typeOf(def, "search")
}

// typeOf returns the name of the type of an argument, empty if there is no such argument.
func typeOf(def *ast.FieldDefinition, argument string) string {
	if arg := def.Arguments.ForName(argument); arg != nil {
		return arg.Type.Name()
	}
	return ""
}

func argumentOf(directives ast.DirectiveList, directive, name string) (string, bool) {
	d := directives.ForName(directive)
	if d == nil {
		return "", false
	}
	text, ok := d.ArgumentMap(nil)[name].(string)
	return text, ok
}

func texts(list any) []string {
	items, _ := list.([]any)
	all := make([]string, len(items))
	for i, item := range items {
		all[i], _ = item.(string)
	}
	return all
}
