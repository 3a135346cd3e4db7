package msgraph

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"portico/internal/redact"
)

// item is one answer in a batch.
type item struct {
	answer
	seen    int // how often it was there
	headers jsontext.Value
	outer   *answer // that of the batch
}

// judge is answer.judge for an item.
func (it *item) judge() (body []byte, failure *Error) {
	switch {
	case it.seen == 0:
		failure = &Error{Kind: BadResponse, Err: errMissing}
	case it.seen > 1:
		failure = &Error{Kind: BadResponse, Err: errDoubled}
	case it.status == http.StatusNotFound && len(it.body) == 0:
		failure = it.failure(Refused) // a batch may leave out the body of an item
	default:
		body, failure = it.answer.judge()
	}
	if failure != nil && failure.RequestID == "" && it.outer != nil {
		failure.RequestID = it.outer.requestID
	}
	return body, failure
}

// inherit completes an item from its own headers and from the batch answer.
func (it *item) inherit(outer *answer, now time.Time) {
	it.outer, it.request, it.redact = outer, outer.request, outer.redact
	if it.warning = header(it.headers, "Warning"); it.warning == "" {
		it.warning = outer.warning
	}
	if it.status/100 != 2 {
		it.retryAfter = parseRetryAfter(header(it.headers, "Retry-After"), outer.date, now)
		it.requestID = redact.RequestID(header(it.headers, "request-id"))
	}
	it.unpack()
}

// unpack makes sense of a body that is no JSON value of its own: none, or a text that holds JSON in one of the
// alphabets of base64. Any other is left with a content type that says so.
func (it *item) unpack() {
	switch it.body = bytes.TrimSpace(it.body); jsontext.Value(it.body).Kind() {
	case '{', '[':
		it.whole = true
		return
	case 'n':
		it.body = nil
		return
	case '"':
		if body, ok := decodeBase64(it.body); ok {
			it.body = body
			return
		}
	}
	if len(it.body) > 0 {
		it.contentType = "text/plain"
	}
}

func decodeBase64(quoted []byte) ([]byte, bool) {
	text, err := jsontext.AppendUnquote(nil, quoted)
	if err != nil {
		return nil, false
	}
	alphabet := base64.RawStdEncoding
	if bytes.ContainsAny(text, "-_") {
		alphabet = base64.RawURLEncoding
	}
	text = bytes.TrimRight(text, "=")
	body, err := alphabet.AppendDecode(nil, text)
	body = unmarked(body)
	return body, err == nil && startsJSON(body)
}

// response returns an item as an HTTP response to the request of its batch.
func (it *item) response() *http.Response {
	return &http.Response{
		StatusCode: it.status, Header: headersOf(it.headers), Request: it.request,
		Body: io.NopCloser(bytes.NewReader(it.body)),
	}
}
