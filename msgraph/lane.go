package msgraph

import (
	"math"
	"sync"
	"time"
)

// lanes keeps what has to be remembered of each identity while it has requests under way or is told to pause.
type lanes struct {
	shared Pauses // nil without other processes

	mu      sync.Mutex
	all     map[string]*lane
	sweepAt int
}

// idleLanes is how many identities may be remembered without need. Sweeping only beyond it keeps the common case, one
// identity, free of allocations.
const idleLanes = 64

// lane is the state of one identity.
type lane struct {
	identity string
	shared   Pauses
	users    int // guarded by lanes.mu

	mu    sync.Mutex
	until time.Time       // nothing is sent before
	told  time.Time       // the end of the pause that other processes were told last
	freed int             // requests that left since, in the ramp
	holds map[string]hold // pauses of single resources, by path
}

// enter returns the lane of an identity and keeps it until leave.
func (l *lanes) enter(identity string) *lane {
	l.mu.Lock()
	defer l.mu.Unlock()
	it, ok := l.all[identity]
	if !ok {
		if l.all == nil {
			l.all = make(map[string]*lane)
		}
		it = &lane{identity: identity, shared: l.shared}
		l.all[identity] = it
	}
	it.users++
	return it
}

// leave lets go of a lane.
func (l *lanes) leave(it *lane, now func() time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	it.users--
	if it.users == 0 && len(l.all) > max(l.sweepAt, idleLanes) {
		l.sweep(now())
	}
}

// sweep drops all that is idle. Its cost is spread: the next one comes when the number of lanes has doubled.
func (l *lanes) sweep(now time.Time) {
	for identity, it := range l.all {
		if it.users == 0 && it.idle(now) {
			delete(l.all, identity)
		}
	}
	l.sweepAt = 2 * len(l.all)
}

// pause returns how long nothing may be sent.
func (it *lane) pause(now time.Time) time.Duration {
	it.obey(now)
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.until.IsZero() {
		return 0
	}
	return it.until.Sub(now)
}

// stop makes the pause last at least until then.
func (it *lane) stop(until time.Time) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if until.After(it.until) {
		it.until, it.freed = until, 0
	}
}

// obey takes over the pause that another process was told.
func (it *lane) obey(now time.Time) {
	if it.shared == nil {
		return
	}
	if until := it.shared.Until(it.identity); until.After(now) {
		it.stop(until)
	}
}

// toldAgain is by how much a pause must be prolonged for other processes to be told again: a burst of requests gets as
// many 429s, which end at about the same time.
const toldAgain = time.Second

// tell has other processes pause, too.
func (it *lane) tell(until time.Time, wait time.Duration) {
	it.mu.Lock()
	news := it.shared != nil && until.Sub(it.told) >= toldAgain
	if news {
		it.told = until
	}
	it.mu.Unlock()
	if news {
		it.shared.Stop(it.identity, wait)
	}
}

// rampTime is how long after a pause requests are released one by one, ever faster.
const rampTime = 500 * time.Millisecond

// ramp returns how long a request waits for its release after the pause: those that waited together do not leave
// together.
func (it *lane) ramp(now time.Time) time.Duration {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.until.IsZero() || now.Sub(it.until) >= rampTime {
		return 0
	}
	offset := time.Duration(float64(rampTime) * (1 - math.Pow(0.9, float64(it.freed))))
	it.freed++
	return max(it.until.Add(offset).Sub(now), 0)
}
