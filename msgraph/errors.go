package msgraph

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Kind says what went wrong with a request, as far as the caller has to act on it.
type Kind int

// The kinds of failure.
const (
	// Refused: the service answered with an error object or an error status.
	Refused Kind = iota + 1
	// Throttled: the service asked for a pause that is longer than the caller's deadline or the attempts allow.
	Throttled
	// Unavailable: after all attempts there was no response, or only 408, 425, 502, 503, 504 or a gateway's own status
	// from 520 on; or a proxy refused the request.
	Unavailable
	// BadResponse: the response could not be understood: empty, no JSON,
	// incomplete JSON, a redirect, a batch item that is missing or doubled.
	BadResponse
	// TooLarge: the answer was longer than the body limit.
	TooLarge
	// TimedOut: the caller's context ended first. Err tells how.
	TimedOut
	// Overloaded: nothing was sent, because more is waiting already than can be sent before the caller's deadline.
	Overloaded
)

var kinds = [...]string{
	Refused: "refused", Throttled: "throttled", Unavailable: "unavailable",
	BadResponse: "bad response", TooLarge: "response too large", TimedOut: "timed out", Overloaded: "overloaded",
}

// String returns the kind in English.
func (k Kind) String() string {
	if k < Refused || int(k) >= len(kinds) {
		return "unknown"
	}
	return kinds[k]
}

// Error is the failure of one request or of one item of a batch.
type Error struct {
	Kind Kind
	// Status is the HTTP status of the last answer, 0 if there was none.
	Status int
	// Code and Message come from the error object of the answer and hold nothing else. Both may be empty.
	Code, Message string
	// RequestID names the exchange to the service's support: the request-id of the answer, or of its innerError.
	RequestID string
	// RetryAfter is the wait that the service asked for, 0 if it did not; for Throttled, never 0, how long there is no
	// point in asking again.
	RetryAfter time.Duration
	// Err is the cause on our side, such as a transport's or a decoder's error. It is for logs, not for callers of the
	// service.
	Err error
}

// Error describes the failure without any URL, header or body.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("msgraph: ")
	b.WriteString(e.Kind.String())
	if e.Status != 0 {
		b.WriteString(": status " + strconv.Itoa(e.Status))
	}
	for _, part := range []string{e.Code, e.Message} {
		if part != "" {
			b.WriteString(": " + part)
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause on our side, if any.
func (e *Error) Unwrap() error { return e.Err }

// NotFound reports whether the service answered that there is no such resource.
func (e *Error) NotFound() bool {
	return e.Kind == Refused && e.Status == http.StatusNotFound
}

// Denied reports whether the service refused whoever the request was sent for: the answer was 401 or 403, or what
// authorises requests made an error of such an answer.
func (e *Error) Denied() bool {
	if e.Status == http.StatusUnauthorized || e.Status == http.StatusForbidden {
		return true
	}
	var after interface{ Response() *http.Response }
	return errors.As(e.Err, &after) && after.Response().StatusCode == http.StatusUnauthorized //nolint:bodyclose // read
}

// Unauthorized reports whether the request could not be sent because nothing authorised it, such as a token that cannot
// be had, or was refused.
func (e *Error) Unauthorized() bool { return e.Denied() || unsent(e.Err) }

// UnknownPath reports whether the service answered that it has no such path, as it was seen to do in batches. It may
// say the same of an unknown resource.
func (e *Error) UnknownPath() bool {
	return e.NotFound() && e.Code == "UnknownError" && e.Message == ""
}
