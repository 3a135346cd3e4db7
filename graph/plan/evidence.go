package plan

import (
	"sync"

	"portico/loaders"
)

// Evidence is what the responses to the requests below an entity say about the entity, whose own lookup is not needed.
// Of two pieces, the greater counts.
type Evidence int

const (
	// Silent means that nothing was requested, or that every request failed: the entity stays.
	Silent Evidence = iota
	// Doubtful means that a single entity below it is unknown, which a known owner may lack.
	Doubtful
	// Absent means that a list below it is unknown, and that nothing below it is known.
	Absent
	// Established means that one request below it is known.
	Established
)

// EvidenceOf is what the response to a request below an entity, for a list or for one entity, says about the entity.
func EvidenceOf(list bool, said loaders.Presence) Evidence {
	switch {
	case said == loaders.Present:
		return Established
	case said == loaders.Unsaid:
		return Silent
	case list:
		return Absent
	}
	return Doubtful
}

// doubt weighs the responses to the requests below one entity. If they leave it in doubt, it leads to the entity's own
// lookup, which leaves in the next wave.
type doubt struct {
	target *Target

	mu      sync.Mutex
	waiting int // responses that are not in
	found   Evidence
}

// doubtOf returns the doubt of an entity whose own lookup is not needed; nil where there can be none.
func doubtOf(t *Target, own bool, requests []Selected) *doubt {
	for i := range requests {
		if !own && requests[i].Connection == nil {
			return &doubt{target: t}
		}
	}
	return nil
}

// watch lets the step of a request below the entity tell what its response says. It is called for all of them before
// any is sent.
func (d *doubt) watch(step *loaders.Step) {
	if d == nil {
		return
	}
	d.waiting++
	list := step.List
	step.Settled = func(said loaders.Presence) []loaders.Step { return d.weigh(EvidenceOf(list, said)) }
}

func (d *doubt) weigh(e Evidence) []loaders.Step {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.found = max(d.found, e)
	if d.waiting--; d.waiting > 0 || d.found != Doubtful {
		return nil
	}
	return []loaders.Step{{Lookup: d.target.Lookup()}}
}
