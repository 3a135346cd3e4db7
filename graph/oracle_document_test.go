package graph

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
)

// randomRequest is the body of a request with a random document.
func randomRequest(seed uint64) string { return newDocumentMaker(seed, 11).request() }

// randomDeferred is the body of a request with a random document that defers fragments.
func randomDeferred(seed uint64) string {
	g := newDocumentMaker(seed, 12)
	g.defers = true
	return g.request()
}

func newDocumentMaker(seed, stream uint64) *documentMaker {
	return &documentMaker{dice: rand.New(rand.NewPCG(seed, stream)), given: map[string]any{}}
}

func (g *documentMaker) request() string {
	text := "{" + g.roots() + "}" + strings.Join(g.fragments, " ")
	if strings.Contains(text, "$yes") {
		g.variables, g.given["yes"] = append(g.variables, "$yes: Boolean!"), true
	}
	if strings.Contains(text, "$no") {
		g.variables = append(g.variables, "$no: Boolean = false")
	}
	if len(g.variables) > 0 {
		text = "query (" + strings.Join(g.variables, ", ") + ") " + text
	}
	return string(marshal(map[string]any{"query": text, "variables": g.given}))
}

// documentMaker makes valid documents: with aliases, fragments, conditions, repetitions, and every type of the schema.
type documentMaker struct {
	defers    bool // some fragments are deferred, also inside each other
	dice      *rand.Rand
	names     int
	fragments []string
	variables []string       // as they are declared
	given     map[string]any // their values
}

func (g *documentMaker) roots() string {
	var b strings.Builder
	for wrote, want := 0, 1+g.dice.IntN(2); wrote < want; {
		if field := g.root(); field != "" {
			b.WriteString(field)
			wrote++
		}
	}
	return b.String()
}

// root writes a field of the query, or nothing.
func (g *documentMaker) root() string {
	var b strings.Builder
	field := plan.Schema.Query.Fields[g.dice.IntN(len(plan.Schema.Query.Fields))]
	if g.field(&b, field, 4) && g.defers && g.dice.IntN(8) == 0 {
		return "..." + g.deferral() + "{" + b.String() + "} "
	}
	return b.String()
}

func (g *documentMaker) name(prefix string) string {
	g.names++
	return fmt.Sprintf("%s%d", prefix, g.names)
}

func (g *documentMaker) field(b *strings.Builder, f *ast.FieldDefinition, depth int) bool {
	target := plan.Schema.Types[f.Type.Name()]
	if strings.HasPrefix(f.Name, "__") || f.Name == "_service" || (depth < 1 && !target.IsLeafType()) {
		return false
	}
	args := g.args(f)
	if args != "" || isAmbiguous(f) || g.dice.IntN(5) == 0 {
		b.WriteString(g.name("a") + ": ")
	}
	b.WriteString(f.Name + args + g.condition())
	if !target.IsLeafType() {
		b.WriteString(g.selection(target, depth-1))
	}
	b.WriteString(" ")
	return true
}

// isAmbiguous reports whether another type has a field of the same name that returns another type: in one selection, the
// two need aliases.
func isAmbiguous(f *ast.FieldDefinition) bool {
	for _, def := range plan.Schema.Types {
		if other := def.Fields.ForName(f.Name); other != nil && other.Type.String() != f.Type.String() {
			return true
		}
	}
	return false
}

func (g *documentMaker) condition() string {
	if g.dice.IntN(4) > 0 {
		return ""
	}
	return []string{" @include(if: $yes)", " @skip(if: $no)", " @include(if: $no)", " @skip(if: true)"}[g.dice.IntN(4)]
}

func (g *documentMaker) selection(on *ast.Definition, depth int) string {
	var b strings.Builder
	b.WriteString("{ __typename ")
	fields := slices.Clone(on.Fields)
	g.dice.Shuffle(len(fields), func(i, j int) { fields[i], fields[j] = fields[j], fields[i] })
	for i, f := range fields {
		if i > 1 && g.dice.IntN(3) > 0 {
			break
		}
		if g.field(&b, f, depth) && g.dice.IntN(8) == 0 { // once more, with another selection
			g.field(&b, f, depth)
		}
	}
	for _, possible := range plan.Schema.GetPossibleTypes(on) {
		if depth > 0 && (on.IsAbstractType() || g.dice.IntN(6) == 0) && g.dice.IntN(3) == 0 {
			b.WriteString(g.fragment(possible, depth-1))
		}
	}
	if g.defers && depth > 0 && g.dice.IntN(2) == 0 {
		b.WriteString(g.fragment(on, depth-1))
	}
	b.WriteString("}")
	return b.String()
}

func (g *documentMaker) fragment(on *ast.Definition, depth int) string {
	if g.dice.IntN(2) == 0 {
		return "... on " + on.Name + g.condition() + g.deferral() + g.selection(on, depth) + " "
	}
	name := g.name("F")
	g.fragments = append(g.fragments, "fragment "+name+" on "+on.Name+g.selection(on, depth))
	return "..." + name + g.condition() + g.deferral() + " "
}

