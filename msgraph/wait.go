package msgraph

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// shortestWait is what a Retry-After of next to nothing is raised to.
	shortestWait = 100 * time.Millisecond
	// longestWait is how long a request waits for its next attempt, even when its caller has no deadline.
	longestWait = 2 * time.Minute
	// mostWait is what a longer Retry-After counts as. It bounds arithmetic, not obedience: no process runs that long.
	mostWait = 365 * 24 * time.Hour
)

// parseRetryAfter reads the value of a Retry-After header: seconds, also with a fraction, or a date in one of the three
// forms of RFC 9110, which is measured against the answer's own Date, for the two clocks may differ. It returns 0 for
// no usable value, and at least 100 ms for any other.
func parseRetryAfter(value, date string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	if value == "" {
		return 0
	}
	wait, ok := seconds(value)
	if !ok {
		until, err := http.ParseTime(value)
		if err != nil {
			return 0
		}
		if sent, err := http.ParseTime(date); err == nil {
			now = sent
		}
		wait = max(until.Sub(now), 0)
	}
	if wait < 0 {
		return 0
	}
	return min(max(wait, shortestWait), mostWait)
}

// seconds reads a decimal number of seconds, rounded up to milliseconds.
func seconds(value string) (time.Duration, bool) {
	if strings.Trim(value, "0123456789.-+") != "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, false
	}
	number = min(max(number, -1), mostWait.Seconds())
	return time.Duration(math.Ceil(number*1000)) * time.Millisecond, true
}

// fits reports whether a wait ends before the caller gives up.
func fits(ctx context.Context, wait time.Duration) bool {
	if wait > longestWait || ctx.Err() != nil {
		return false
	}
	deadline, ok := ctx.Deadline()
	return !ok || wait < time.Until(deadline)
}

// jitter spreads those who waited together, so that they do not leave together.
func jitter(wait time.Duration) time.Duration {
	return wait + rand.N(min(wait/10, time.Second/5)+1)
}
