package graph

import (
	"context"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/internal/telemetry"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// requestByID is a function of threatintel that returns the request for one entity.
type requestByID[T any] = func(id string, query msgraph.Query) msgraph.Request[T]

// byID answers the field that is being resolved with the entity of an id.
func byID[T any](ctx context.Context, request requestByID[T], id string) (T, error) {
	if err := threatintel.CheckID(id); err != nil {
		var none T
		return none, err
	}
	s, target := resolving(ctx)
	needed := s.project(target.target, facts.concrete(target.target, id))
	return load(ctx, s, target.target, request(id, needed.query))
}

// byIDs answers a list in the order of the ids. What is not known is null, what failed is null and one error.
func byIDs[T any](ctx context.Context, request requestByID[T], ids []string) []T {
	all := make([]T, len(ids))
	for i, id := range ids {
		item := graphql.WithPathContext(ctx, graphql.NewPathWithIndex(i))
		var err error
		if all[i], err = byID(item, request, id); err != nil {
			graphql.AddError(item, err)
		}
	}
	return all
}

// reference answers a navigation property: with what is held, if no more is asked of the target, else with the target
// itself. An id that Microsoft Graph refers to and does not know leaves what is held; what has no id is not there.
func reference[T comparable](ctx context.Context, request requestByID[T], id string, held T) (T, error) {
	var none T
	if id == "" {
		return none, nil
	}
	s, field := resolving(ctx)
	needed := s.project(field.target, facts.concrete(field.target, id))
	if needed.isCarriedBy(field.carries) {
		return held, nil
	}
	found, err := load(ctx, s, field.target, request(id, needed.query))
	if err != nil || found == none {
		return held, err
	}
	return found, nil
}

// resolving returns the selection of the field that is being resolved, and what the field is upstream.
func resolving(ctx context.Context) (selection, field) {
	fc := graphql.GetFieldContext(ctx)
	s := selectionOf(graphql.GetOperationContext(ctx), fc.Field.Selections)
	return s, facts.fields[fc.Object][fc.Field.Name]
}

// load gets an answer and reports the values of it that could not be read, where they are asked for.
func load[T any](ctx context.Context, s selection, target *ast.Definition, request msgraph.Request[T]) (T, error) {
	value, invalid, err := loaders.Get(ctx, request)
	for _, bad := range invalid {
		if bad.Coerced {
			telemetry.RecordOf(ctx).Count("coerced", 1)
			continue
		}
		for _, path := range s.responsePaths(target, bad.Path) {
			graphql.AddError(ctx, invalidValue(append(graphql.GetPath(ctx), path...), bad.Raw))
		}
	}
	return value, err
}

// responsePaths translates a path of property names in an answer into the paths under which the selection asks for it,
// by whatever aliases; none, if it does not.
func (s selection) responsePaths(on *ast.Definition, path []string) []ast.Path {
	if i, ok := index(path[0]); ok {
		return prefixed(ast.PathIndex(i), s.below(on, path[1:]))
	}
	var paths []ast.Path
	seen := map[string]bool{}
	for _, concrete := range facts.schema.GetPossibleTypes(on) {
		known := facts.fields[concrete.Name]
		s.each(concrete, func(f *ast.Field, _ bool) {
			if f.Name != schemaName(known, path[0]) || seen[f.Alias] {
				return
			}
			seen[f.Alias] = len(path) == 1
			inside := selection{doc: s.doc, vars: s.vars, sets: []ast.SelectionSet{f.SelectionSet}}
			paths = append(paths, prefixed(ast.PathName(f.Alias), inside.below(known[f.Name].target, path[1:]))...)
		})
	}
	return paths
}

// below continues a path under a field or an index; at its end there is one empty path. A scalar's inside is the scalar.
func (s selection) below(on *ast.Definition, path []string) []ast.Path {
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
func schemaName(known map[string]field, property string) string {
	if _, ok := known[property]; !ok && !strings.HasSuffix(property, "s") {
		return property + "s"
	}
	return property
}

func invalidValue(path ast.Path, raw string) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    "Microsoft Graph sent a value that cannot be read as the type of this field",
		Path:       path,
		Extensions: map[string]any{"code": codeInvalidValue, "raw": unquoted(raw)},
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
