package graph

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"portico/graph/coerce"
	"portico/graph/generated"
	"portico/loaders"
	"portico/threatintel"
)

var _ generated.Subgraph = (*Resolver)(nil)

// Entities answers the representations that a gateway sends, in their order: null for what Microsoft Graph does not know,
// null and one error for what failed or can be no entity.
func (*Resolver) Entities(ctx context.Context, _ []any) []threatintel.Node {
	s, asks := resolving(ctx)
	given := asks.represented
	all, seeks, errs := make([]threatintel.Node, len(given)), make([]sought, len(given)), make([]error, len(given))
	for i, r := range given {
		seeks[i], errs[i] = s.seekRepresented(r)
	}
	operationOf(ctx).settle(ctx, seeks)
	for i, e := range seeks {
		item := graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i))
		if errs[i] == nil {
			all[i], errs[i] = represented(item, s, e)
		}
		if errs[i] != nil {
			graphql.AddError(item, errs[i])
		}
	}
	return all
}

// Service tells a gateway what it composes this subgraph from.
func (*Resolver) Service(context.Context) (generated.Service, error) {
	return generated.Service{Sdl: serviceSDL()}, nil
}

// seekRepresented reads what is asked of the entity that a representation names. The gateway has its key from a subgraph
// that vouches for it, so that nothing is asked where no more is wanted.
func (s selection) seekRepresented(r representation) (e sought, err error) {
	if r.refused != nil {
		return e, r.refused
	}
	e.target, e.needed = s.target(r.on, threatintel.Reference{ID: r.id})
	e.own = !e.needed.isCarriedBy("")
	return e, nil
}

// represented answers with the entity that a representation names.
func represented(ctx context.Context, s selection, e sought) (threatintel.Node, error) {
	place := func(path []string) []ast.Path { return s.inner(e.concrete, path) }
	return one(ctx, e, entities[e.endpoint.Name].fetch, e.id, place)
}

// representation is an entity as another subgraph knows it: its type and its key, or why it is refused.
type representation struct {
	key
	on *ast.Definition
}

// represented returns the steps for what representations name, for each entity once. Those that can be no entity are left
// to the resolver, which reports them at their path.
func (p *planner) represented(given []representation, s selection) (steps []loaders.Step) {
	seen := map[representation]bool{}
	for _, r := range given {
		if r.refused == nil && !seen[r] {
			seen[r] = true
			steps = append(steps, p.reference(follow{target: r.on, selected: s}, threatintel.Reference{ID: r.id})...)
		}
	}
	return steps
}

// representations reads those that the arguments hold, if any.
func (r *reading) representations(args map[string]any) []representation {
	given, _ := args["representations"].([]any)
	all := make([]representation, len(given))
	for i, one := range given {
		all[i] = r.representation(one)
	}
	return all
}

func (r *reading) representation(given any) representation {
	members, _ := given.(map[string]any)
	named, _ := members["__typename"].(string)
	if !slices.Contains(facts.schema.Types["_Entity"].Types, named) {
		return unrepresented(&threatintel.InputError{Reason: fmt.Sprintf("a representation needs a __typename that has a key here, and %q has none", named)})
	}
	id, ok := coerce.ID(members["id"])
	if !ok {
		return unrepresented(&threatintel.InputError{Reason: "a representation of " + named + " needs an id"})
	}
	on, k := facts.schema.Types[named], r.key(named, id)
	if k.refused != nil {
		return unrepresented(k.refused)
	}
	if is := concrete(endpoint(on), threatintel.Reference{ID: k.id}); is != on {
		return unrepresented(&threatintel.IDError{Reason: "is of the type " + is.Name + ", and not of " + named})
	}
	return representation{k, on}
}

func unrepresented(why error) representation { return representation{key: key{refused: why}} }

// serviceSDL is the schema for composition: without what every subgraph has, and without what is only for Portico. A
// gateway would drop directives that it does not know, and keep the types that only they use.
var serviceSDL = sync.OnceValue(func() string {
	composed := composition{schema: facts.schema, kept: map[string]bool{}, dropped: map[string]bool{}}
	composed.read()
	var text strings.Builder
	formatter.NewFormatter(&text, formatter.WithIndent("  ")).FormatSchema(composed.copy())
	return text.String()
})

// composition is what of a schema a gateway is told.
type composition struct {
	schema  *ast.Schema
	kept    map[string]bool // directives: those of GraphQL itself, and those that are imported
	dropped map[string]bool // types that serve a directive
}

func (c *composition) read() {
	for _, link := range c.schema.SchemaDirectives.ForNames("link") {
		for _, name := range texts(link.ArgumentMap(nil)["import"]) {
			c.kept[strings.TrimPrefix(name, "@")] = true
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
	out := &ast.Schema{Query: c.schema.Query, SchemaDirectives: c.schema.SchemaDirectives, Types: map[string]*ast.Definition{}}
	for name, def := range c.schema.Types {
		if !def.BuiltIn && !c.dropped[name] && !ofEverySubgraph(name) {
			out.Types[name] = c.definition(def)
		}
	}
	return out
}

// ofEverySubgraph reports whether a name is reserved for what all subgraphs have, or for introspection.
func ofEverySubgraph(name string) bool { return strings.HasPrefix(name, "_") }

func (c *composition) definition(def *ast.Definition) *ast.Definition {
	out := *def
	out.Directives = c.directives(def.Directives)
	out.Fields = nil
	for _, f := range def.Fields {
		if !ofEverySubgraph(f.Name) {
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
