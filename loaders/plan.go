package loaders

import (
	"context"
	"fmt"
	"sync"

	"github.com/graph-gophers/dataloader/v7"

	"portico/msgraph"
)

// Step is a lookup whose key is known, and where its response leads.
type Step struct {
	Lookup msgraph.Lookup
	// Expected is how many lookups more the response may lead to. The budget counts them before anything is sent.
	Expected int
	// Links are where the response leads. Nil: nowhere.
	Links Links

	read func(*call) (any, error)
}

// Links are where a response leads.
type Links interface {
	// Follow returns the steps that a response makes possible. It is called with the decoded response as soon as that is
	// in, and not for one that failed or says that there is no such resource. It must not wait.
	Follow(response any) []Step
}

// Plan returns the step for a request. links may be nil.
func Plan[T any](request msgraph.Request[T], links Links) Step {
	step := Step{Lookup: request.Lookup, Links: links}
	if links != nil {
		decode := request.Decode
		step.read = func(c *call) (any, error) {
			_, _, err := answer(c, decode)
			return c.value, err
		}
	}
	return step
}

// Prefetch sends all steps at once, and what their answers lead to as soon as all the answers are in that may lead to
// more. It returns a *BudgetError, and sends nothing, if that takes more requests than the operation may send.
func (l *Loader) Prefetch(steps []Step) error {
	if wanted := Cost(steps); wanted > l.budget {
		return &BudgetError{Wanted: wanted, Allowed: l.budget}
	}
	l.start(steps, 1)
	return nil
}

// Cost counts the distinct resources, and pages of lists, that the steps ask for, and what may follow.
func Cost(steps []Step) (wanted int) {
	type resource struct {
		path string
		page msgraph.Page
	}
	seen := make(map[resource]bool, len(steps))
	for _, step := range steps {
		key := resource{step.Lookup.Path, step.Lookup.Query.Page}
		key.page.Count = false
		if !seen[key] {
			seen[key] = true
			wanted += 1 + step.Expected
		}
	}
	return wanted
}

func (l *Loader) start(steps []Step, wave int) {
	if len(steps) == 0 {
		return
	}
	lookups := make([]msgraph.Lookup, len(steps))
	leading := 0
	for i, step := range steps {
		lookups[i] = step.Lookup
		if step.Links != nil {
			leading++
		}
	}
	l.expect(leading)
	calls := l.send(lookups, wave)
	if leading > 0 {
		l.follow(steps, calls, leading, wave+1)
	}
}

// expect counts answers that may lead to more lookups.
func (l *Loader) expect(leading int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gathering += leading
}

// release says that what so many answers lead to is under way.
func (l *Loader) release(handed int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gathering -= handed
	close(l.gathered)
	l.gathered = make(chan struct{})
}

// follow gathers what the answers of a wave lead to: each leading answer hands in its steps, and the dataloader releases
// them when the last one is in.
func (l *Loader) follow(steps []Step, calls []*call, leading, wave int) {
	g := &gathering{loader: l, wave: wave, missing: leading}
	for i, step := range steps {
		if step.Links != nil {
			calls[i].then(func() { g.handIn(l.nextOf(step, calls[i])) })
		}
	}
}

// nextOf returns what an answer leads to. It runs where the answer came in, for all of the operation: a panic there costs
// what it leads to, which the resolvers then ask for themselves.
func (l *Loader) nextOf(step Step, c *call) (steps []Step) {
	defer func() {
		if value := recover(); value != nil {
			l.known.log.Error("planning what an answer leads to panicked", "type", fmt.Sprintf("%T", value))
			steps = nil
		}
	}()
	response, err := step.read(c)
	if err != nil || response == nil {
		return nil
	}
	return step.Links.Follow(response)
}

// gathering waits for the answers of one wave. The dataloader's capacity is the number of answers that are missing; after
// a release that did not wait for all, what comes late goes to a new one, for those that are then missing.
type gathering struct {
	loader *Loader
	wave   int

	mu      sync.Mutex
	missing int
	current *dataloader.Loader[*[]Step, struct{}]
}

func (g *gathering) handIn(found []Step) {
	if g.loader.ctx.Err() != nil {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.current == nil {
		g.current = dataloader.NewBatchedLoader(g.release,
			dataloader.WithBatchCapacity[*[]Step, struct{}](g.missing),
			dataloader.WithInputCapacity[*[]Step, struct{}](g.missing),
			dataloader.WithWait[*[]Step, struct{}](waveWait),
			dataloader.WithCache[*[]Step, struct{}](&dataloader.NoCache[*[]Step, struct{}]{}))
	}
	g.missing--
	g.current.Load(g.loader.ctx, &found)
}

// release is the batch function: it starts what was handed in.
func (g *gathering) release(_ context.Context, handed []*[]Step) []*dataloader.Result[struct{}] {
	g.mu.Lock()
	g.current = nil
	g.mu.Unlock()
	defer g.loader.release(len(handed))
	return g.loader.startAll(handed, g.wave)
}

// startAll starts what was handed in, as one wave.
func (l *Loader) startAll(handed []*[]Step, wave int) []*dataloader.Result[struct{}] {
	var steps []Step
	results := make([]*dataloader.Result[struct{}], len(handed))
	for i, some := range handed {
		steps = append(steps, *some...)
		results[i] = &dataloader.Result[struct{}]{}
	}
	l.start(steps, wave)
	return results
}
