package emulator

import "time"

// A graphError is a refusal in Microsoft Graph's form.
// https://learn.microsoft.com/graph/errors
type graphError struct {
	status  int
	code    string
	message string
	header  []headerLine
}

type headerLine struct{ name, value string }

func badRequest(message string) *graphError {
	return &graphError{status: 400, code: "BadRequest", message: message}
}

func invalidToken(message string) *graphError {
	return &graphError{status: 401, code: "InvalidAuthenticationToken", message: message}
}

var (
	errUnknownPath  = &graphError{status: 404, code: "UnknownError"}
	errUnknownKey   = &graphError{status: 404, code: "NotFound", message: "The requested resource was not found."}
	errMethod       = &graphError{status: 405, code: "Request_BadRequest", message: "Specified HTTP method is not allowed for the request target."}
	errForbidden    = &graphError{status: 403, code: "Forbidden", message: "Auth token does not contain valid permissions or user does not have valid roles."}
	errBatchFormat  = badRequest("Invalid batch payload format.")
	errBatchTooMany = badRequest("Number of requests inside batch exceeds the limit.")
	errTooLarge     = &graphError{status: 413, code: "RequestEntityTooLarge", message: "The request entity is too large."}
	errDependency   = &graphError{status: 424, code: "FailedDependency", message: "Failed Dependency"}
)

// append renders the error's body.
func (g *graphError) append(dst []byte, c *call) []byte {
	dst = append(dst, `{"error":{"code":`...)
	dst = appendText(dst, g.code)
	dst = append(dst, `,"message":`...)
	dst = appendText(dst, g.message)
	dst = append(dst, `,"innerError":{`...)
	if g.status == 429 {
		dst = append(dst, `"code":"429","message":"Please retry after","status":"429",`...)
	}
	dst = append(dst, `"date":"`...)
	dst = c.now.UTC().AppendFormat(dst, "2006-01-02T15:04:05")
	dst = append(dst, `","request-id":"`...)
	dst = append(dst, c.requestID...)
	dst = append(dst, `","client-request-id":`...)
	dst = appendText(dst, c.clientRequestID())
	return append(dst, `}}}`...)
}

// A call is what all answers to one HTTP request share.
type call struct {
	scheme, host string // where this server was asked, "https://" and "127.0.0.1:9443"
	requestID    string
	clientID     string // the caller's client-request-id, if it was a GUID
	now          time.Time
	caller       *grant // nil until the token is checked
	inBatch      bool   // whether it is an item of a batch
	fault        *Fault // of this request, or nil
}

// clientRequestID is the caller's own id, or else the server's.
func (c *call) clientRequestID() string {
	if c.clientID != "" {
		return c.clientID
	}
	return c.requestID
}
