package graph

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"portico/graph/incremental"
	"portico/graph/plan"
	"portico/internal/telemetry"
	"portico/loaders"
	"portico/msgraph"
)

// operation is one operation under way.
type operation struct {
	*plan.Reading
	pages
	planner plan.Planner
	notes   *telemetry.Record // for the request's log line
	trace   *msgraph.Trace
	output  output
	charged int // items that the caller's quota was charged with
	// estimate is the number of items that the planned steps may need, limit the number that the operation may need.
	estimate atomic.Int64
	limit    int
	lists    filteredLists
	referred referred
	warnings warnings
	// now is when the operation began: what its fields are compared with.
	now time.Time
	// unreadable are the paths of the fields whose values could not be read, as text.
	unreadable sync.Map
	// failed reports that the first response has no data, erroneous that any has errors.
	failed, erroneous bool
}

type operationKey struct{}

func operationOf(ctx context.Context) *operation { return ctx.Value(operationKey{}).(*operation) }

// beginParts plans what was deferred, now that its turn has come, and sends it together.
func beginParts(ctx context.Context, parts []*incremental.Part) {
	op := operationOf(ctx)
	var steps []loaders.Step
	for _, part := range parts {
		steps = append(steps, op.planner.Part(op.Select(part.Selections), part.On, part.Owner)...)
	}
	op.expect(steps)
	op.loader.Add(steps)
}

// missed notes a hint that was wrong.
func (op *operation) missed() { op.notes.Count("hint_misses", 1) }

// expect adds what steps may need to the estimate, and returns it.
func (op *operation) expect(steps []loaders.Step) (items int) {
	items = loaders.Cost(steps)
	op.estimate.Add(int64(items))
	return items
}
