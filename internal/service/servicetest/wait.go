package servicetest

import (
	"encoding/json"
	"sync"
	"testing"
	"time"
)

// Patience is how long something may take that should take a moment, on a busy machine.
const Patience = 8 * time.Second

// Eventually waits until a condition holds, for twice Patience.
func Eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("never: %s", what)
}

// Group runs subtests at the same time, whatever the flag -parallel says: for tests that wait more than they compute.
type Group struct {
	// T is the test that the subtests belong to.
	T   *testing.T
	all sync.WaitGroup
}

// Run starts a subtest.
func (g *Group) Run(name string, test func(*testing.T)) { g.all.Go(func() { g.T.Run(name, test) }) }

// Wait waits for all subtests. A test with a Group defers it.
func (g *Group) Wait() { g.all.Wait() }

// Decode reads text that must be JSON.
func Decode(t testing.TB, text string, into any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		t.Errorf("%v: %s", err, text)
	}
}
