// Package transport is GraphQL over HTTP: it reads requests, negotiates the form of answers, and writes them, in one piece
// or, for @defer, in parts. Identical operations of one identity that are in flight at the same time it runs once.
//
// It knows HTTP and gqlgen's executor. It knows no schema, and nothing of Microsoft Graph.
package transport

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/graph/limits"
	"portico/internal/quota"
	"portico/internal/telemetry"
)

// HTTP is a gqlgen transport: GraphQL over HTTP as the specification of that name has it, by POST, and by QUERY and GET for
// queries, with multipart/mixed answers for @defer. It is the only transport that a server needs, and it answers every
// request that reaches it.
//
// https://graphql.github.io/graphql-over-http/draft/
type HTTP struct {
	// Limits holds what a request may ask for. The transport holds requests to Body, Errors and Deadline.
	Limits limits.Limits
	// Sharing merges identical operations in flight. Nil merges none.
	Sharing *Sharing
	// Challenge returns the WWW-Authenticate header that asks the caller for a token with the claims; empty, or nil, if
	// the caller's client cannot answer that.
	Challenge func(ctx context.Context, claims string) string
	// Quota returns the state of the caller's quota for the RateLimit header fields. One whose Limit is 0, or nil, has no
	// such fields.
	Quota func(context.Context) quota.State
	// Extensions are those of answers to requests that were not executed. Executed ones get theirs from the executor.
	Extensions map[string]any
}

var _ graphql.Transport = HTTP{}

// Supports reports whether the transport answers a request: it answers all of them.
func (HTTP) Supports(*http.Request) bool { return true }

// Do answers one request.
func (t HTTP) Do(w http.ResponseWriter, r *http.Request, exec graphql.GraphExecutor) {
	secure(w.Header())
	if r.Method == http.MethodOptions {
		w.Header().Set("Allow", refusedMethod.allow)
		w.Header().Set("Accept-Query", typeJSON)
		w.WriteHeader(http.StatusNoContent)
		return
	}
	accepts := negotiate(r.Header["Accept"])
	mediaType := accepts.single
	if mediaType == "" {
		mediaType = typeJSON // for refusals, and for answers in one part
	}
	raw, refused := t.receive(w, r, accepts)
	switch {
	case refused != nil:
		w.Header().Set("Accept-Query", typeJSON)
		t.write(w, report(r.Context(), refused.answer(mediaType)))
	case accepts.incremental && raw.mayDefer():
		t.stream(w, r, exec, raw, mediaType)
	default:
		t.send(w, r, t.single(r.Context(), exec, raw, mediaType))
	}
}

// write sends an answer, with the extensions that it has to have. Answers are shared and not changed.
func (t HTTP) write(w http.ResponseWriter, a *answer) {
	if a.extended || len(t.Extensions) == 0 {
		a.write(w)
		return
	}
	extended := *a
	extended.after = append(appendMember([]byte{','}, "extensions", t.Extensions), '}')
	extended.write(w)
}

// secure sets the headers that every answer has. Answers hold what one caller may see: nobody keeps them.
func secure(h http.Header) {
	h.Add("Vary", "Accept, Origin")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
}

// receive reads a request whose headers allow it.
func (t HTTP) receive(w http.ResponseWriter, r *http.Request, accepts acceptance) (*received, *rejection) {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost && r.Method != methodQuery:
		return nil, refusedMethod
	case crossSite(r):
		return nil, refusedOrigin
	case accepts.single == "" && !accepts.incremental:
		return nil, refusedAccept
	case r.Method == http.MethodGet:
		return receiveGET(r, int64(t.Limits.Body))
	}
	return receivePOST(w, r, int64(t.Limits.Body))
}

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

// limit ends a context at the operation's deadline.
func (t HTTP) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.Limits.Deadline <= 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, t.Limits.Deadline)
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
	params, refused := raw.params()
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
func (t HTTP) finish(ctx context.Context, resp *graphql.Response, oc *graphql.OperationContext, mediaType string) *answer {
	var a *answer
	if resp == nil {
		a = unanswered(ctx).answer(mediaType)
	} else {
		a = encode(resp, mediaType, t.Limits.Errors)
	}
	a.operation = oc.Operation.Name
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
