package transport

import (
	"fmt"
	"net/http"

	"github.com/99designs/gqlgen/graphql/errcode"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The codes under extensions.code that resolvers' errors have in common with the transport's.
const (
	CodeDeadline = "DEADLINE_EXCEEDED"
	CodeInternal = "INTERNAL"
	// CodeOverloaded refuses an operation for want of room, with the header Retry-After.
	CodeOverloaded = "OVERLOADED"
)

// codeRateLimited refuses an operation because its caller's quota is used up. extensions.retryAfterSeconds has the wait.
const codeRateLimited = "RATE_LIMITED"

// OverloadPause is how many seconds a client that is refused with CodeOverloaded is asked to wait.
const OverloadPause = 1

// A rejection is the answer to a request of which nothing was executed. Its code is part of the API: clients may branch
// on it. Its message never repeats what the client sent.
type rejection struct {
	status  int
	code    string
	message string
	allow   string // the Allow header, where another method would do
}

// reject builds a rejection; the message is formatted as fmt.Sprintf does.
func reject(status int, code, format string, args ...any) *rejection {
	return &rejection{status: status, code: code, message: fmt.Sprintf(format, args...)}
}

// answer gives the rejection the form of a GraphQL response.
func (r *rejection) answer(mediaType string) *answer {
	err := &gqlerror.Error{Message: r.message, Extensions: map[string]any{"code": r.code}}
	a := encodeErrors(gqlerror.List{err}, mediaType)
	a.status, a.allow = r.status, r.allow
	return a
}

// The rejections that always read alike.
var (
	refusedMethod = &rejection{
		http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED",
		"a GraphQL request is a POST, or a GET for a query", "GET, POST",
	}
	refusedMutation = &rejection{
		http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED",
		"a GET request may only hold a query", "POST",
	}
	refusedOrigin = reject(http.StatusForbidden, "CSRF",
		"a page of another site may not send requests here")
	refusedAccept = reject(http.StatusNotAcceptable, "NOT_ACCEPTABLE",
		"answers have the type application/json or application/graphql-response+json, or multipart/mixed with @defer")
	refusedType = reject(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
		"the body of a request has the type application/json, in UTF-8")
	refusedEncoding = reject(http.StatusUnsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE",
		"the body of a request may not be compressed")
	refusedBatch = reject(http.StatusBadRequest, "BATCHING_DISABLED",
		"the body of a request is one operation, not an array of them")
	refusedSlow = reject(http.StatusRequestTimeout, "REQUEST_TIMEOUT",
		"the request did not arrive in time")
	refusedBody = reject(http.StatusBadRequest, "BAD_REQUEST",
		"the body of the request could not be read to its end")
	refusedLeft = reject(statusClientLeft, "CANCELLED",
		"the client left before the answer")
	refusedLate = reject(http.StatusGatewayTimeout, CodeDeadline,
		"the operation took longer than it may")
	refusedOverload = reject(http.StatusServiceUnavailable, CodeOverloaded,
		"Portico has too many responses in flight. Retry in a second.")
	refusedPanic = reject(http.StatusInternalServerError, CodeInternal,
		"internal error")
)

// statusClientLeft stands in the log for an answer that nobody waited for. No client sees it.
const statusClientLeft = 499

// badRequest is the rejection of a request that is not well formed.
func badRequest(format string, args ...any) *rejection {
	return reject(http.StatusBadRequest, "BAD_REQUEST", format, args...)
}

// statusOf is the HTTP status of a response without data, by the code of its first error. For application/json the
// GraphQL over HTTP specification keeps 200 for documents and variables that are wrong, since clients of that type
// take any other status for an answer that is no GraphQL.
func statusOf(code, mediaType string) int {
	switch code {
	case errcode.ParseFailed, errcode.ValidationFailed, "BAD_USER_INPUT", "INTROSPECTION_DISABLED":
		if mediaType == typeJSON {
			return http.StatusOK
		}
		return http.StatusBadRequest
	case "UNAUTHENTICATED", "CLAIMS_CHALLENGE":
		return http.StatusUnauthorized
	case "FORBIDDEN":
		return http.StatusForbidden
	case CodeDeadline:
		return http.StatusGatewayTimeout
	case CodeOverloaded:
		return http.StatusServiceUnavailable
	case codeRateLimited:
		return http.StatusTooManyRequests
	case CodeInternal, "":
		return http.StatusInternalServerError
	}
	return http.StatusBadRequest
}
