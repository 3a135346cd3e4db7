package quota

import (
	"math"
	"sync"
	"time"
)

// bucket fills at the rate of one limit in a window.
type bucket struct {
	limit float64

	mu    sync.Mutex
	level float64
	at    time.Time // when the level was right
}

func (b *bucket) take(n int, forced bool, now time.Time) (State, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fill(now)
	wanted := float64(n)
	if !forced && wanted > 0 && b.level < wanted {
		return b.refusal(wanted), false
	}
	b.level = min(b.level-wanted, b.limit)
	return b.state(b.limit - b.level), true
}

// learn replaces the level by what another store has after the same take.
func (b *bucket) learn(level float64, n int, granted bool, now time.Time) State {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.level, b.at = min(level, b.limit), now
	if !granted {
		return b.refusal(float64(n))
	}
	return b.state(b.limit - b.level)
}

// refusal returns the state with the time until what was asked for is there, or until the bucket is full.
func (b *bucket) refusal(wanted float64) State { return b.state(min(wanted, b.limit) - b.level) }

func (b *bucket) fill(now time.Time) {
	if passed := now.Sub(b.at); passed > 0 {
		b.level = min(b.limit, b.level+b.limit*passed.Seconds()/window.Seconds())
		b.at = now
	}
}

// state returns the state with the time that it takes until missing has flowed in.
func (b *bucket) state(missing float64) State {
	wait := time.Duration(max(0, missing) / b.limit * float64(window))
	return State{Limit: int(b.limit), Left: int(math.Floor(b.level)), Wait: wait}
}
