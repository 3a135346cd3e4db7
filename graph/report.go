package graph

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/go-json-experiment/json"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/internal/auth"
	"portico/internal/telemetry"
	"portico/msgraph"
)

// reportInvalid adds one error for each value of a response that could not be read, wherever it is selected.
func reportInvalid(ctx context.Context, invalid []msgraph.Invalid, in paths) {
	for _, bad := range invalid {
		if bad.Coerced {
			telemetry.RecordOf(ctx).Count("coerced", 1)
			continue
		}
		for _, path := range in(bad.Path) {
			addError(ctx, path, invalidValue(auth.Redact(ctx, unquoted(bad.Raw))))
		}
	}
}

func addError(ctx context.Context, inside ast.Path, err error) {
	path := append(graphql.GetPath(ctx), inside...)
	if g, ok := err.(*gqlerror.Error); ok { //nolint:errorlint // of our own making, never wrapped
		g.Path = path
		graphql.AddError(ctx, g)
		return
	}
	graphql.AddError(ctx, gqlerror.WrapPath(path, err))
}

func addErrors(ctx context.Context, inside []ast.Path, err error) {
	for _, path := range inside {
		addError(ctx, path, err)
	}
}

func invalidValue(raw string) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    "Microsoft Graph returned a value that does not match the type of this field.",
		Extensions: map[string]any{"code": code.UpstreamInvalidValue, "raw": raw},
	}
}

// unquoted is the text of a JSON string, and any other JSON as it is.
func unquoted(raw string) string {
	var text string
	if raw != "null" && json.Unmarshal([]byte(raw), &text) == nil {
		return text
	}
	return raw
}
