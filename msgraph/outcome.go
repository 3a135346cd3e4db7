package msgraph

import (
	"context"
	"errors"
	"net/http"
)

// outcome is how a call ended: a body or a failure.
type outcome struct {
	body    []byte
	notice  *Notice // about the body
	failure *Error
	// cut reports that the failure is owed to the caller's own context, and that another caller may fare better.
	cut bool
}

// status returns the HTTP status that stands for an outcome.
func (out outcome) status() int {
	if out.failure != nil {
		return out.failure.Status
	}
	return http.StatusOK
}

// unanswered returns the failure of a request that got no whole answer.
func unanswered(ctx context.Context, got answer, err error) *Error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	failure := got.failed(Unavailable, causeOf(err))
	failure.Status, failure.RetryAfter = 0, 0 // the answer did not arrive
	if errors.Is(err, errTooLarge) {
		failure.Kind, failure.Status = TooLarge, got.status
	}
	return failure
}

// stopped returns the failure of a caller whose context has ended.
func stopped(ctx context.Context) *Error {
	return &Error{Kind: TimedOut, Err: context.Cause(ctx)}
}
