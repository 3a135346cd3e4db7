package graph

import (
	"cmp"
	"context"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"portico/internal/telemetry"
)

// measure begins to measure an operation that began at now.
func (s *state) measure(
	ctx context.Context, oc *graphql.OperationContext, now time.Time,
) (context.Context, *telemetry.Running) {
	record := telemetry.RecordOf(ctx)
	if !record.Measured() {
		return ctx, nil
	}
	o := telemetry.Operation{Start: now, Type: string(oc.Operation.Operation), Name: oc.Operation.Name}
	if s.Trusted.document(oc.RawQuery) != nil {
		o.Document = cmp.Or(oc.Operation.Name, "unnamed")
	}
	return record.Start(ctx, o)
}

// result says how the operation ended and what it cost.
func (op *operation) result(notes *telemetry.Record) telemetry.Result {
	return telemetry.Result{
		Outcome:  op.outcome(),
		Requests: op.trace.Requests(), Items: op.trace.Items(), Waves: op.loader.Waves(), Estimate: int(op.estimate.Load()),
		Shared: op.trace.Shared(), Hints: op.planner.Hinted(), Misses: notes.Counted("hint_misses"),
		Waited: op.trace.Waited(),
	}
}

func (op *operation) outcome() string {
	switch {
	case op.failed:
		return telemetry.OutcomeFailed
	case op.erroneous:
		return telemetry.OutcomePartial
	}
	return telemetry.OutcomeOK
}
