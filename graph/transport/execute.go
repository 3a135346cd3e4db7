package transport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/internal/telemetry"
)

// single answers in one piece, together with all those who ask the same at the same time.
func (t HTTP) single(ctx context.Context, exec graphql.GraphExecutor, raw *received, mediaType string) *answer {
	run := func(ctx context.Context) *answer { return t.answer(ctx, exec, raw, mediaType) }
	if t.Sharing != nil && raw.repeatable() {
		if a := t.Sharing.answer(ctx, raw, mediaType, t.Limits.Deadline, run); a != nil {
			return report(ctx, a)
		}
	}
	ctx, cancel := t.limit(ctx)
	defer cancel()
	return report(ctx, run(ctx))
}

// answer executes a request. A panic outside of the resolvers, where gqlgen catches none, is reported like one inside.
func (t HTTP) answer(ctx context.Context, exec graphql.GraphExecutor, raw *received, mediaType string) (a *answer) {
	defer func() {
		value := recover()
		if value == nil {
			return
		}
		if e, ok := exec.(interface {
			PresentRecoveredError(ctx context.Context, value any) error
		}); ok {
			_ = e.PresentRecoveredError(ctx, value)
		}
		a = refusedPanic.answer(mediaType)
	}()
	oc, refused := t.prepare(ctx, exec, raw, mediaType)
	if refused != nil {
		return refused
	}
	responses, ctx := exec.DispatchOperation(ctx, oc)
	return t.finish(ctx, responses(ctx), oc, mediaType)
}

// prepare reads, parses and validates an operation, or answers what is wrong with it.
func (t HTTP) prepare(
	ctx context.Context, exec graphql.GraphExecutor, raw *received, mediaType string,
) (*graphql.OperationContext, *answer) {
	params, refused := raw.params(ctx, t.Documents)
	if refused != nil {
		return nil, refused.answer(mediaType)
	}
	oc, errs := exec.CreateOperationContext(ctx, params)
	if len(errs) > 0 {
		return nil, t.invalid(graphql.WithOperationContext(ctx, oc), exec, errs, mediaType)
	}
	if raw.safe && oc.Operation.Operation != ast.Query {
		return nil, refusedMutation.answer(mediaType)
	}
	return oc, nil
}

// invalid answers the errors of an operation that was not executed. Only those that are sent are built: one document
// can hold thousands.
func (t HTTP) invalid(ctx context.Context, exec graphql.GraphExecutor, errs gqlerror.List, mediaType string) *answer {
	first := codeOf(errs)
	a := encode(exec.DispatchError(ctx, capErrors(errs, t.Limits.Errors)), mediaType, 0)
	a.status, a.errors, a.codes = code.Status(first, mediaType == typeJSON), len(errs), codesOf(errs)
	return a
}

// finish encodes the result of an execution, nil if its context ended first.
func (t HTTP) finish(
	ctx context.Context, resp *graphql.Response, oc *graphql.OperationContext, mediaType string,
) *answer {
	var a *answer
	if resp == nil {
		a = unanswered(ctx).answer(mediaType)
	} else {
		a = encode(resp, mediaType, t.Limits.Errors)
		a.fresh = freshnessOf(resp, mediaType)
	}
	a.operation, a.items = oc.Operation.Name, telemetry.RecordOf(ctx).Items()
	a.execution = executionOf(ctx, oc, resp)
	return a
}

// executionOf returns what the audit log, if there is one, says of an operation.
func executionOf(ctx context.Context, oc *graphql.OperationContext, resp *graphql.Response) *telemetry.Execution {
	record := telemetry.RecordOf(ctx)
	if !record.Audited() {
		return nil
	}
	sum := sha256.Sum256([]byte(oc.RawQuery))
	return &telemetry.Execution{
		Document: hex.EncodeToString(sum[:]), Entities: record.Requested(),
		Data: resp != nil && len(resp.Data) > 0 && string(resp.Data) != "null",
	}
}

// report tells the request's log line what was answered.
func report(ctx context.Context, a *answer) *answer {
	record := telemetry.RecordOf(ctx)
	record.Operation(a.operation)
	record.Errors(a.errors, a.codes...)
	if a.execution != nil {
		record.Executed(*a.execution)
	}
	return a
}
