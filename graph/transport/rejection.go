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
		"a page of another site may not send requests here")
	refusedAccept = reject(code.NotAcceptable,
		"answers have the type application/json or application/graphql-response+json, or multipart/mixed with @defer")
	refusedType = reject(code.UnsupportedMediaType,
		"the body of a request has the type application/json, in UTF-8")
	refusedEncoding = reject(code.UnsupportedMediaType,
		"the body of a request may not be compressed")
	refusedBatch = reject(code.BatchingDisabled,
		"the body of a request is one operation, not an array of them")
	refusedHash = reject(code.PersistedQueryNotSupported,
		"PersistedQueryNotSupported") // urql compares the message, Apollo Client the message or the code
	refusedSlow = reject(code.RequestTimeout,
		"the request did not arrive in time")
	refusedBody = reject(code.BadRequest,
		"the body of the request could not be read to its end")
	refusedLeft = reject(code.Cancelled,
		"the client left before the answer")
	refusedLate = reject(code.DeadlineExceeded,
		"the operation took longer than it may")
	refusedOverload = reject(code.Overloaded,
		"Portico has too many responses in flight. Retry in a second.")
	refusedPanic = reject(code.Internal,
		"internal error")
)

// badRequest is the rejection of a request that is not well formed.
func badRequest(format string, args ...any) *rejection {
	return reject(code.BadRequest, format, args...)
}
