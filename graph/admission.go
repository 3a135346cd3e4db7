package graph

import (
	"errors"
	"sync"

	"portico/loaders"
)

// errOverloaded refuses an operation for which there is no room now.
var errOverloaded = errors.New("too many operations are in flight")

// admission bounds the operations in flight by their estimated weight together, so that the memory of the process is
// bounded, whoever asks.
type admission struct {
	most int

	mu   sync.Mutex
	used int
}

// What an operation weighs, in fields of a response: measured, a field takes about 1 KiB while its operation runs, a
// request about 10 KiB, and an operation about 50 KiB.
const (
	requestWeight   = 10
	operationWeight = 50
)

func weightOf(size int, steps []loaders.Step) int {
	requests := 0
	for _, step := range steps {
		requests = min(requests+1+step.Expected, size)
	}
	return operationWeight + size + requestWeight*requests
}

// enter admits an operation, unless the bound would be passed, which is errOverloaded. A quarter is kept for light
// operations: heavy ones alone never use it. An operation that is heavier than the rest runs while there is no other
// heavy one, and counts as the rest. It returns what the operation holds until it leaves.
func (a *admission) enter(weight int) (held int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	room := a.most
	if weight > a.most/50 {
		room -= a.most / 4
		weight = min(weight, room)
	}
	if a.most > 0 && a.used > 0 && a.used+weight > room {
		return 0, errOverloaded
	}
	a.used += weight
	return weight, nil
}

// leave gives back what enter held.
func (a *admission) leave(held int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.used -= held
}
