package emulator

import (
	"context"
	"net/http"
	"strings"
	"time"

	"portico/emulator/entra"
	"portico/emulator/odata"
)

// An answer is a response before it is sent.
type answer struct {
	status      int
	contentType string // empty: JSON
	header      []headerLine
	body        []byte
	wire        *Fault // what goes wrong while the body is sent; nil: nothing
}

type headerLine struct{ name, value string }

// A call is what all responses to one HTTP request share.
type call struct {
	at        entra.Origin // the address at which the request came in
	requestID string
	clientID  string // the caller's client-request-id, if it was a GUID
	now       time.Time
	caller    *entra.Grant // nil until the token is checked
	refusal   *odata.Error // of the token, for each item of a batch
	bare      bool         // the caller accepts no annotations: odata.metadata=none
	inBatch   bool         // the request is an item of a batch
	fault     *Fault       // of this request, or nil
}

// clientRequestID returns the caller's own id, or else the server's.
func (c *call) clientRequestID() string {
	if c.clientID != "" {
		return c.clientID
	}
	return c.requestID
}

// identity returns who sends the request; empty before the token is checked.
func (c *call) identity() string {
	if c.caller == nil {
		return ""
	}
	return c.caller.Identity
}

var (
	errUnknownPath = &odata.Error{Status: 404, Code: "UnknownError"}
	errUnknownKey  = &odata.Error{Status: 404, Code: "NotFound", Message: "The requested resource was not found."}
	errUnlicensed  = &odata.Error{Status: 500, Code: "generalException", Message: "Error retrieving reputation"}
	errMethod      = &odata.Error{
		Status: 405, Code: "Request_BadRequest",
		Message: "Specified HTTP method is not allowed for the request target.",
	}
	errForbidden = &odata.Error{
		Status: 403, Code: "Forbidden",
		Message: "Auth token does not contain valid permissions or user does not have valid roles.",
	}
	errBatchFormat  = odata.BadRequest("Invalid batch payload format.")
	errBatchTooMany = odata.BadRequest("Number of requests inside batch exceeds the limit.")
	errTooLarge     = &odata.Error{Status: 413, Code: "RequestEntityTooLarge", Message: "The request entity is too large."}
	errDependency   = &odata.Error{Status: 424, Code: "FailedDependency", Message: "Failed Dependency"}
)

// refused returns an error response.
func refused(buf *buffer, g *odata.Error, c *call) answer {
	mark := len(buf.bytes)
	buf.bytes = appendError(buf.bytes, g, c)
	return answer{status: g.Status, body: buf.bytes[mark:]}
}

// appendError appends the body of an error response.
// https://learn.microsoft.com/graph/errors
func appendError(dst []byte, g *odata.Error, c *call) []byte {
	dst = append(dst, `{"error":{"code":`...)
	dst = odata.AppendString(dst, g.Code)
	dst = append(dst, `,"message":`...)
	dst = odata.AppendString(dst, g.Message)
	dst = append(dst, `,"innerError":{`...)
	if g.Status == http.StatusTooManyRequests {
		dst = append(dst, `"code":"429","message":"Please retry after","status":"429",`...)
	}
	dst = append(dst, `"date":"`...)
	dst = c.now.UTC().AppendFormat(dst, "2006-01-02T15:04:05")
	dst = append(dst, `","request-id":"`...)
	dst = append(dst, c.requestID...)
	dst = append(dst, `","client-request-id":`...)
	dst = odata.AppendString(dst, c.clientRequestID())
	return append(dst, `}}}`...)
}

// pause waits, unless the caller disconnects first. It reports whether the caller is still connected.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// isSegment reports whether the path of a URL is that one segment, in any letter case, with its dollar sign escaped or
// not, and with a slash at its end or not.
func isSegment(target, name string) bool {
	path, _, _ := strings.Cut(strings.TrimPrefix(target, "/"), "?")
	path = strings.TrimSuffix(path, "/")
	return strings.EqualFold(path, name) || strings.EqualFold(strings.Replace(path, "%24", "$", 1), name)
}

func isBatch(target string) bool { return isSegment(target, "$batch") }
