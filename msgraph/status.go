package msgraph

import "time"

// Status is how a client stands with the service.
type Status struct {
	// Limit is how many requests may be in flight now. Ceiling is at how many the service last throttled, 0 if it never
	// did.
	Limit, Ceiling int
	// InFlight and Waiting count requests: a batch is one.
	InFlight, Waiting int
	// Latency is the moving average of a request's time in flight.
	Latency time.Duration
	// Paused counts identities that the service told to wait, and Pause is the longest such wait.
	Paused int
	Pause  time.Duration
	// Breaker is "closed", "open" or "half-open". While it is open, no request is sent.
	Breaker string
}

// Status returns how the client stands with the service.
func (c *Client) Status() Status {
	load := c.slots.Load()
	status := Status{
		Limit: load.Limit, Ceiling: load.Ceiling, InFlight: load.Busy, Waiting: load.Waiting, Latency: load.Latency,
		Breaker: c.breaker.State(),
	}
	status.Paused, status.Pause = c.lanes.paused(c.now())
	return status
}

// Open reports whether the circuit breaker is open.
func (s Status) Open() bool { return s.Breaker == "open" }

// paused returns how many identities are told to wait, and for how long at most.
func (l *lanes) paused(now time.Time) (count int, longest time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, it := range l.all {
		if pause := it.pause(now); pause > 0 {
			count++
			longest = max(longest, pause)
		}
	}
	return count, longest
}
