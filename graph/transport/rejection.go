package transport

import (
	"fmt"
	"net/http"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
)

// OverloadPause is how many seconds a client that is refused with code.Overloaded is asked to wait.
const OverloadPause = 1

// A rejection is the answer to a request of which nothing was executed. Its code is part of the API: clients may branch
// on it. Its message never repeats what the client sent.
type rejection struct {
	status  int
	code    string
	message string
	allow   string // the Allow header, where another method would do
}

// reject builds a rejection with the status of its code; the message is formatted as fmt.Sprintf does.
func reject(because, format string, args ...any) *rejection {
	return &rejection{status: code.Status(because, false), code: because, message: fmt.Sprintf(format, args...)}
}

// answer gives the rejection the form of a GraphQL response.
func (r *rejection) answer(mediaType string) *answer {
	err := &gqlerror.Error{Message: r.message, Extensions: map[string]any{"code": r.code}}
	a := encodeErrors(gqlerror.List{err}, mediaType)
	a.status, a.allow = r.status, r.allow
	if r.status == code.Status(r.code, false) {
		a.status = code.Status(r.code, mediaType == typeJSON)
	}
	return a
}

// The rejections that always read alike.
var (
	refusedMethod = &rejection{
		http.StatusMethodNotAllowed, code.MethodNotAllowed,
		"The HTTP method must be POST, or QUERY or GET for a query.", "GET, POST, QUERY",
	}
	refusedMutation = &rejection{
		http.StatusMethodNotAllowed, code.MethodNotAllowed,
		"A QUERY or GET request may only hold a query. Send a POST.", "POST",
	}
	refusedOrigin = reject(code.CSRF,
		"Cross-origin requests are not allowed.")
	refusedAccept = reject(code.NotAcceptable,
		"Accept must allow application/json or application/graphql-response+json, or multipart/mixed for @defer.")
	refusedType = reject(code.UnsupportedMediaType,
		"Content-Type must be application/json, in UTF-8.")
	refusedEncoding = reject(code.UnsupportedMediaType,
		"Compressed request bodies are not supported. Remove Content-Encoding.")
	refusedBatch = reject(code.BatchingDisabled,
		"Batching is not supported. Send one operation per request.")
	refusedHash = reject(code.PersistedQueryNotSupported,
		"PersistedQueryNotSupported") // urql compares the message, Apollo Client the message or the code
	refusedUnknown = reject(code.PersistedQueryNotFound,
		"PersistedQueryNotFound") // Apollo Client and urql send the query then
	refusedDocument = reject(code.DocumentNotTrusted,
		"This document is not one of the trusted documents.")
	refusedSlow = reject(code.RequestTimeout,
		"The request did not arrive in time.")
	refusedBody = reject(code.BadRequest,
		"The request body could not be read completely.")
	refusedLeft = reject(code.Cancelled,
		"The client disconnected before the response.")
	refusedLate = reject(code.DeadlineExceeded,
		"The operation took longer than the deadline allows.")
	refusedOverload = reject(code.Overloaded,
		"Portico has too many responses in flight. Retry in a second.")
	refusedPanic = reject(code.Internal,
		"internal error")
)

// badRequest is the rejection of a request that is not well formed.
func badRequest(format string, args ...any) *rejection {
	return reject(code.BadRequest, format, args...)
}
