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

// reportInvalid adds one error for each field that is null because values of a response could not be read, and one
// warning for each value that is not recognized, or that Microsoft Graph sent about the response.
func reportInvalid(ctx context.Context, invalid []msgraph.Invalid, in paths) {
	reported := map[string]bool{} // a field may be computed from several values
	for _, bad := range invalid {
		switch {
		case bad.Coerced:
			telemetry.RecordOf(ctx).Count("coerced", 1)
		case bad.Notice != nil:
			warnOf(ctx, bad.Notice, in(nil))
		case bad.Unrecognized:
			warnUnrecognized(ctx, auth.Redact(ctx, unquoted(bad.Raw)), in(bad.Path))
		default:
			reportUnreadable(ctx, auth.Redact(ctx, unquoted(bad.Raw)), in(bad.Path), reported)
		}
	}
}

// reportUnreadable adds one error for each field at the places, unless the field is reported.
func reportUnreadable(ctx context.Context, raw string, places []ast.Path, reported map[string]bool) {
	for _, path := range places {
		field := append(graphql.GetPath(ctx), path...).String()
		if reported[field] {
			continue
		}
		reported[field] = true
		operationOf(ctx).unreadable.Store(field, true)
		addError(ctx, path, invalidValue(raw))
	}
}

func warnUnrecognized(ctx context.Context, raw string, places []ast.Path) {
	for _, path := range places {
		operationOf(ctx).warnings.addRaw(ctx, path, code.UnrecognizedValue,
			"Microsoft Graph returned a value that this schema does not have.", raw)
	}
}

// warnOf warns about the response that a field is resolved with. A list has no place for it but the field itself.
func warnOf(ctx context.Context, notice *msgraph.Notice, places []ast.Path) {
	named, message := code.UpstreamWarning, "Microsoft Graph returned a warning with this value."
	if notice.Incomplete {
		named, message = code.UpstreamIncomplete, "Microsoft Graph returned an incomplete value (HTTP 206)."
	}
	if len(places) == 0 {
		places = []ast.Path{nil}
	}
	for _, path := range places {
		operationOf(ctx).warnings.addRaw(ctx, path, named, message, auth.Redact(ctx, notice.Text))
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
