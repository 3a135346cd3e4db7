package auth

import (
	"net/http"
	"time"
)

// The codes of an [Error], stable for callers of the service.
const (
	// CodeUnauthenticated means that the caller's token is missing or refused.
	CodeUnauthenticated = "UNAUTHENTICATED"
	// CodeUpstreamAuth means that the service itself could not get a token, or
	// that Microsoft Graph refuses the one it got.
	CodeUpstreamAuth = "UPSTREAM_AUTH"
	// CodeClaimsChallenge means that the caller has to sign in again with the
	// claims that the error holds.
	CodeClaimsChallenge = "CLAIMS_CHALLENGE"
)

// Error says why a request went without a usable token. Its text is safe to show
// and to log: no secret, token, URL or body is part of it.
type Error struct {
	// Code is one of the Code constants.
	Code string
	// Message is one sentence for people.
	Message string
	// Claims is the decoded JSON object of a claims challenge, or empty.
	Claims string
	// RetryAfter is how long asking again is pointless, or zero.
	RetryAfter time.Duration
	// Err is the cause where it is safe to show, a context's error for example.
	Err error
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Retryable reports whether sending the same request again at once could help. It
// never does: what could be retried has been by then.
func (e *Error) Retryable() bool { return false }

// Status returns the HTTP status that a caller of the service should see when
// nothing else of its question was answered: 401 if a new sign-in helps, else 502.
func (e *Error) Status() int {
	if e.Code == CodeUpstreamAuth {
		return http.StatusBadGateway
	}
	return http.StatusUnauthorized
}
