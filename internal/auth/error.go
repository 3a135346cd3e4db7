package auth

import (
	"time"

	"portico/internal/failure"
)

// Error says why a request went without a usable token. Its text is safe to show and to log: no secret, token, URL or
// body is part of it.
type Error struct {
	// Code is one of code.Unauthenticated, code.UpstreamAuth and code.ClaimsChallenge.
	Code string
	// Message is one sentence for people.
	Message string
	// Claims is the decoded JSON object of a claims challenge, or empty.
	Claims string
	// RetryAfter is how long asking again is pointless, or zero.
	RetryAfter time.Duration
	// Err is the cause where it is safe to show, a context's error for example.
	Err error
	// class is what stood in the way of a token request without a response, for logs.
	class string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// FailureClass is the word by which logs tell a missing or refused token from other failures.
func (e *Error) FailureClass() string { return failure.Token }

// Retryable reports whether sending the same request again at once could help. It never does: what could be retried has
// been by then.
func (e *Error) Retryable() bool { return false }
