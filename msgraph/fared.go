package msgraph

import (
	"errors"
	"net/http"
)

// fared is how a request fared.
type fared int

const (
	served     fared = iota // with a response that is not a sign of load
	throttled               // 429
	overloaded              // 502, 503 or 504, no response in time, or a broken connection
	failing                 // another 5xx, which is not a sign of load
	unknown                 // its caller left, or it was not sent
)

// fared returns what a failure says of the service.
func (e *Error) fared() fared {
	switch {
	case e == nil:
		return served
	case e.Kind == TimedOut, unsent(e.Err):
		return unknown
	case e.Kind == Throttled:
		return throttled
	case e.Kind == Unavailable:
		return overloaded
	case e.Status >= http.StatusInternalServerError:
		return failing
	}
	return served
}

// unsent reports whether the request never left: what had to authorise it refused to, which says so by not being
// Retryable.
func unsent(err error) bool {
	var opinion interface{ Retryable() bool }
	return errors.As(err, &opinion) && !opinion.Retryable()
}