func (g *documentMaker) deferral() string {
	if !g.defers || g.dice.IntN(3) == 0 {
		return ""
	}
	return []string{" @defer", fmt.Sprintf(" @defer(label: %q)", g.name("label")), " @defer(if: $yes)", " @defer(if: $no)"}[g.dice.IntN(4)]
}

// args writes arguments, or variables that have their values.
func (g *documentMaker) args(f *ast.FieldDefinition) string {
	var all []string
	for _, arg := range f.Arguments {
		if arg.Name == "after" || !arg.Type.NonNull && arg.Name != "search" && g.dice.IntN(2) == 0 {
			continue
		}
		value := g.argument(f, arg)
		if g.dice.IntN(3) == 0 {
			value = g.variable(arg, value)
		}
		all = append(all, arg.Name+": "+literal(value))
	}
	if len(all) == 0 {
		return ""
	}
	return "(" + strings.Join(all, ", ") + ")"
}

// variable declares a variable with a value, which is given, or is the default.
func (g *documentMaker) variable(arg *ast.ArgumentDefinition, value any) unquotedText {
	name := g.name("v")
	declared := "$" + name + ": " + arg.Type.String()
	if g.dice.IntN(3) == 0 {
		declared += " = " + literal(value)
	} else {
		g.given[name] = value
	}
	g.variables = append(g.variables, declared)
	return unquotedText("$" + name)
}

func (g *documentMaker) argument(f *ast.FieldDefinition, arg *ast.ArgumentDefinition) any {
	switch arg.Name {
	case "id":
		return g.id(f)
	case "ids":
		return []any{g.id(f), g.id(f), g.id(f)}
	case "representations":
		return []any{
			map[string]any{"__typename": "IpAddress", "id": "198.51.100.1"},
			map[string]any{"__typename": "HostPort", "id": "x"},
			map[string]any{"__typename": g.representable(), "id": g.id(f)},
			map[string]any{"__typename": "Nothing"},
		}
	case "first":
		return g.dice.IntN(7)
	}
	return g.input(arg.Type)
}

// representable is the name of a type that a gateway may ask for.
func (g *documentMaker) representable() string {
	possible := plan.Schema.GetPossibleTypes(plan.Schema.Types["Node"])
	return possible[g.dice.IntN(len(possible))].Name
}

// input is a value of an input type.
func (g *documentMaker) input(of *ast.Type) any {
	if of.Elem != nil {
		items := make([]any, g.dice.IntN(3))
		for i := range items {
			items[i] = g.input(of.Elem)
		}
		return items
	}
	def := plan.Schema.Types[of.Name()]
	switch {
	case def.Kind == ast.Enum:
		return unquotedText(def.EnumValues[g.dice.IntN(len(def.EnumValues))].Name)
	case def.Name == "DateTimeRange":
		return map[string]any{"from": "2001-01-01", "to": "2024-01-01T00:00:00+02:00"}
	case def.Kind == ast.InputObject:
		return g.inputObject(def)
	case def.Name == "Int":
		return g.dice.IntN(900)
	case def.Name == "Boolean":
		return g.dice.IntN(2) == 0
	case def.Name == "DateTime":
		return "2015-01-01T00:00:00Z"
	}
	texts := []string{"plain", "a", "198.51.100.1", "contoso.com", strings.Repeat("0", 40), "1"}
	return texts[g.dice.IntN(len(texts))]
}

func (g *documentMaker) inputObject(def *ast.Definition) map[string]any {
	members := g.dice.IntN(3)
	if def.Directives.ForName("oneOf") != nil {
		members = 1
	}
	object := map[string]any{}
	for range members {
		member := def.Fields[g.dice.IntN(len(def.Fields))]
		object[member.Name] = g.input(member.Type)
	}
	return object
}

// unquotedText is what stands in a document without quotes: the member of an enumeration, or a variable.
type unquotedText string

// literal writes a value in a document.
func literal(value any) string {
	var all []string
	switch v := value.(type) {
	case unquotedText:
		return string(v)
	case []any:
		for _, item := range v {
			all = append(all, literal(item))
		}
		return "[" + strings.Join(all, ", ") + "]"
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			all = append(all, name+": "+literal(v[name]))
		}
		return "{" + strings.Join(all, ", ") + "}"
	}
	return string(marshal(value))
}

// id is one that the field's type may have, or that is refused.
func (g *documentMaker) id(f *ast.FieldDefinition) string {
	target := f.Type.Name()
	ids := []string{"x", "item-1", "MTk4LjUxLjEwMC4xJCQ0NDM=", "contoso.com"}
	switch target {
	case "Host":
		ids = []string{"198.51.100.1", "198.51.100.2", "contoso.com", "www.contoso.com", "not a host"}
	case "Node":
		ids = []string{"198.51.100.1", "HostPort:x", "Article:y", "nothing"}
	}
	return ids[g.dice.IntN(len(ids))]
}
