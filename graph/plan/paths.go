package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Paths translates a path of property names in the response of one entity into the paths of the GraphQL response, below
// the field, where the selection shows the value, each once; none, if it does not. At the end of a path there is one
// empty path. The inside of a scalar is the scalar. A computed field shows all of the properties that it needs.
func (s Selection) Paths(on *ast.Definition, path []string) []ast.Path {
	return distinct(s.paths(on, path))
}

func (s Selection) paths(on *ast.Definition, path []string) []ast.Path {
	if len(path) == 0 {
		return []ast.Path{nil}
	}
	i, isIndex := Index(path[0])
	switch {
	case isIndex && on.IsLeafType():
		return []ast.Path{{ast.PathIndex(i)}}
	case isIndex:
		return prefixed(ast.PathIndex(i), s.paths(on, path[1:]))
	}
	var paths []ast.Path
	for _, concrete := range catalog.objects[on.Name] {
		paths = append(paths, s.pathsAs(concrete, path)...)
	}
	return paths
}

// pathsAs is paths for one concrete type.
func (s Selection) pathsAs(concrete *ast.Definition, path []string) (paths []ast.Path) {
	known := catalog.fields[concrete.Name]
	name := schemaName(known, path[0])
	s.each(concrete, func(f *ast.Field, _ bool) {
		switch field := known[f.Name]; {
		case field != nil && slices.Contains(field.from, name):
			paths = append(paths, ast.Path{ast.PathName(f.Alias)})
		case f.Name == name:
			paths = append(paths, prefixed(ast.PathName(f.Alias), s.inside(f).paths(field.Target, path[1:]))...)
		}
	})
	return paths
}

// distinct leaves out paths that are there before. A field that occurs twice under one name is one place.
func distinct(paths []ast.Path) []ast.Path {
	seen := map[string]bool{}
	return slices.DeleteFunc(paths, func(path ast.Path) bool {
		text := path.String()
		found := seen[text]
		seen[text] = true
		return found
	})
}

// Paths translates a path in the response of a list, which begins with "value" and an index, into those of the GraphQL
// response.
func (p Page) Paths(path []string) (all []ast.Path) {
	if len(path) < 2 || path[0] != "value" {
		return nil
	}
	i, ok := Index(path[1])
	if i -= p.After.Drop; !ok || i < 0 || i >= p.First {
		return nil
	}
	return p.PathsOfItem(i, p.Target, path[2:])
}

// PathsOfItem translates a path in an item that is returned, of a type, into those of the GraphQL response.
func (p Page) PathsOfItem(i int, on *ast.Definition, path []string) (all []ast.Path) {
	if len(path) == 1 && path[0] == "id" {
		path = nil // without its id an item is null
	}
	s := p.Selection
	s.each(p.Connection, func(f *ast.Field, _ bool) {
		at := func(rest []ast.Path) {
			all = append(all, prefixed(ast.PathName(f.Alias), prefixed(ast.PathIndex(i), rest))...)
		}
		switch f.Name {
		case "nodes":
			at(s.inside(f).paths(on, path))
		case "edges":
			s.inside(f).each(p.edge(), func(node *ast.Field, _ bool) {
				if node.Name == "node" {
					at(prefixed(ast.PathName(node.Alias), s.inside(node).paths(on, path)))
				}
			})
		}
	})
	return distinct(all)
}

// edge is the type of the connection's edges.
func (c Call) edge() *ast.Definition {
	return catalog.field(c.Connection.Name, "edges").Target
}

func prefixed(first ast.PathElement, rest []ast.Path) []ast.Path {
	for i := range rest {
		rest[i] = append(ast.Path{first}, rest[i]...)
	}
	return rest
}

// schemaName is the field that shows a property. They are letter for letter the same, but for a plural that the
// published examples lack: alternateName.
func schemaName(known map[string]*Field, property string) string {
	if _, ok := known[property]; !ok && !strings.HasSuffix(property, "s") {
		return property + "s"
	}
	return property
}

// Index parses a list index in a path of property names.
func Index(step string) (int, bool) {
	i, err := strconv.Atoi(step)
	return i, err == nil
}
