package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Paths translates a path of property names in the response of one entity into the paths of the GraphQL response, below
// the field, where the selection shows the value; none, if it does not. At the end of a path there is one empty path.
// The inside of a scalar is the scalar. A computed field shows all of the properties that it needs.
func (s Selection) Paths(on *ast.Definition, path []string) []ast.Path {
	if len(path) == 0 {
		return []ast.Path{nil}
	}
	i, isIndex := Index(path[0])
	switch {
	case isIndex && on.IsLeafType():
		return []ast.Path{{ast.PathIndex(i)}}
	case isIndex:
		return prefixed(ast.PathIndex(i), s.Paths(on, path[1:]))
	}
	var paths []ast.Path
	seen := map[string]bool{}
	for _, concrete := range catalog.objects[on.Name] {
		paths = append(paths, s.pathsAs(concrete, path, seen)...)
	}
	return paths
}

// pathsAs is Paths for one concrete type. A name of the response that was seen is not repeated.
func (s Selection) pathsAs(concrete *ast.Definition, path []string, seen map[string]bool) (paths []ast.Path) {
	known := catalog.fields[concrete.Name]
	name := schemaName(known, path[0])
	s.each(concrete, func(f *ast.Field, _ bool) {
		computed := known[f.Name] != nil && slices.Contains(known[f.Name].from, name)
		if (f.Name != name && !computed) || seen[f.Alias] {
			return
		}
		if computed {
			seen[f.Alias] = true
			paths = append(paths, ast.Path{ast.PathName(f.Alias)})
			return
		}
		seen[f.Alias] = len(path) == 1
		paths = append(paths, prefixed(ast.PathName(f.Alias), s.inside(f).Paths(known[f.Name].Target, path[1:]))...)
	})
	return paths
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
	return p.PathsOfItem(i, path[2:])
}

// PathsOfItem translates a path in an item that is returned into those of the GraphQL response.
func (p Page) PathsOfItem(i int, path []string) (all []ast.Path) {
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
			at(s.inside(f).Paths(p.Target, path))
		case "edges":
			s.inside(f).each(p.edge(), func(node *ast.Field, _ bool) {
				if node.Name == "node" {
					at(prefixed(ast.PathName(node.Alias), s.inside(node).Paths(p.Target, path)))
				}
			})
		}
	})
	return all
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
