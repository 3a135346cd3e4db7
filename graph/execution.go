package graph

import (
	"context"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"

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
	present   graphql.ErrorPresenterFunc
	recover   graphql.RecoverFunc
	nextPage  plan.NextPage
}

func newState(o Options) *state {
	if o.Cursors == nil {
		o.Cursors = plan.NewSealer("")
	}
	return &state{
		Options: o, refused: loaders.NewRefused(o.Log, threatintel.Endpoint, o.RefusedOption),
		schemas: newSchemas(), admission: &admission{most: o.Limits.InFlight},
		present: present(o.Log), recover: o.recovered, nextPage: o.Fetch.NextPage,
	}
}

// execution runs one operation, from its plan to the last payload of its response.
type execution struct {
	operation
	state   *state
	running *telemetry.Running      // nil if nothing is measured
	leave   func()                  // ends what admitted the operation
	execute graphql.ResponseHandler // returns the next payload of the response
	begun   bool                    // the first payload was made
	over    bool                    // finish was called
}

// start makes an operation with its loader, and the context that it is executed in. The loader gives up with that
// context, which the transport ends with the response.
func (s *state) start(ctx context.Context, oc *graphql.OperationContext) (context.Context, *execution) {
	now := time.Now()
	ctx, trace := msgraph.WithTrace(ctx)
	x := &execution{state: s, operation: operation{
		notes: telemetry.RecordOf(ctx), trace: trace, limit: s.Limits.UpstreamRequests, now: now,
	}}
	op := &x.operation
	op.notes.Operation(oc.Operation.Name)
	ctx, x.running = s.measure(ctx, oc, now)
	ctx = context.WithValue(ctx, operationKey{}, op)
	op.pages = pages{loaders.New(ctx, s.Fetch, s.refused, s.Limits.UpstreamRequests), s.nextPage}
	op.planner = plan.Planner{
		HostHints: s.HostHints, Sealer: s.Cursors, Missed: op.missed, NextPage: s.nextPage,
		Filtered: func(page plan.Page, ownerID string) any { return op.filteredFrom(ctx, page, ownerID) },
	}
	return ctx, x
}

// begin reads the input of the operation, counts what it may cost, and sends what is known before it is executed. The
// error refuses the operation, and nothing was sent.
func (x *execution) begin(ctx context.Context, oc *graphql.OperationContext) (err error) {
	limits := x.state.Limits
	bounds := plan.Bounds{IDs: limits.IDs, Value: int(limits.Value)}
	if x.Reading, err = plan.Read(oc.Doc, oc.Operation, oc.Variables, bounds); err != nil {
		return err
	}
	x.loader.Reads(x.Reads)
	size := 0
	if !x.state.schemas.holds(oc) {
		size = x.Size(serviceSDL)
	}
	if limits.Response > 0 && size > limits.Response {
		return &plan.LimitError{
			Code: code.LimitResponse, What: "The response may have", Found: size, Unit: "fields",
			Allowed: limits.Response,
		}
	}
	steps := x.planner.Plan(x.Reading)
	estimate := x.expect(steps)
	if x.leave, err = x.state.admit(ctx, weightOf(size, steps), steps); err != nil {
		return err
	}
	if err = x.state.Quota.charge(ctx, &x.operation, estimate); err == nil {
		err = x.loader.Prefetch(steps)
	}
	if err != nil {
		x.state.Quota.correct(ctx, &x.operation, 0)
		x.leave()
	}
	return err
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

// admit admits an operation if there is room for it here, and if Microsoft Graph serves fast enough for it to end in
// time. leave is to be called once, when the operation is over.
func (s *state) admit(ctx context.Context, weight int, steps []loaders.Step) (leave func(), err error) {
	held, err := s.admission.enter(weight)
	if err != nil {
		return nil, err
	}
	if s.Admit == nil {
		return func() { s.admission.leave(held) }, nil
	}
	end, late := s.Admit(ctx, len(steps))
	if late != nil && s.Stored != nil {
		end, late = s.Admit(ctx, len(steps)-s.Stored(ctx, urlsOf(steps)))
	}
	if late != nil {
		s.admission.leave(held)
		return nil, late
	}
	return func() {
		end()
		s.admission.leave(held)
	}, nil
}

func urlsOf(steps []loaders.Step) []string {
	urls := make([]string, len(steps))
	for i, step := range steps {
		urls[i] = step.Lookup.URL()
	}
	return urls
}
