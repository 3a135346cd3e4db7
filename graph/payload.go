package graph

import (
	"context"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/internal/telemetry"
)

// refuse returns the response to an operation that was refused before anything was sent.
func (x *execution) refuse(err error) *graphql.Response {
	x.running.End(telemetry.Result{Outcome: telemetry.OutcomeRefused})
	response := &graphql.Response{Errors: gqlerror.List{refusal(err)}}
	x.extend(response)
	return response
}

// next returns the next payload of the response, and ends the operation with the last one. Nil means that there is no
// payload, or that the context has ended.
func (x *execution) next(ctx context.Context) *graphql.Response {
	last := true // also if it panics
	defer func() {
		if last {
			x.finish(ctx)
		}
	}()
	response := x.payload(ctx)
	if !x.begun { // parts are bounded as they are written
		response, x.begun = x.output.within(response), true
		x.failed = response == nil || len(response.Data) == 0 || string(response.Data) == "null"
	}
	x.erroneous = x.erroneous || response != nil && len(response.Errors) > 0
	last = response == nil || response.HasNext == nil || !*response.HasNext
	return response
}

// payload executes the next part of the operation. The first one gathers its errors in the operation's own context.
func (x *execution) payload(ctx context.Context) *graphql.Response {
	if ctx.Err() != nil {
		return nil
	}
	if x.begun {
		ctx = x.state.responding(ctx)
	}
	response := x.state.schemas.around(ctx, x.executed)
	if response != nil {
		x.extend(response)
	}
	return response
}

// executed executes the next part, and adds the errors of its fields.
func (x *execution) executed(ctx context.Context) *graphql.Response {
	response := x.execute(ctx)
	if response != nil {
		response.Errors = append(response.Errors, graphql.GetErrors(ctx)...)
	}
	return response
}

// extend adds to a payload whether its data is invented, its warnings, and the cost so far.
func (x *execution) extend(response *graphql.Response) {
	response.Extensions = map[string]any{"upstream": x.cost(x.state.ShowCost)}
	maps.Copy(response.Extensions, x.state.extensions())
	if warnings := x.warnings.take(); len(warnings) > 0 {
		response.Extensions["warnings"] = warnings
	}
}

// finish notes what the operation was and cost, and makes room for others.
func (x *execution) finish(ctx context.Context) {
	if x.over {
		return
	}
	x.over = true
	x.notes.Count("unplanned_lookups", x.loader.Unplanned())
	x.notes.Upstream(x.trace.Requests(), x.trace.Items(), requestIDs(x.trace))
	if x.notes.Audited() {
		x.notes.Entities(entitiesOf(x.loader.Paths()))
	}
	x.state.Quota.correct(ctx, &x.operation, x.trace.Items()+x.trace.CacheUse().Renewals)
	if x.running != nil {
		x.running.End(x.result(x.notes))
	}
	x.leave()
}
