package graph

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
	"portico/internal/telemetry"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// operation is one operation under way.
type operation struct {
	*reading
	loader  *loaders.Loader
	planner *planner
	trace   *msgraph.Trace
	output  output
	charged int // items that the caller's quota was charged with
	sieve   sieve
	// nextPage returns the query of a link that goes on with the list at a path; false for links to elsewhere.
	nextPage func(path, link string) (query string, ok bool)
	warnings warnings
}

type operationKey struct{}

func operationOf(ctx context.Context) *operation { return ctx.Value(operationKey{}).(*operation) }

// aroundOperation gives an operation its loader, and sends what is known before execution starts.
func (o Options) aroundOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	oc := graphql.GetOperationContext(ctx)
	ctx, end := context.WithCancel(ctx)
	ctx, trace := msgraph.WithTrace(ctx)
	notes := telemetry.RecordOf(ctx)
	notes.Operation(oc.Operation.Name)
	op := &operation{
		loader:   loaders.New(ctx, o.Fetch, o.refused, o.Limits.UpstreamRequests),
		trace:    trace,
		nextPage: o.Fetch.NextPage,
		planner: &planner{
			hints: o.HostHints, cursors: o.cursors,
			countMiss: func() { notes.Count("hint_misses", 1) },
		},
	}
	leave, err := o.begin(ctx, op, oc)
	if err != nil {
		end()
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{refusal(err)}})
	}
	finish := sync.OnceFunc(func() {
		notes.Upstream(trace.Requests(), trace.Items(), requestIDs(trace))
		if notes.Audited() {
			notes.Entities(entitiesOf(op.loader.Paths()))
		}
		o.correct(ctx, op, trace.Items())
		end()
		leave()
	})
	respond := next(context.WithValue(loaders.With(ctx, op.loader), operationKey{}, op))
	return func(ctx context.Context) *graphql.Response {
		last := true // also if it panics
		defer func() {
			if last {
				finish()
			}
		}()
		response := op.output.within(respond(ctx))
		last = response == nil || response.HasNext == nil || !*response.HasNext
		return response
	}
}

// begin reads the input of the operation, counts what it may cost, and sends what is known before it is executed. The error
// refuses the operation, and nothing was sent. leave is to be called when the operation is over.
func (o Options) begin(ctx context.Context, op *operation, oc *graphql.OperationContext) (leave func(), err error) {
	if op.reading, err = readOperation(oc, o.Limits); err != nil {
		return nil, err
	}
	size := 0
	if !o.schemas.holds(oc) {
		size = op.size(oc.Operation)
	}
	if o.Limits.Response > 0 && size > o.Limits.Response {
		return nil, &limitError{code.LimitResponse, "The response may have", size, "fields", o.Limits.Response}
	}
	steps, err := op.planner.plan(op.reading, oc.Operation)
	if err != nil {
		return nil, err
	}
	if leave, err = o.admission.enter(weightOf(size, steps)); err != nil {
		return nil, err
	}
	if err = o.charge(ctx, op, loaders.Cost(steps)); err == nil {
		err = op.loader.Prefetch(steps)
	}
	if err != nil {
		o.correct(ctx, op, 0)
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

// aroundResponse adds to each payload of the answer whether its data is invented, its warnings, and the cost so far.
func (o Options) aroundResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	response := next(ctx)
	if response == nil {
		return nil
	}
	for name, value := range o.extensions() {
		extendWith(response, name, value)
	}
	op, known := ctx.Value(operationKey{}).(*operation)
	if !known {
		return response
	}
	if warnings := op.warnings.take(); len(warnings) > 0 {
		extendWith(response, "warnings", warnings)
	}
	if o.ShowCost {
		extendWith(response, "upstream", op.cost())
	}
	return response
}

func extendWith(response *graphql.Response, name string, value any) {
	if response.Extensions == nil {
		response.Extensions = map[string]any{}
	}
	response.Extensions[name] = value
}

// extensions are those of every answer.
func (o Options) extensions() map[string]any {
	if !o.Emulated {
		return nil
	}
	return map[string]any{"emulator": true}
}

// cost is what extensions.upstream shows. URLs are relative to the version root.
type cost struct {
	Requests int        `json:"requests"`
	Items    int        `json:"items"`
	Waves    int        `json:"waves"`
	Calls    []costCall `json:"calls"`
}

type costCall struct {
	Method       string     `json:"method"`
	URL          string     `json:"url"`
	Wave         int        `json:"wave"`
	Status       int        `json:"status,omitempty"`
	Milliseconds float64    `json:"milliseconds"`
	Shared       bool       `json:"shared,omitempty"`
	Items        []costItem `json:"items,omitempty"`
}

type costItem struct {
	URL    string `json:"url"`
	Status int    `json:"status,omitempty"`
}

// cost is what the whole operation has cost so far. Clients that put the payloads of an answer together keep the last.
func (op *operation) cost() cost {
	exchanges := op.trace.Exchanges()
	c := cost{
		Requests: op.trace.Requests(), Items: op.trace.Items(), Waves: op.loader.Waves(), Calls: make([]costCall, len(exchanges)),
	}
	for i, exchange := range exchanges {
		c.Calls[i] = costOf(exchange)
	}
	return c
}

func costOf(exchange msgraph.Exchange) costCall {
	call := costCall{
		Method: exchange.Method, URL: exchange.URL, Wave: exchange.Wave, Status: exchange.Status, Shared: exchange.Shared,
		Milliseconds: float64(exchange.Duration.Round(10*time.Microsecond)) / float64(time.Millisecond),
	}
	for _, item := range exchange.Items {
		call.Items = append(call.Items, costItem{URL: item.URL, Status: item.Status})
	}
	return call
}
