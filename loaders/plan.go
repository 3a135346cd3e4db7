package loaders

import (
	"cmp"
	"fmt"
	"slices"

	"portico/internal/gather"
	"portico/msgraph"
)

// Step is a lookup whose key is known, and where its response leads.
type Step struct {
	Lookup msgraph.Lookup
	// Expected is how many lookups more the response may lead to. The budget counts them before anything is sent.
	Expected int
	// Links are where the response leads. Nil: nowhere.
	Links Links
	// Settled is called once with what the response, or its failure, says about the resource. It returns the steps that
	// follow from that, and must not wait. Nil: none.
	Settled func(Presence) []Step
	// List reports that the resource is a list.
	List bool
	// Rare reports that Links hardly ever lead anywhere.
	Rare bool

	read reader
}

// leads reports whether a response may lead to other steps.
func (s *Step) leads() bool { return s.Links != nil || s.Settled != nil }

// rarely reports whether what other responses lead to must not wait for this one.
func (s *Step) rarely() bool { return s.Rare && s.Settled == nil }

// Links are where a response leads.
type Links interface {
	// Follow returns the steps that a response makes possible. It is called with the decoded response as soon as that is
	// in, and not for one that failed or says that there is no such resource. It must not wait.
	Follow(response any) []Step
}

// Plan returns the step for a request. links may be nil.
func Plan[T any](request msgraph.Request[T], links Links) Step {
	return Step{Lookup: request.Lookup, Links: links, read: decoder[T](request.Decode)}
}

// Prefetch sends all steps together, and what their answers lead to as soon as all the answers are in that may lead to
// more. One or two requests leave when somebody first waits for an answer. It returns a *BudgetError, and sends
// nothing, if that takes more requests than the operation may send.
func (l *Loader) Prefetch(steps []Step) error {
	if most(steps) > l.budget {
		if wanted := Cost(steps); wanted > l.budget {
			return &BudgetError{Wanted: wanted, Allowed: l.budget}
		}
	}
	l.hold(l.start(steps, 1))
	return nil
}

// Cost counts the distinct resources, and pages of lists, that the steps ask for, and what may follow: the most that
// one of equal steps leads to.
func Cost(steps []Step) (wanted int) {
	seen := make(map[string]int, len(steps))
	for i := range steps {
		step := &steps[i]
		key := step.page()
		if more := 1 + step.Expected - seen[key]; more > 0 {
			seen[key] += more
			wanted += more
		}
	}
	return wanted
}

// most is what Cost would return if no two steps asked for the same.
func most(steps []Step) (wanted int) {
	for i := range steps {
		wanted += 1 + steps[i].Expected
	}
	return wanted
}

// page identifies the entity, or the page of a list, that a step asks for, whatever it asks of it.
func (s *Step) page() string {
	page := s.Lookup.Query.Page
	if page.Count = false; page == (msgraph.Page{}) {
		return s.Lookup.Path
	}
	return msgraph.Lookup{Path: s.Lookup.Path, Query: msgraph.Query{Unselected: true, Page: page}}.URL()
}

// start returns the wave that has to be sent for steps.
func (l *Loader) start(steps []Step, number int) (send wave) {
	if len(steps) == 0 {
		return send
	}
	steps = leadingFirst(steps)
	often, rarely := leading(steps)
	calls, send := l.add(steps, often, rarely, number)
	l.gather(steps, calls, often, false, number+1)
	l.gather(steps, calls, rarely, true, number+1)
	return send
}

// leading counts the steps whose responses may lead to more.
func leading(steps []Step) (often, rarely int) {
	for i := range steps {
		switch {
		case !steps[i].leads():
		case steps[i].rarely():
			rarely++
		default:
			often++
		}
	}
	return often, rarely
}

// leadingFirst returns the steps. If they need several batches, those whose responses are expected to lead to more are
// first. A batch waits for its slowest item, so an item that leads nowhere delays the next wave only if it has to share
// a batch with one that does.
func leadingFirst(steps []Step) (ordered []Step) {
	byLead := func(a, b Step) int { return cmp.Compare(b.lead(), a.lead()) }
	if len(steps) <= msgraph.MaxBatch || slices.IsSortedFunc(steps, byLead) {
		return steps
	}
	ordered = slices.Clone(steps) // the plan is not ours
	slices.SortStableFunc(ordered, byLead)
	return ordered
}

// lead is 1 for a step whose response is expected to lead to other lookups, otherwise 0.
func (s *Step) lead() int {
	if s.Links == nil {
		return 0
	}
	return min(s.Expected, 1)
}

// followed notes that n responses have been followed: their requests have been sent.
func (l *Loader) followed(n int, rarely bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.gathering -= n
	if rarely {
		l.rare -= n
	}
	close(l.gathered)
	l.gathered = make(chan struct{})
}

// gather collects what the responses of a wave lead to, of those that do so rarely or of the others, and sends it when
// the last of them is in. missing is how many there are.
func (l *Loader) gather(steps []Step, calls []*call, missing int, rarely bool, wave int) {
	if missing == 0 {
		return
	}
	g := &gather.Gathering[Step]{Missing: missing, Wait: waveWait, Next: func(found []Step, responses int) {
		l.sendFound(found, wave)
		l.followed(responses, rarely)
	}}
	follow := func(n int, c *call) { g.HandIn(l.nextOf(&steps[n], c)) }
	followers := make([]follower, 0, missing)
	for i := range steps {
		if steps[i].leads() && steps[i].rarely() == rarely {
			followers = append(followers, follower{follow: follow, n: i})
			calls[i].then(&followers[len(followers)-1])
		}
	}
}

// sendFound sends steps that responses led to. Responses arrive in any order: the budget, if it ends here, must leave
// out the same steps each time.
func (l *Loader) sendFound(steps []Step, wave int) {
	if l.ctx.Err() != nil {
		return
	}
	slices.SortStableFunc(steps, func(a, b Step) int { return cmp.Compare(a.Lookup.Path, b.Lookup.Path) })
	l.send(l.start(steps, wave))
}

// nextOf returns what a response leads to. It runs where the response came in, for all of the operation: a panic there
// costs what it leads to, which the resolvers then ask for themselves.
func (l *Loader) nextOf(step *Step, c *call) (steps []Step) {
	defer func() {
		if value := recover(); value != nil {
			l.known.log.Error("panic while planning the next requests", "type", fmt.Sprintf("%T", value))
			steps = nil
		}
	}()
	if step.Links != nil {
		if response, err := step.read.read(c); err == nil && response != nil {
			steps = step.Links.Follow(response)
		}
	}
	if step.Settled != nil {
		steps = append(steps, step.Settled(c.says(step.List))...)
	}
	return steps
}
