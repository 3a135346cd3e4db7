package graph

import (
	"context"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/internal/telemetry"
)

// refuse returns the response to an operation that was refused before anything was sent.
func (op *operation) refuse(err error) *graphql.Response {
	op.running.End(telemetry.Result{Outcome: telemetry.OutcomeRefused})
	response := &graphql.Response{Errors: gqlerror.List{refusal(err)}}
	op.extend(response)
	return response
}

// next returns the next payload of the response, and ends the operation with the last one. Nil means that there is no
// payload, or that the context has ended.
func (op *operation) next(ctx context.Context) *graphql.Response {
	last := true // also if it panics
	defer func() {
		if last {
			op.finish(ctx)
		}
	}()
	response := op.payload(ctx)
	if !op.begun { // parts are bounded as they are written
		response, op.begun = op.output.within(response), true
		op.failed = response == nil || len(response.Data) == 0 || string(response.Data) == "null"
	}
	op.erroneous = op.erroneous || response != nil && len(response.Errors) > 0
	last = response == nil || response.HasNext == nil || !*response.HasNext
	return response
}

// payload executes the next part of the operation. The first one gathers its errors in the operation's own context.
func (op *operation) payload(ctx context.Context) *graphql.Response {
	if ctx.Err() != nil {
		return nil
	}
	if op.begun {
		ctx = op.state.responding(ctx)
	}
	response := op.state.schemas.around(ctx, op.executed)
	if response != nil {
		op.extend(response)
	}
	return response
}

// executed executes the next part, and adds the errors of its fields.
func (op *operation) executed(ctx context.Context) *graphql.Response {
	response := op.execute(ctx)
	if response != nil {
		response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
	}
	return response
}

// extend adds to a payload whether its data is invented, its warnings, and the cost so far.
func (op *operation) extend(response *graphql.Response) {
	response.Extensions = map[string]any{"upstream": op.cost(op.state.ShowCost)}
	maps.Copy(response.Extensions, op.state.extensions())
	if warnings := op.warnings.take(); len(warnings) > 0 {
		response.Extensions["warnings"] = warnings
	}
}

// finish notes what the operation was and cost, and makes room for others.
func (op *operation) finish(ctx context.Context) {
	if op.over {
		return
	}
	op.over = true
	op.notes.Count("unplanned_lookups", op.loader.Unplanned())
	op.notes.Upstream(op.trace.Requests(), op.trace.Items(), requestIDs(op.trace))
	if op.notes.Audited() {
		op.notes.Entities(entitiesOf(op.loader.Paths()))
	}
	op.state.Quota.correct(ctx, op, op.trace.Items()+op.trace.CacheUse().Renewals)
	if op.running != nil {
		op.running.End(op.result(op.notes))
	}
	op.leave()
}
