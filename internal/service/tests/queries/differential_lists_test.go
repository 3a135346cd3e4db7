package queries_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"portico/internal/service/servicetest"
	"portico/internal/service/servicetest/naive"

	"github.com/vektah/gqlparser/v2/ast"
)

// worldValues are values of the world, by type of the schema and path, so that conditions and searches find something.
type worldValues struct {
	*servicetest.Service
	t     testing.TB
	ids   map[string][]string
	known map[string][]string
}

// of returns values, without empty texts, that entities of a type have at a path.
func (w *worldValues) of(named, path string) []string {
	if named == "Host" {
		return w.ids["IpAddress"]
	}
	key := named + "." + path
	if all, ok := w.known[key]; ok {
		return all
	}
	all := []string{unknownValue(path)}
	for i, id := range w.ids[named] {
		if set := servicetest.SetOf[named]; set != "" && i%(1+len(w.ids[named])/8) == 0 {
			for _, value := range naive.At(w.DirectEntity(w.t, set, id), path) {
				if text := fmt.Sprint(value); text != "" { // no condition takes it
					all = append(all, text)
				}
			}
		}
	}
	slices.Sort(all)
	w.known[key] = slices.Compact(all)
	return w.known[key]
}

// unknownValue returns a value that no entity has at a path, and that a condition takes.
func unknownValue(path string) string {
	switch {
	case strings.HasSuffix(path, "sha1"), strings.HasSuffix(path, "fingerprint"):
		return strings.Repeat("0", 40)
	case strings.HasSuffix(path, "serialNumber"):
		return "1"
	}
	return "x"
}

// listArgs writes the arguments of a list.
func (g *generator) listArgs(field *ast.FieldDefinition) string {
	args := []string{fmt.Sprintf("first: %d", g.dice.IntN(4))}
	node := servicetest.Schema.Types[field.Type.Name()].Fields.ForName("nodes").Type.Name()
	for _, arg := range field.Arguments {
		def := servicetest.Schema.Types[arg.Type.Name()]
		switch arg.Name {
		case "search":
			if arg.Type.NonNull || g.dice.IntN(2) == 0 {
				args = append(args, "search: "+g.search(def, node, ""))
			}
		case "where":
			if g.dice.IntN(2) == 0 {
				args = append(args, "where: "+g.where(def, node))
			}
		case "orderBy":
			if g.dice.IntN(2) == 0 {
				args = append(args, "orderBy: "+def.EnumValues[g.dice.IntN(len(def.EnumValues))].Name)
			}
		}
	}
	return "(" + strings.Join(args, ", ") + ")"
}

// where writes up to three conditions.
func (g *generator) where(def *ast.Definition, node string) string {
	members := map[string]string{}
	for range g.dice.IntN(4) {
		member := def.Fields[g.dice.IntN(len(def.Fields))]
		members[member.Name] = g.condition(member, node)
	}
	var all []string
	for _, member := range def.Fields {
		if value, chosen := members[member.Name]; chosen {
			all = append(all, member.Name+": "+value)
		}
	}
	return "{" + strings.Join(all, ", ") + "}"
}

func (g *generator) condition(member *ast.FieldDefinition, node string) string {
	def := servicetest.Schema.Types[member.Type.Name()]
	one := func() string { return g.value(member, def, node) }
	switch {
	case g.dice.IntN(20) == 0:
		return "null"
	case member.Type.Elem == nil || g.dice.IntN(3) == 0:
		return one()
	case g.dice.IntN(20) == 0:
		return "[]"
	}
	return "[" + one() + ", " + one() + "]"
}

// value writes a value of a condition, most often one that the world has.
func (g *generator) value(member *ast.FieldDefinition, def *ast.Definition, node string) string {
	paths := naive.PathsOf(member.Name)
	has := g.one(g.world.of(node, paths[g.dice.IntN(len(paths))])...)
	switch def.Name {
	case "Int":
		if _, err := strconv.Atoi(has); err != nil {
			return "443"
		}
		return has
	case "Boolean":
		return g.one("true", "false")
	case "DateTime":
		return strconv.Quote(g.date(has))
	case "DateTimeRange":
		ends := []string{g.date(has), g.date(g.one(g.world.of(node, paths[0])...))}
		slices.Sort(ends)
		return fmt.Sprintf("{from: %q, to: %q}", ends[0], ends[1])
	}
	switch {
	case def.Kind == ast.Enum:
		return def.EnumValues[g.dice.IntN(len(def.EnumValues))].Name
	case member.Name == "linkKind": // Microsoft Graph compares
		return strconv.Quote(has)
	case strings.HasSuffix(member.Name, "Contains"):
		has = has[len(has)/3:]
	}
	return strconv.Quote(g.one(has, strings.ToUpper(has), strings.ToLower(has)))
}

// date returns a time, or its day.
func (g *generator) date(text string) string {
	if servicetest.Time(text).IsZero() {
		text = "2021-03-01T00:00:00Z"
	}
	return g.one(text, text[:len("2021-03-01")])
}

// search writes a word of a title, or a property that an entity of the world has.
func (g *generator) search(def *ast.Definition, node, path string) string {
	if def.Name == "String" {
		words := strings.Fields(g.one(g.world.of(node, "title")...))
		return strconv.Quote(g.one(words...))
	}
	member := def.Fields[g.dice.IntN(len(def.Fields))]
	path += member.Name
	if member.Name == "nameserver" {
		path = "nameservers/host/id"
	}
	inner := servicetest.Schema.Types[member.Type.Name()]
	if inner.Kind == ast.InputObject {
		return "{" + member.Name + ": " + g.search(inner, node, path+"/") + "}"
	}
	return "{" + member.Name + ": " + strconv.Quote(g.one(g.world.of(node, path)...)) + "}"
}
