package msgraph

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"
)

// Trace records the exchanges made under one context. It is safe for use by many goroutines.
type Trace struct {
	wave int
	*journal
}

// journal is what all waves of a trace write.
type journal struct {
	start time.Time

	mu        sync.Mutex
	exchanges []Exchange
	cached    CacheUse
}

// Exchange is one HTTP request as it was really sent, or a GET that was answered by somebody else's.
type Exchange struct {
	Method string
	// URL is relative to the version root, with its query.
	URL string
	// Items are the requests in a batch, in the order in which they were sent; none for a plain GET.
	Items []Item
	// Status is 0 when there was no answer.
	Status int
	// Start is counted from the beginning of the trace.
	Start, Duration time.Duration
	// RequestID is the request-id of the answer.
	RequestID string
	// Shared reports that no request was sent: one in flight was joined.
	Shared bool
	// Attempt is 1 for what is sent for the first time. In a batch the item that was tried most often counts.
	Attempt int
	// Wave is the number that InWave gave, 0 without one.
	Wave int
	// Unasked counts answers in a batch that nobody had asked for.
	Unasked int
}

// Item is one request in a batch. Its status is 0 when there was no answer.
type Item struct {
	URL    string
	Status int
}

type traceKey struct{}

// WithTrace returns a context whose requests are recorded.
func WithTrace(ctx context.Context) (context.Context, *Trace) {
	var both struct {
		Trace
		journal
	} // one allocation, as they live together
	both.start, both.Trace.journal = time.Now(), &both.journal
	return context.WithValue(ctx, traceKey{}, &both.Trace), &both.Trace
}

// InWave returns a context whose requests are recorded in the same trace with the number of the wave that they leave
// in.
func InWave(ctx context.Context, wave int) context.Context {
	t := traceOf(ctx)
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, traceKey{}, &Trace{wave: wave, journal: t.journal})
}

// traceOf returns the trace of a context, or nil, which records nothing.
func traceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Exchanges returns what was recorded so far, in the order in which the exchanges began.
func (t *Trace) Exchanges() []Exchange {
	t.mu.Lock()
	exchanges := slices.Clone(t.exchanges)
	t.mu.Unlock()
	slices.SortStableFunc(exchanges, func(a, b Exchange) int { return int(a.Start - b.Start) })
	return exchanges
}

// Requests returns the number of HTTP requests sent.
func (t *Trace) Requests() int {
	return t.count(func(Exchange) int { return 1 })
}

// Items returns the number of resources asked for: GETs, and items of batches.
func (t *Trace) Items() int {
	return t.count(func(e Exchange) int { return max(len(e.Items), 1) })
}

func (t *Trace) count(weight func(Exchange) int) (total int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, e := range t.exchanges {
		if !e.Shared {
			total += weight(e)
		}
	}
	return total
}

// Shared returns the number of GETs that were answered by somebody else's.
func (t *Trace) Shared() (n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.exchanges {
		if t.exchanges[i].Shared {
			n++
		}
	}
	return n
}

// Waited returns for how long at least one exchange was under way.
func (t *Trace) Waited() (total time.Duration) {
	type span struct{ from, to time.Duration }
	var few [16]span // most operations have fewer exchanges, and allocate nothing here
	spans := few[:0]
	t.mu.Lock()
	for i := range t.exchanges {
		e := &t.exchanges[i]
		spans = append(spans, span{e.Start, e.Start + e.Duration})
	}
	t.mu.Unlock()
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var end time.Duration // of what is counted
	for _, s := range spans {
		if from := max(s.from, end); s.to > from {
			total, end = total+s.to-from, s.to
		}
	}
	return total
}

// clock returns the time since the trace began.
func (t *Trace) clock() time.Duration {
	if t == nil {
		return 0
	}
	return time.Since(t.start)
}

// add records an exchange that began at e.Start and ends now.
func (t *Trace) add(e Exchange) {
	e.Duration, e.Wave = time.Since(t.start)-e.Start, t.wave
	t.mu.Lock()
	t.exchanges = append(t.exchanges, e)
	t.mu.Unlock()
}
