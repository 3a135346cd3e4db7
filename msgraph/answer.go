package msgraph

import (
	"bytes"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// answer is what came back for one request, or for one item of a batch.
type answer struct {
	status      int
	contentType string
	requestID   string
	date        string
	retryAfter  time.Duration
	body        []byte
}

var (
	errRedirect = errors.New("redirects are not followed")
	errNotJSON  = errors.New("answer is not JSON")
	errNoStatus = errors.New("answer without status")
	errNoBody   = errors.New("answer without body")
)

// judge returns the body of a success, or what the answer means otherwise.
// The status decides first, then the type of the content, never a message.
func (a *answer) judge() ([]byte, *Error) {
	switch {
	case a.status < 200:
		return nil, a.bad(errNoStatus)
	case a.status == http.StatusNoContent:
		return []byte("null"), nil
	case a.status/100 == 2 && len(a.body) == 0:
		return nil, a.bad(errNoBody)
	case a.status/100 == 2 && a.isJSON():
		return a.body, nil
	case a.status/100 == 3:
		return nil, a.bad(errRedirect)
	case a.status == http.StatusTooManyRequests:
		return nil, a.failure(Throttled)
	case a.status/100 == 2, len(a.body) > 0 && !a.isJSON():
		return nil, a.bad(errNotJSON)
	case a.status == http.StatusBadGateway, a.status == http.StatusServiceUnavailable, a.status == http.StatusGatewayTimeout:
		return nil, a.failure(Unavailable)
	}
	return nil, a.failure(Refused)
}

// isJSON reports whether the body says that it is JSON, or looks like it when
// nothing is said.
func (a *answer) isJSON() bool {
	media, _, _ := strings.Cut(a.contentType, ";")
	media = strings.TrimSpace(media)
	if media == "" {
		return startsJSON(a.body)
	}
	return strings.EqualFold(media, "application/json") || strings.HasSuffix(strings.ToLower(media), "+json")
}

func startsJSON(body []byte) bool {
	body = space(body)
	return len(body) > 0 && bytes.IndexByte([]byte(`{[n`), body[0]) >= 0
}

func (a *answer) bad(err error) *Error {
	return &Error{Kind: BadResponse, Status: a.status, RequestID: a.requestID, RetryAfter: a.retryAfter, Err: err}
}

// failure returns an error with all that the body tells.
func (a *answer) failure(kind Kind) *Error {
	e := &Error{Kind: kind, Status: a.status, RequestID: a.requestID, RetryAfter: a.retryAfter}
	if len(a.body) == 0 || !a.isJSON() {
		return e
	}
	told := readError(a.body)
	e.Code, e.Message = cut(told.Code), cut(told.Message)
	for inner := told.Inner; e.RequestID == "" && inner != nil; inner = inner.Inner {
		e.RequestID = cut(inner.RequestID)
	}
	return e
}

// cut bounds what is taken over from an error object.
func cut(text string) string {
	const most = 1000
	if len(text) > most {
		text = strings.ToValidUTF8(text[:most], "")
	}
	return text
}

// errorObject is the part of Microsoft Graph's error that is used. Dates in
// it come without a zone and are left alone, as is all else.
type errorObject struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Inner   *innerError `json:"innerError"`
}

type innerError struct {
	RequestID string      `json:"request-id"`
	Inner     *innerError `json:"innerError"`
}

// readError reads an error object as far as it can be read, and never fails.
// Some services write "innererror".
func readError(body []byte) (told errorObject) {
	var envelope struct {
		Error errorObject `json:"error"`
	}
	options := json.JoinOptions(json.MatchCaseInsensitiveNames(true), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if json.Unmarshal(body, &envelope, options) != nil {
		envelope.Error = errorObject{}
		skip := json.WithUnmarshalers(json.UnmarshalFromFunc(noting(func(Invalid) {})))
		_ = json.Unmarshal(body, &envelope, options, skip) // what was read before a syntax error counts
	}
	return envelope.Error
}
