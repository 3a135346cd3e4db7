package graph

import (
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"portico/graph/plan"
)

// serviceSDL is the schema for composition: without what every subgraph has, and without what is only for Portico. A
// gateway would drop directives that it does not know, and keep the types that only they use.
var serviceSDL = sync.OnceValue(func() string {
	composed := composition{schema: plan.Schema, kept: map[string]bool{}, dropped: map[string]bool{}}
	composed.read()
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(composed.copy())
	return text.String()
})

// composition is the part of a schema that a gateway gets.
type composition struct {
	schema  *ast.Schema
	kept    map[string]bool // directives: those of GraphQL itself, and those that are imported
	dropped map[string]bool // types that serve a directive
	whole   bool            // also what every subgraph has, and what is only for clients without a gateway
}

func (c *composition) read() {
	for _, link := range c.schema.SchemaDirectives.ForNames("link") {
		names, _ := link.ArgumentMap(nil)["import"].([]any)
		for _, name := range names {
			text, _ := name.(string)
			c.kept[strings.TrimPrefix(text, "@")] = true
		}
	}
	for _, def := range c.schema.Directives {
		if def.Position.Src.BuiltIn {
			c.kept[def.Name] = true
			continue
		}
		for _, arg := range def.Arguments {
			c.dropped[arg.Type.Name()] = true
		}
	}
}

func (c *composition) copy() *ast.Schema {
	out := &ast.Schema{
		Query: c.schema.Query, SchemaDirectives: c.schema.SchemaDirectives,
		Types: map[string]*ast.Definition{},
	}
	for name, def := range c.schema.Types {
		if !def.BuiltIn && !c.dropped[name] && (c.whole || !ofEverySubgraph(name)) {
			out.Types[name] = c.definition(def)
		}
	}
	return out
}

// ofEverySubgraph reports whether a name is reserved for what all subgraphs have, or for introspection.
func ofEverySubgraph(name string) bool { return strings.HasPrefix(name, "_") }

// isRelay reports whether a field is only for clients that talk to Portico without a gateway. A gateway cannot send the
// fields of the root that every Relay server has to the subgraph that knows the id, and refuses them from two
// subgraphs. nodeId is for these fields, and the types of other subgraphs that implement Node do not have it.
func isRelay(on, name string) bool {
	return name == "nodeId" || (on == "Query" && (name == "node" || name == "nodes"))
}

func (c *composition) definition(def *ast.Definition) *ast.Definition {
	out := *def
	out.Directives = c.directives(def.Directives)
	out.Fields = nil
	for _, f := range def.Fields {
		if c.whole || (!ofEverySubgraph(f.Name) && !isRelay(def.Name, f.Name)) {
			out.Fields = append(out.Fields, c.field(f))
		}
	}
	out.EnumValues = nil
	for _, v := range def.EnumValues {
		value := *v
		value.Directives = c.directives(v.Directives)
		out.EnumValues = append(out.EnumValues, &value)
	}
	return &out
}

func (c *composition) field(f *ast.FieldDefinition) *ast.FieldDefinition {
	out := *f
	out.Directives = c.directives(f.Directives)
	out.Arguments = nil
	for _, a := range f.Arguments {
		arg := *a
		arg.Directives = c.directives(a.Directives)
		out.Arguments = append(out.Arguments, &arg)
	}
	return &out
}

func (c *composition) directives(applied ast.DirectiveList) (kept ast.DirectiveList) {
	for _, d := range applied {
		if c.kept[d.Name] {
			kept = append(kept, d)
		}
	}
	return kept
}
