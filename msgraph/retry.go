package msgraph

import (
	"context"
	"crypto/tls"
	"errors"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

// again decides whether a call that failed may be tried once more, and after which wait. Where the service named a
// time, nothing is sent before that: the identity or the resource is paused, and the wait left to await. Whole says
// that the failure concerns the identity, not this call alone. It reports cut when only the caller's deadline stands
// against another try.
func (f *fetch) again(ctx context.Context, one call, failure *Error, whole bool) (wait time.Duration, again, cut bool) {
	wait = failure.RetryAfter
	if wait == 0 && !atOnce(failure) {
		wait = f.delay(one.tried)
	}
	if failure.Kind == Throttled {
		failure.RetryAfter = wait
	}
	f.pause(one, failure, whole)
	if one.tried >= f.allowed(failure) || failure.Kind != Throttled && !f.budget.Allows() {
		return 0, false, failure.Kind == TimedOut
	}
	if !fits(ctx, wait) {
		return 0, false, true
	}
	f.retrying(ctx, one, failure, wait)
	if failure.RetryAfter > 0 {
		wait = 0
	}
	return wait, true, false
}

// pause has nothing sent before the time that a failure names: for the resource of the call, or for the identity if
// that is throttled as a whole.
func (f *fetch) pause(one call, failure *Error, whole bool) {
	switch until := f.now().Add(failure.RetryAfter); {
	case failure.RetryAfter == 0, failure.Kind == Refused && f.allowed(failure) < 2:
	case failure.Kind == Throttled && whole:
		f.lane.stop(until)
		f.lane.tell(until, failure.RetryAfter)
		f.warnOfPause(until, failure)
	default:
		f.lane.hold(one.path(), until, failure)
	}
}

// delay returns the wait after n attempts if the response has no Retry-After.
func (f *fetch) delay(tried int) time.Duration {
	full := min(f.backoff<<min(tried-1, 8), longestWait/2)
	return full - rand.N(full/2+1)
}

// allowed returns how often a request with this failure may be sent in all.
func (c *Client) allowed(failure *Error) int {
	switch {
	case failure.Kind == Throttled,
		failure.Kind == Unavailable && failure.Status != 0 && !errors.Is(failure.Err, errProxy):
		return c.attempts
	case failure.Kind == Unavailable && failure.Status == 0 && transient(failure.Err):
		return c.attempts
	case failure.Kind == Refused &&
		(failure.Status == http.StatusInternalServerError || failure.Status == http.StatusFailedDependency):
		// A 500 can also mean a missing licence, which no attempt cures.
		return min(2, c.attempts)
	case astray(failure.Err):
		return min(2, c.attempts)
	case failure.Kind == BadResponse && (failure.Status/100 == 2 || errors.Is(failure.Err, errNoStatus)):
		// Empty, cut off or not JSON: what stands in between failed.
		return c.attempts
	}
	return 1
}

// astray reports whether a batch was answered without this item's answer.
func astray(err error) bool { return errors.Is(err, errMissing) || errors.Is(err, errDoubled) }

// atOnce reports whether there is nothing to wait for before the next try.
func atOnce(failure *Error) bool {
	return astray(failure.Err) || errors.Is(failure.Err, errBroken)
}

// transient reports whether a request that got no answer may get one next time. A RoundTripper's own error can say that
// it will not, by a method Retryable, or as net.Error does.
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
