package msgraph

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	// shortestWait is what a Retry-After of next to nothing is raised to.
	shortestWait = 100 * time.Millisecond
	// longestWait is how long a request waits for its next attempt, even when
	// its caller has no deadline.
	longestWait = 2 * time.Minute
	// absurdWait is where a Retry-After stops being believed.
	absurdWait = time.Hour
)

// parseRetryAfter reads the value of a Retry-After header: seconds, also with
// a fraction, or a date in one of the three forms of RFC 9110, which is
// measured against the answer's own Date, for the two clocks may differ. It
// returns 0 for no usable value, and at least 100 ms for any other.
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
	if wait < 0 || wait > absurdWait {
		return 0
	}
	return max(wait, shortestWait)
}

// seconds reads a decimal number of seconds, rounded up to milliseconds.
func seconds(value string) (time.Duration, bool) {
	if strings.Trim(value, "0123456789.-+") != "" {
		return 0, false
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return 0, false
	}
	number = min(max(number, -1), 2*absurdWait.Seconds())
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

// sleep waits, unless the context ends first.
func sleep(ctx context.Context, wait time.Duration) error {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// again decides whether a call that failed may be tried once more, and after
// which wait. A throttled one waits with all of its identity, in await. It
// reports cut when only the caller's deadline stands against it.
func (f *fetch) again(ctx context.Context, failure *Error, tried int) (wait time.Duration, again, cut bool) {
	wait = failure.RetryAfter
	if wait == 0 && !errors.Is(failure.Err, errMissing) {
		wait = f.delay(tried)
	}
	if failure.Kind == Throttled {
		failure.RetryAfter = wait
		f.lane.stop(f.now().Add(wait))
	}
	if tried >= f.allowed(failure) {
		return 0, false, failure.Kind == TimedOut
	}
	if !fits(ctx, wait) {
		return 0, false, true
	}
	f.log.DebugContext(ctx, "msgraph: trying again", slog.Int("attempt", tried+1), slog.Duration("wait", wait),
		slog.String("kind", failure.Kind.String()), slog.Int("status", failure.Status), slog.String("requestID", failure.RequestID))
	if failure.Kind == Throttled {
		wait = 0
	}
	return wait, true, false
}

// delay returns the wait after so many attempts where none was named.
func (f *fetch) delay(tried int) time.Duration {
	full := min(f.backoff<<min(tried-1, 8), longestWait/2)
	return full - rand.N(full/2+1)
}

// allowed returns how often a request with this failure may be sent in all.
func (c *Client) allowed(failure *Error) int {
	switch failure.Status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return c.attempts
	case http.StatusInternalServerError, http.StatusFailedDependency:
		// A 500 can also mean a missing licence, which no attempt cures, and
		// one with a page of HTML an unknown id.
		if failure.Kind == Refused {
			return min(2, c.attempts)
		}
	}
	switch {
	case errors.Is(failure.Err, errMissing):
		return min(2, c.attempts)
	case failure.Kind == Unavailable && transient(failure.Err):
		return c.attempts
	}
	return 1
}

// transient reports whether a request that got no answer may get one next
// time. A RoundTripper's own error can say that it will not, by a method
// Retryable, or as net.Error does.
func transient(err error) bool {
	var opinion interface{ Retryable() bool }
	if errors.As(err, &opinion) {
		return opinion.Retryable()
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return false
	}
	if _, ok := errors.AsType[*net.OpError](err); ok || errors.Is(err, net.ErrClosed) {
		// These call a reset permanent, which it is for the connection only.
		return true
	}
	var fate interface {
		Timeout() bool
		Temporary() bool
	}
	return !errors.As(err, &fate) || fate.Timeout() || fate.Temporary()
}
