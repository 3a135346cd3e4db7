package msgraph

import (
	"time"
)

// maxHolds bounds the resources that are paused one by one. An identity with more of them is throttled as a whole.
const maxHolds = 1000

// hold is the pause of one resource, with the failure that called for it.
type hold struct {
	until   time.Time
	failure Error
}

// hold has a resource not sent for before until.
func (it *lane) hold(path string, until time.Time, failure *Error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.holds == nil {
		it.holds = make(map[string]hold)
	}
	if len(it.holds) >= maxHolds {
		it.until = maxTime(it.until, until)
		return
	}
	it.holds[path] = hold{maxTime(it.holds[path].until, until), *failure}
}

func maxTime(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// held returns how long a resource may not be sent for, and why.
func (it *lane) held(path string, now time.Time) (time.Duration, *Error) {
	it.mu.Lock()
	defer it.mu.Unlock()
	found, ok := it.holds[path]
	if !ok {
		return 0, nil
	}
	wait := found.until.Sub(now)
	if wait <= 0 {
		delete(it.holds, path)
		return 0, nil
	}
	failure := found.failure // a copy, made only where there is a pause
	failure.RetryAfter = wait
	return wait, &failure
}

// idle reports whether nothing has to be remembered. It forgets holds that have ended.
func (it *lane) idle(now time.Time) bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	for path, found := range it.holds {
		if !found.until.After(now) {
			delete(it.holds, path)
		}
	}
	return len(it.holds) == 0 && !it.until.After(now)
}

// holding reports whether any resource may be held.
func (it *lane) holding() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	return len(it.holds) > 0
}
