package graph

import (
	"context"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/graph/plan"
	"portico/internal/telemetry"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// state is what the operations of a process share.
type state struct {
	Options
	refused   *loaders.Refused
	schemas   *schemas
	admission *admission
}

func newState(o Options) *state {
	if o.Cursors == nil {
		o.Cursors = plan.NewSealer("")
	}
	return &state{
		Options: o, refused: loaders.NewRefused(o.Log, threatintel.Endpoint, o.RefusedOption),
		schemas: newSchemas(), admission: &admission{most: o.Limits.InFlight},
	}
}

// aroundOperation gives an operation its loader, and sends what is known before execution starts.
func (s *state) aroundOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	oc, now := graphql.GetOperationContext(ctx), time.Now()
	ctx, end := context.WithCancel(ctx)
	ctx, trace := msgraph.WithTrace(ctx)
	notes := telemetry.RecordOf(ctx)
	notes.Operation(oc.Operation.Name)
	ctx, running := s.start(ctx, oc, now)
	from := pages{loaders.New(ctx, s.Fetch, s.refused, s.Limits.UpstreamRequests), s.Fetch.NextPage}
	op := &operation{
		pages: from,
		trace: trace,
		limit: s.Limits.UpstreamRequests,
		now:   now,
		planner: &plan.Planner{
			HostHints: s.HostHints, Sealer: s.Cursors,
			Missed: func() { notes.Count("hint_misses", 1) }, NextPage: s.Fetch.NextPage,
		},
	}
	op.planner.Filtered = func(page plan.Page, ownerID string) any { return op.filteredFrom(ctx, page, ownerID) }
	leave, err := s.begin(ctx, op, oc)
	if err != nil {
		running.End(telemetry.Result{Outcome: telemetry.OutcomeRefused})
		end()
		refused := &graphql.Response{Errors: gqlerror.List{refusal(err)}}
		s.extend(refused, op)
		return graphql.OneShot(refused)
	}
	finish := sync.OnceFunc(func() {
		notes.Count("unplanned_lookups", op.loader.Unplanned())
		notes.Upstream(trace.Requests(), trace.Items(), requestIDs(trace))
		if notes.Audited() {
			notes.Entities(entitiesOf(op.loader.Paths()))
		}
		s.Quota.correct(ctx, op, trace.Items()+trace.CacheUse().Renewals)
		if running != nil {
			running.End(op.result(notes))
		}
		end()
		leave()
	})
	respond := next(context.WithValue(ctx, operationKey{}, op))
	begun := false
	return func(ctx context.Context) *graphql.Response {
		last := true // also if it panics
		defer func() {
			if last {
				finish()
			}
		}()
		response := respond(ctx)
		if !begun { // parts are bounded as they are written
			response, begun = op.output.within(response), true
			op.failed = response == nil || len(response.Data) == 0 || string(response.Data) == "null"
		}
		op.erroneous = op.erroneous || response != nil && len(response.Errors) > 0
		last = response == nil || response.HasNext == nil || !*response.HasNext
		return response
	}
}

// begin reads the input of the operation, counts what it may cost, and sends what is known before it is executed. The
// error refuses the operation, and nothing was sent. leave is to be called when the operation is over.
func (s *state) begin(ctx context.Context, op *operation, oc *graphql.OperationContext) (leave func(), err error) {
	bounds := plan.Bounds{IDs: s.Limits.IDs, Value: int(s.Limits.Value)}
	if op.Reading, err = plan.Read(oc.Doc, oc.Operation, oc.Variables, bounds); err != nil {
		return nil, err
	}
	op.loader.Reads(op.Reads)
	size := 0
	if !s.schemas.holds(oc) {
		size = op.Size(serviceSDL)
	}
	if s.Limits.Response > 0 && size > s.Limits.Response {
		return nil, &plan.LimitError{
			Code: code.LimitResponse, What: "The response may have", Found: size, Unit: "fields",
			Allowed: s.Limits.Response,
		}
	}
	steps := op.planner.Plan(op.Reading)
	estimate := op.expect(steps)
	if leave, err = s.admit(ctx, weightOf(size, steps), steps); err != nil {
		return nil, err
	}
	if err = s.Quota.charge(ctx, op, estimate); err == nil {
		err = op.loader.Prefetch(steps)
	}
	if err != nil {
		s.Quota.correct(ctx, op, 0)
		leave()
	}
	return leave, err
}

// entitiesOf returns the resources at the paths, such as hosts/192.0.2.1.
func entitiesOf(paths []string) []string {
	for i, path := range paths {
		paths[i] = strings.TrimPrefix(path, threatintel.Root)
	}
	return paths
}

func requestIDs(trace *msgraph.Trace) (ids []string) {
	for _, exchange := range trace.Exchanges() {
		if exchange.RequestID != "" {
			ids = append(ids, exchange.RequestID)
		}
	}
	return ids
}

// aroundResponse adds to each payload of the response whether its data is invented, its warnings, and the cost so far.
func (s *state) aroundResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil {
		return nil
	}
	if op, known := ctx.Value(operationKey{}).(*operation); known {
		s.extend(response, op)
	}
	return response
}

// extend adds the extensions of an operation to a payload of its response.
func (s *state) extend(response *graphql.Response, op *operation) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	maps.Copy(response.Extensions, s.extensions())
	if warnings := op.warnings.take(); len(warnings) > 0 {
		response.Extensions["warnings"] = warnings
	}
	response.Extensions["upstream"] = op.cost(s.ShowCost)
}

// admit admits an operation if there is room for it here, and if Microsoft Graph serves fast enough for it to end in
// time.
func (s *state) admit(ctx context.Context, weight int, steps []loaders.Step) (func(), error) {
	leave, err := s.admission.enter(weight)
	if err != nil || s.Admit == nil {
		return leave, err
	}
	end, late := s.Admit(ctx, len(steps))
	if late != nil && s.Stored != nil {
		end, late = s.Admit(ctx, len(steps)-s.Stored(ctx, urlsOf(steps)))
	}
	if late != nil {
		leave()
		return nil, late
	}
	return func() {
		end()
		leave()
	}, nil
}

func urlsOf(steps []loaders.Step) []string {
	urls := make([]string, len(steps))
	for i, step := range steps {
		urls[i] = step.Lookup.URL()
	}
	return urls
}
