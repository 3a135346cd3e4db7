package telemetry

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"

	"portico/internal/opentelemetry"
	"portico/internal/shorten"
)

// What a client or an upstream service chose may not make a log line long.
const (
	maxText       = 128
	maxRequestIDs = 32
	maxCodes      = 16
)

// A Record gathers what one request was and cost, for its log line. Its methods may be called from any goroutine, also
// after the line was written, and on nil, where they do nothing.
type Record struct {
	mu         sync.Mutex
	operation  string
	caller     string
	requests   int
	items      int
	requestIDs []string
	errors     int
	codes      []string // of the errors, each once
	shared     bool
	counts     map[string]int
	audited    bool // set before the record is shared
	entities   []string
	execution  *Execution // for the audit log

	context     recordContext
	instruments *Instruments // set before the record is shared
	room        *Running     // for an operation, until one takes it

	span *opentelemetry.Span // nil without one; set before the record is shared
}

type recordKey struct{}

// WithRecord returns a context that carries a new Record.
func WithRecord(ctx context.Context) (context.Context, *Record) {
	r := &Record{}
	return r.within(ctx), r
}

// recordContext is a context that carries a record, and the span of its request. It is a field of the record: one
// allocation.
type recordContext struct {
	context.Context
	record *Record
}

// Value implements context.Context.
func (c *recordContext) Value(key any) any {
	switch key {
	case recordKey{}:
		return c.record
	case spanKey{}:
		return c.record.span
	}
	return c.Context.Value(key)
}

// within returns a context that carries the record. It is called once.
func (r *Record) within(ctx context.Context) context.Context {
	r.context = recordContext{ctx, r}
	return &r.context
}

// RecordOf returns the Record that the context carries, or nil, which takes everything and keeps nothing.
func RecordOf(ctx context.Context) *Record {
	r, _ := ctx.Value(recordKey{}).(*Record)
	return r
}

// Operation sets the name of the GraphQL operation; an empty one changes nothing.
func (r *Record) Operation(name string) {
	if r == nil || name == "" {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.operation = cut(name)
}

// Caller sets the name of the caller, which holds no personal data and no token.
func (r *Record) Caller(name string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.caller = cut(name)
}

// Upstream adds HTTP requests that were sent upstream, the items in them, and the ids that were given to them.
func (r *Record) Upstream(requests, items int, requestIDs []string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests += requests
	r.items += items
	for _, id := range requestIDs {
		if len(r.requestIDs) < maxRequestIDs {
			r.requestIDs = append(r.requestIDs, cut(id))
		}
	}
}

// Items returns how many items were requested upstream.
func (r *Record) Items() int {
	if r == nil {
		return 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.items
}

// Errors adds GraphQL errors of the answer, and the codes among them.
func (r *Record) Errors(n int, codes ...string) {
	if r == nil {
		return
	}
	r.instruments.erroneous(codes)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errors += n
	for _, code := range codes {
		if len(r.codes) < maxCodes && !slices.Contains(r.codes, code) {
			r.codes = append(r.codes, cut(code))
		}
	}
}

// Shared says that the answer is that of an equal request, which counts what it cost.
func (r *Record) Shared() {
	if r == nil {
		return
	}
	r.instruments.sharedOperation()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shared = true
}

// Start begins to measure an operation. The context has its span, if there are spans. The result is nil, which measures
// nothing, if nobody wants to know.
func (r *Record) Start(ctx context.Context, o Operation) (context.Context, *Running) {
	if !r.Measured() {
		return ctx, nil
	}
	return r.instruments.operations.start(ctx, r.takeRoom(), o)
}

// takeRoom returns the room of the first operation, or new room for one more.
func (r *Record) takeRoom() *Running {
	r.mu.Lock()
	defer r.mu.Unlock()
	room := r.room
	r.room = nil
	if room == nil {
		room = &Running{}
	}
	return room
}

// Measured reports whether anybody wants to know how operations end.
func (r *Record) Measured() bool { return r != nil && r.instruments != nil }

// isShared reports whether Shared was called.
func (r *Record) isShared() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.shared
}

// Count adds to a number under a name of our own, such as hint_misses.
func (r *Record) Count(name string, n int) {
	if r == nil || n == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.counts == nil {
		r.counts = make(map[string]int)
	}
	r.counts[name] += n
}

// Counted returns a number that Count counted.
func (r *Record) Counted(name string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[name]
}

// appendTo appends what is known by now, for a log line.
func (r *Record) appendTo(list []slog.Attr) []slog.Attr {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.operation != "" {
		list = append(list, slog.String("operation", r.operation))
	}
	if r.caller != "" {
		list = append(list, slog.String("caller", r.caller))
	}
	if r.errors > 0 {
		list = append(list, slog.Int("errors", r.errors))
	}
	if len(r.codes) > 0 {
		list = append(list, slog.String("error_codes", strings.Join(slices.Sorted(slices.Values(r.codes)), ",")))
	}
	if r.shared {
		list = append(list, slog.Bool("shared", true))
	}
	if r.requests > 0 {
		list = append(list, slog.Int("upstream_requests", r.requests), slog.Int("upstream_items", r.items))
	}
	if len(r.requestIDs) > 0 {
		list = append(list, slog.String("request_ids", strings.Join(r.requestIDs, ",")))
	}
	for _, name := range slices.Sorted(maps.Keys(r.counts)) {
		list = append(list, slog.Int(name, r.counts[name]))
	}
	if r.span != nil {
		list = appendIDs(list, r.span)
	}
	return list
}

// cut shortens text for a log line.
func cut(s string) string { return shorten.To(s, maxText) }
