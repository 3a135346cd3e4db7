package loaders

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"portico/internal/sparse"
	"portico/msgraph"
)

// Fetcher sends GETs by their relative URLs and calls done once for each; see msgraph.Client.Fetch. An error that is a
// *msgraph.Notice comes with a body that stands.
type Fetcher interface {
	Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error))
}

const (
	// strayWait is how long a lookup that no plan foresaw waits for its neighbours.
	strayWait = time.Millisecond
	// waveWait is the fallback of a wave: how long gathered lookups wait for an answer that may tell of more. It is
	// long, since the operation has to wait for that answer in any case, and a request more is what costs.
	waveWait = 250 * time.Millisecond
)

// BudgetError says that an operation would take more upstream requests than it may.
type BudgetError struct{ Wanted, Allowed int }

// Error implements error.
func (e *BudgetError) Error() string {
	return fmt.Sprintf("The operation may take up to %d upstream requests; the maximum is %d.", e.Wanted, e.Allowed)
}

// Loader gathers the lookups of one operation. It lives as long as the context it was made with.
type Loader struct {
	ctx     context.Context // the operation's: a lookup is given up with the operation, not with one of its askers
	fetcher Fetcher
	known   *Refused
	budget  int
	// unforeseen gathers the lookups that only a response revealed to a resolver, and that no step foresaw.
	// Few operations have any, so that it is made for the first one.
	unforeseen *dataloader.Loader[msgraph.Lookup, *call]
	once       sync.Once // makes unforeseen

	mu    sync.Mutex
	reads func() *sparse.Properties
	calls map[string]*call // by path, the first for it; all that were ever asked
	paths []string         // the keys of calls, in the order in which they were first asked
	tree  tree
	items int // how many were sent
	waves int
	held  wave // see hold
	// unplanned counts the lookups that were sent for a resolver and that no step had foreseen.
	unplanned int
	// gathering counts the answers that may lead to more and are not in; gathered is closed, and made anew, whenever
	// what some of them lead to is under way.
	gathering int
	gathered  chan struct{}
	rare      int // of gathering: those that rarely lead to more
}

// New returns the loader of one operation, which may send at most budget lookups, retries not counted. What it learns
// of refused options it leaves with known.
func New(ctx context.Context, fetch Fetcher, known *Refused, budget int) *Loader {
	return &Loader{
		ctx: ctx, fetcher: fetch, known: known, budget: budget,
		reads: func() *sparse.Properties { return nil },
		calls: map[string]*call{}, gathered: make(chan struct{}),
	}
}

// Reads tells the loader which properties the operation reads inside what responses hold; see msgraph.Asked. It must be
// called before the first lookup. The function is called when a response is decoded.
func (l *Loader) Reads(properties func() *sparse.Properties) { l.reads = properties }

// Get returns the answer to a request: from a lookup that is under way or finished and asks for as much or more, else
// from a new one. What Microsoft Graph does not know is the zero T without an error. The values of the answer that
// could not be read come beside it. Get ends with ctx, and the lookup goes on for those who still wait.
func Get[T any](ctx context.Context, l *Loader, request msgraph.Request[T]) (T, []msgraph.Invalid, error) {
	c, err := l.await(ctx, request.Lookup)
	if err != nil {
		var none T
		return none, nil, err
	}
	return answer(c, request.Decode)
}

// await returns a finished call that answers the lookup, or the error of ctx.
func (l *Loader) await(ctx context.Context, lookup msgraph.Lookup) (*call, error) {
	c, soon := l.find(lookup)
	if c != nil && c.isDone() {
		return c, nil
	}
	l.release(ctx)
	if c == nil {
		var err error
		if c, err = l.call(ctx, lookup, soon); err != nil {
			return nil, err
		}
	}
	return c, l.wait(ctx, c)
}

// wait waits until the answer is in. The error is that of ctx, if it ends before. Once the operation is over, a missing
// answer is an error for all that ask, even if it arrives while they ask: they must not see different ones.
func (l *Loader) wait(ctx context.Context, c *call) error {
	if c.isDone() {
		return nil
	}
	select {
	case <-c.done():
		return nil
	case <-ctx.Done():
	}
	if l.ctx.Err() != nil {
		c.resolve(nil, context.Cause(l.ctx))
		return nil
	}
	return context.Cause(ctx)
}

// GetStep returns the response to the lookup of a step that Plan made, as Get does. It is nil for what Microsoft Graph
// does not know.
func GetStep(ctx context.Context, l *Loader, step Step) (response any, invalid []msgraph.Invalid, err error) {
	c, err := l.await(ctx, step.Lookup)
	if err != nil {
		return nil, nil, err
	}
	response, err = step.read.read(c)
	return response, c.invalid, err
}

// PeekStep returns the response to the lookup of a step that Plan made, if it is in. It sends nothing and does not
// wait.
func PeekStep(l *Loader, step Step) (response any, invalid []msgraph.Invalid, found bool, err error) {
	c, _ := l.find(step.Lookup)
	if c == nil || !c.isDone() {
		return nil, nil, false, nil
	}
	response, err = step.read.read(c)
	return response, c.invalid, true, err
}

