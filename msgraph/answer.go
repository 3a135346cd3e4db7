package msgraph

import (
	"bytes"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"portico/internal/redact"
	"portico/internal/sparse"
)

// answer is what came back for one request, or for one item of a batch.
type answer struct {
	status      int
	contentType string
	requestID   string
	date        string
	retryAfter  time.Duration
	warning     string // the Warning headers
	body        []byte
	// whole says that the body is known to be one JSON value, because it was read as a part of another.
	whole bool
	// read may decode the body, which proves that as well; nil if nobody does. See WithEarlyReader.
	read func(body []byte) bool
	// request is the one that was answered, as the wire sent it.
	request *http.Request
	// earlier are the answers that the round tripper kept to itself before this one, such as a 401 that it had an answer
	// to. Each was a request.
	earlier []*http.Response
	redact  func(string) string // of what it says, see redaction
}

var (
	errRedirect = errors.New("redirects are not followed")
	errNotJSON  = errors.New("the response is not JSON")
	errTorn     = errors.New("the response is malformed or incomplete JSON")
	errNoStatus = errors.New("the response has no valid status")
	errNoBody   = errors.New("the response has no body")
	errProxy    = errors.New("a proxy refused the request")
)

// judge returns the body of a success, or what the answer means otherwise.
// The status decides first, then whether the body is JSON, never a message.
func (a *answer) judge() ([]byte, *Error) {
	a.body = unmarked(a.body)
	switch {
	case a.status < 200 || a.status > 599:
		return nil, a.bad(errNoStatus)
	case a.status == http.StatusNoContent:
		return []byte("null"), nil
	case a.status/100 == 2:
		if err := a.unreadable(); err != nil {
			return nil, a.bad(err)
		}
		return a.body, nil
	case a.status/100 == 3:
		return nil, a.bad(errRedirect)
	}
	return nil, a.refusal()
}

// unreadable returns why the body is not one JSON value, or nil.
func (a *answer) unreadable() error {
	switch {
	case len(space(a.body)) == 0:
		return errNoBody
	case !a.isJSON():
		return a.notJSON()
	case !a.isWhole():
		return errTorn
	}
	return nil
}

// isWhole reports whether the body is one JSON value. Finding out may decode the body, so this is the last check of
// whether an answer is a success.
func (a *answer) isWhole() bool {
	return a.whole || a.read != nil && a.read(a.body) || sparse.Valid(a.body) || jsontext.Value(a.body).IsValid(lax)
}

// refusal returns what a status from 400 on means. A web page instead of an error object comes from something between
// Portico and Microsoft Graph.
func (a *answer) refusal() *Error {
	kind := kindOf(a.status)
	failure := a.failure(kind)
	switch page := len(space(a.body)) > 0 && !a.isJSON(); {
	case a.status == http.StatusProxyAuthRequired, a.status == http.StatusNetworkAuthenticationRequired:
		failure.Err = errProxy
	case page && kind == Refused && a.status != http.StatusUnauthorized:
		return a.bad(a.notJSON())
	case page:
		failure.Err = a.notJSON()
	case a.status == http.StatusNotFound && !a.isGraphs():
		return a.bad(errForeign)
	}
	return failure
}

// kindOf sorts the statuses from 400 on. Besides those of RFC 9110 there are 509, which is Microsoft Graph's for too
// much bandwidth, and those from 520 on, by which gateways say that they got no answer.
func kindOf(status int) Kind {
	switch status {
	case http.StatusTooManyRequests, 509:
		return Throttled
	case http.StatusRequestTimeout, http.StatusTooEarly, http.StatusProxyAuthRequired,
		http.StatusNetworkAuthenticationRequired,
		http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return Unavailable
	}
	if status >= 520 {
		return Unavailable
	}
	return Refused
}

// isJSON reports whether the body is meant to be JSON: its content type says so, or it looks like it.
func (a *answer) isJSON() bool {
	media, _, _ := strings.Cut(a.contentType, ";")
	switch media = strings.ToLower(strings.TrimSpace(media)); {
	case media == "":
		return startsJSON(a.body)
	case media == "application/json", strings.HasSuffix(media, "+json"):
		return true
	}
	return bytes.HasPrefix(space(a.body), []byte("{"))
}

func startsJSON(body []byte) bool {
	body = space(body)
	return len(body) > 0 && (body[0] == '{' || body[0] == '[') || bytes.HasPrefix(body, []byte("null"))
}

// notJSON names the type of a body that is not JSON, for the log.
func (a *answer) notJSON() error {
	if media, _, err := mime.ParseMediaType(a.contentType); err == nil && len(media) <= 60 {
		return fmt.Errorf("%w but %s: a proxy or gateway may have responded instead of Microsoft Graph",
			errNotJSON, a.redact(media))
	}
	return fmt.Errorf("%w: a proxy or gateway may have responded instead of Microsoft Graph", errNotJSON)
}

// unmarked returns a text without its byte-order mark, and in UTF-8.
func unmarked(body []byte) []byte {
	if len(body) < 2 || body[0] < 0xef {
		return body
	}
	text, _, err := transform.Bytes(unicode.BOMOverride(transform.Nop), body)
	if err != nil {
		return body
	}
	return text
}

// failed is the one place where an answer becomes an Error.
func (a *answer) failed(kind Kind, err error) *Error {
	return &Error{Kind: kind, Status: a.status, RequestID: a.requestID, RetryAfter: a.retryAfter, Err: err}
}

func (a *answer) bad(err error) *Error { return a.failed(BadResponse, err) }

// failure returns an error with all that the body tells.
func (a *answer) failure(kind Kind) *Error {
	e := a.failed(kind, nil)
	if len(a.body) == 0 || !a.isJSON() {
		return e
	}
	told := readError(a.body)
	e.Code, e.Message = a.redact(told.Code), a.redact(told.Message)
	for inner := told.Inner; e.RequestID == "" && inner != nil; inner = inner.Inner {
		e.RequestID = redact.RequestID(inner.RequestID)
	}
	return e
}

// errorObject is the part of Microsoft Graph's error that is used. Dates in it come without a zone and are left alone,
// as is all else.
type errorObject struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Inner   *innerError `json:"innerError"`
}

type innerError struct {
	RequestID string      `json:"request-id"`
	Inner     *innerError `json:"innerError"`
}

// lax takes names twice and texts that are not Unicode, which are for whoever reads the values to find out.
var lax = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))

// readError reads an error object as far as it can be read, and never fails.
// Some services write "innererror", and some a text in place of the object.
func readError(body []byte) (told errorObject) {
	var envelope struct {
		Error       errorObject `json:"error"`
		Description string      `json:"error_description"`
	}
	options := json.JoinOptions(lax, json.MatchCaseInsensitiveNames(true))
	if json.Unmarshal(body, &envelope, options) == nil {
		return envelope.Error
	}
	envelope.Error = errorObject{}
	var plain struct {
		Error string `json:"error"`
	}
	skip := json.WithUnmarshalers(json.UnmarshalFromFunc(noting(func(Invalid) {})))
	_ = json.Unmarshal(body, &envelope, options, skip) // what was read before a syntax error counts
	_ = json.Unmarshal(body, &plain, options, skip)
	switch {
	case plain.Error == "":
		return envelope.Error
	case envelope.Description == "":
		return errorObject{Message: plain.Error}
	}
	return errorObject{Code: plain.Error, Message: envelope.Description}
}
