package msgraph

import (
	"errors"

	"portico/internal/failure"
)

// FailureClass names what stood in the way of the request by one of the words of package failure.
func (e *Error) FailureClass() string {
	switch {
	case e.Kind == TimedOut:
		return failure.Timeout
	case e.Kind == BadResponse, e.Kind == TooLarge:
		return failure.Response
	case errors.Is(e.Err, errProxy):
		return failure.Proxy
	case e.Kind == Unavailable && e.Status == 0 && e.Err != nil:
		return failure.Class(e.Err)
	}
	return failure.Status
}

// cause is an error of the transport. Its text may hold addresses and parts of a response, so that it is replaced by
// its class.
type cause struct {
	class string
	err   error
}

// causeOf wraps an error of the transport, unless it knows its class itself: then its text is safe.
func causeOf(err error) error {
	var safe interface{ FailureClass() string }
	if errors.As(err, &safe) || errors.Is(err, errTooLarge) || errors.Is(err, errTryLimit) {
		return err
	}
	return &cause{failure.Class(err), err}
}

// Error returns the class.
func (c *cause) Error() string { return c.class }

// FailureClass returns the class.
func (c *cause) FailureClass() string { return c.class }

// Unwrap returns the error of the transport, whose text is not to be shown.
func (c *cause) Unwrap() error { return c.err }