// call returns what answers a lookup that no call answers yet: a call that awaited answers have led to, when soon is
// closed, or a new one, which waits a moment for its neighbours.
func (l *Loader) call(ctx context.Context, lookup msgraph.Lookup, soon <-chan struct{}) (c *call, err error) {
	for c == nil && soon != nil && ctx.Err() == nil {
		select {
		case <-soon:
			c, soon = l.find(lookup)
		case <-ctx.Done():
		}
	}
	switch {
	case c != nil:
		return c, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	}
	l.once.Do(func() {
		l.unforeseen = dataloader.NewBatchedLoader(l.sendUnforeseen,
			dataloader.WithWait[msgraph.Lookup, *call](strayWait),
			dataloader.WithInputCapacity[msgraph.Lookup, *call](msgraph.MaxBatch),
			dataloader.WithCache[msgraph.Lookup, *call](callCache{l}))
	})
	return l.unforeseen.Load(l.ctx, lookup)()
}

// Add sends steps that were not known before execution, as one wave. It returns when they are under way, which is
// before their responses are in.
func (l *Loader) Add(steps []Step) { l.sendFound(steps, l.Waves()+1) }

// Waves returns how many times lookups had to wait for the answers of others, counting the first.
func (l *Loader) Waves() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waves
}

// Unplanned returns how many lookups resolvers needed that no step had foreseen. Each of them waits for the one before
// it, where one goroutine resolves all fields.
func (l *Loader) Unplanned() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.unplanned
}

// Paths returns the paths of all lookups so far, sorted.
func (l *Loader) Paths() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.calls))
}

// find returns a call that answers the lookup, or nil. Where answers are awaited that may lead to it, soon is closed
// when they have.
func (l *Loader) find(lookup msgraph.Lookup) (c *call, soon <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c = l.covering(&lookup); c == nil && l.gathering > 0 {
		soon = l.gathered
	}
	return c, soon
}

func (l *Loader) covering(lookup *msgraph.Lookup) *call {
	for c := l.calls[lookup.Path]; c != nil; c = c.next {
		if c.lookup.Query.Covers(lookup.Query) {
			return c
		}
	}
	return nil
}

// sendUnforeseen is the batch function. It does not wait for the responses: a call is a promise, and each resolver
// waits for it under its own context.
func (l *Loader) sendUnforeseen(_ context.Context, lookups []msgraph.Lookup) []*dataloader.Result[*call] {
	l.mu.Lock()
	l.unplanned += len(lookups)
	l.mu.Unlock()
	steps := make([]Step, len(lookups))
	for i, lookup := range lookups {
		steps[i].Lookup = lookup
	}
	calls, fresh := l.add(steps, 0, 0, l.Waves()+1)
	l.send(fresh)
	results := make([]*dataloader.Result[*call], len(lookups))
	for i, c := range calls {
		results[i] = &dataloader.Result[*call]{Data: c}
	}
	return results
}

// add returns the call that answers each step, and the wave of those that are new and have to be sent. often and rarely
// are how many of the responses may lead to more.
func (l *Loader) add(steps []Step, often, rarely, number int) (calls []*call, send wave) {
	l.mu.Lock()
	l.gathering += often + rarely
	l.rare += rarely
	calls, fresh := l.admit(steps)
	allowed := min(len(fresh), l.budget-l.items)
	l.items += allowed
	if allowed > 0 {
		l.waves = max(l.waves, number)
	}
	l.mu.Unlock()
	for _, c := range fresh[allowed:] {
		c.resolve(nil, &BudgetError{Wanted: l.budget + len(fresh) - allowed, Allowed: l.budget})
	}
	return calls, wave{number, fresh[:allowed]}
}

// admit finds a call for every step, with new ones for what no earlier call covers: one for each path, with the union.
func (l *Loader) admit(steps []Step) (calls, fresh []*call) {
	calls, fresh = make([]*call, len(steps)), make([]*call, 0, len(steps))
	if len(l.calls) == 0 {
		l.calls, l.paths = make(map[string]*call, len(steps)), make([]string, 0, len(steps))
	}
	var room []call // for the next of them
	for i := range steps {
		c := l.reuse(&steps[i].Lookup)
		if c == nil {
			if len(room) == 0 {
				room = make([]call, min(len(steps)-i, msgraph.MaxBatch))
			}
			c, room = &room[0], room[1:]
			c.lookup, c.reads = steps[i].Lookup, l.reads
			l.remember(c)
			fresh = append(fresh, c)
		}
		c.list = c.list || steps[i].List
		if c.early == nil && !c.sent && steps[i].Links != nil {
			c.early = steps[i].read
		}
		calls[i] = c
	}
	for _, c := range fresh {
		c.sent = true
	}
	return calls, fresh
}

// reuse returns a call that answers the lookup, if need be one that is not sent yet and is widened; nil if there is
// none.
func (l *Loader) reuse(lookup *msgraph.Lookup) *call {
	if c := l.covering(lookup); c != nil {
		return c
	}
	c := pendingFor(l.calls[lookup.Path], lookup.Query)
	if c != nil {
		c.lookup.Query = c.lookup.Query.Union(lookup.Query)
	}
	return c
}

// remember adds a call to those for its path.
func (l *Loader) remember(c *call) {
	last := l.calls[c.lookup.Path]
	if last == nil {
		l.calls[c.lookup.Path] = c
		l.paths = append(l.paths, c.lookup.Path)
		return
	}
	for last.next != nil {
		last = last.next
	}
	last.next = c
}

// pendingFor returns the call of a path that is admitted and not yet sent, and can be made wide enough for the query.
func pendingFor(first *call, query msgraph.Query) *call {
	for c := first; c != nil; c = c.next {
		if !c.sent && c.lookup.Query.Alike(query) {
			return c
		}
	}
	return nil
}
