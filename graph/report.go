package graph

import (
	"context"
	"strconv"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/internal/telemetry"
	"portico/loaders"
	"portico/msgraph"
)

// tell adds one error for each value of an answer that could not be read, wherever it is asked for: paths translates a
// path of property names into those of the response.
func tell(ctx context.Context, invalid []msgraph.Invalid, paths func([]string) []ast.Path) {
	for _, bad := range invalid {
		if bad.Coerced {
			telemetry.RecordOf(ctx).Count("coerced", 1)
			continue
		}
		for _, path := range paths(bad.Path) {
			addError(ctx, path, invalidValue(bad.Raw))
		}
	}
}

// loadPage gets a page of a list, and reports what of it could not be read.
func loadPage[T any](ctx context.Context, l listing, request msgraph.Request[*msgraph.List[T]]) (*msgraph.List[T], error) {
	page, invalid, err := loaders.Get(ctx, request)
	tell(ctx, invalid, l.paths)
	return page, err
}

func addError(ctx context.Context, below ast.Path, err error) {
	path := append(graphql.GetPath(ctx), below...)
	if g, ok := err.(*gqlerror.Error); ok { //nolint:errorlint // of our own making, never wrapped
		g.Path = path
		graphql.AddError(ctx, g)
		return
	}
	graphql.AddError(ctx, gqlerror.WrapPath(path, err))
}

func addErrors(ctx context.Context, below []ast.Path, err error) {
	for _, path := range below {
		addError(ctx, path, err)
	}
}

func invalidValue(raw string) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    "Microsoft Graph sent a value that cannot be read as the type of this field",
		Extensions: map[string]any{"code": code.UpstreamInvalidValue, "raw": unquoted(raw)},
	}
}

// unquoted is the text of a JSON string, and any other JSON as it is.
func unquoted(raw string) string {
	var text string
	if json.Unmarshal([]byte(raw), &text) == nil {
		return text
	}
	return raw
}

// paths translates a path into a page, which begins with "value" and an index, into those of the response.
func (l listing) paths(path []string) (all []ast.Path) {
	if len(path) < 2 || path[0] != "value" {
		return nil
	}
	if len(path) == 3 && path[2] == "id" {
		path = path[:2] // without its id an item is null
	}
	i, ok := index(path[1])
	if i -= l.after.Drop; !ok || i < 0 || i >= l.first {
		return nil
	}
	l.whole.each(l.connection, func(f *ast.Field, _ bool) {
		inside := l.whole.inside(f)
		switch f.Name {
		case "nodes":
			all = append(all, prefixed(ast.PathName(f.Alias), prefixed(ast.PathIndex(i), inside.inner(l.target, path[2:])))...)
		case "edges":
			inside.each(facts.field(l.connection.Name, "edges").target, func(f2 *ast.Field, _ bool) {
				if f2.Name == "node" {
					rest := prefixed(ast.PathName(f2.Alias), inside.inside(f2).inner(l.target, path[2:]))
					all = append(all, prefixed(ast.PathName(f.Alias), prefixed(ast.PathIndex(i), rest))...)
				}
			})
		}
	})
	return all
}

// responsePaths translates a path of property names in an answer into the paths under which the selection asks for it,
// by whatever aliases; none, if it does not.
func (s selection) responsePaths(on *ast.Definition, path []string) []ast.Path {
	if i, ok := index(path[0]); ok {
		return prefixed(ast.PathIndex(i), s.inner(on, path[1:]))
	}
	var paths []ast.Path
	seen := map[string]bool{}
	for _, concrete := range facts.objects[on.Name] {
		known := facts.fields[concrete.Name]
		s.each(concrete, func(f *ast.Field, _ bool) {
			if f.Name != schemaName(known, path[0]) || seen[f.Alias] {
				return
			}
			seen[f.Alias] = len(path) == 1
			paths = append(paths, prefixed(ast.PathName(f.Alias), s.inside(f).inner(known[f.Name].target, path[1:]))...)
		})
	}
	return paths
}

// inner continues a path under a field or an index; at its end there is one empty path. A scalar's inside is the scalar.
func (s selection) inner(on *ast.Definition, path []string) []ast.Path {
	if len(path) == 0 {
		return []ast.Path{nil}
	}
	if i, ok := index(path[0]); ok && on.IsLeafType() {
		return []ast.Path{{ast.PathIndex(i)}}
	}
	return s.responsePaths(on, path)
}

func prefixed(first ast.PathElement, rest []ast.Path) []ast.Path {
	for i := range rest {
		rest[i] = append(ast.Path{first}, rest[i]...)
	}
	return rest
}

// schemaName is the field that shows a property. They are letter for letter the same, but for a plural that the
// published examples lack: alternateName.
func schemaName(known map[string]*field, property string) string {
	if _, ok := known[property]; !ok && !strings.HasSuffix(property, "s") {
		return property + "s"
	}
	return property
}

// index parses a list index in a JSON path.
func index(step string) (int, bool) {
	i, err := strconv.Atoi(step)
	return i, err == nil
}
