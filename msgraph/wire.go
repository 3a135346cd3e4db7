package msgraph

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"portico/internal/redact"
)

// appendBatch encodes calls as a batch of GETs with the ids "1", "2", ….
func appendBatch(dst []byte, calls []call) []byte {
	if dst == nil {
		size := 16
		for _, one := range calls {
			size += len(one.url) + 44
		}
		dst = make([]byte, 0, size)
	}
	dst = append(dst, `{"requests":[`...)
	for i, one := range calls {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":"`...)
		dst = strconv.AppendInt(dst, int64(i+1), 10)
		dst = append(dst, `","method":"GET","url":`...)
		// The only error is about invalid UTF-8, which it replaces.
		dst, _ = jsontext.AppendQuote(dst, one.url)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

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
	if it.status/100 != 2 {
		it.retryAfter = parseRetryAfter(header(it.headers, "Retry-After"), outer.date, now)
		it.requestID = redact.RequestID(header(it.headers, "request-id"))
	}
	it.unpack()
}

// unpack makes sense of a body that is no JSON value of its own: none, or a
// text that holds JSON in one of the alphabets of base64. Any other is left
// with a content type that says so.
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
		StatusCode: it.status, Header: headersOf(it.headers), Request: it.request, Body: io.NopCloser(bytes.NewReader(it.body)),
	}
}

var errNoResponses = errors.New("the batch response has no list of responses")

// reader walks over a JSON text whose values it hands out without copying.
// What is wrong inside an item is for the item to find out, so that names may
// be doubled and texts be no UTF-8 here.
type reader struct {
	*jsontext.Decoder
	text []byte
}

func read(text []byte) reader {
	return reader{text: text, Decoder: jsontext.NewDecoder(bytes.NewBuffer(text), lax)}
}

// value returns the next value, or member name, as a part of the text.
func (r reader) value() (jsontext.Value, error) {
	raw, err := r.ReadValue()
	if err != nil {
		return nil, err
	}
	end := r.InputOffset()
	return r.text[end-int64(len(raw)) : end : end], nil
}

// members calls each with every member of the object that comes next. It has
// to read the value.
func (r reader) members(each func(name jsontext.Value) error) error {
	if r.PeekKind() != '{' {
		if err := r.SkipValue(); err != nil {
			return err
		}
		return errNoObject
	}
	return r.elements(func() error {
		name, err := r.value()
		if err != nil {
			return err
		}
		return each(name)
	})
}

// elements calls each for every element of what begins next, to read it.
func (r reader) elements(each func() error) error {
	if _, err := r.ReadToken(); err != nil {
		return err
	}
	for kind := r.PeekKind(); kind != ']' && kind != '}'; kind = r.PeekKind() {
		if err := each(); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return err
}

// readBatch reads the answer to a batch of size requests, as far as it can be
// read, and counts the answers that belong to none of them.
func readBatch(body []byte, size int) (got batchAnswer, err error) {
	r := read(body)
	found := false
	got = batchAnswer{items: make([]item, size), culprit: -1}
	err = r.members(func(name jsontext.Value) error {
		if string(name) != `"responses"` || r.PeekKind() != '[' {
			return r.SkipValue()
		}
		found = true
		return r.elements(func() error {
			id, it, err := r.response()
			if err != nil {
				got.culprit = position(id, size)
				return err
			}
			got.place(id, it)
			return nil
		})
	})
	if err == nil {
		err = trailing(r.Decoder)
	}
	if !found {
		err = errors.Join(errNoResponses, err)
	}
	return got, err
}

// position returns the index of the call that an id belongs to, -1 for none.
func position(id string, size int) int {
	number, err := strconv.Atoi(id)
	if err != nil || number < 1 || number > size || strconv.Itoa(number) != id {
		return -1
	}
	return number - 1
}

// place puts an answer where its id says.
func (b *batchAnswer) place(id string, it item) {
	at := position(id, len(b.items))
	if at < 0 {
		b.unasked++
		return
	}
	it.seen = b.items[at].seen + 1
	b.items[at] = it
}

// response reads one element of "responses". One that is no object has no id.
func (r reader) response() (id string, it item, err error) {
	if r.PeekKind() != '{' {
		return "", it, r.SkipValue()
	}
	err = r.members(func(name jsontext.Value) error {
		value, err := r.value()
		if err != nil {
			return err
		}
		switch string(name) {
		case `"id"`:
			id = text(value)
		case `"status"`:
			it.status, _ = strconv.Atoi(text(value))
		case `"headers"`:
			it.headers = value
		case `"body"`:
			it.body = value
		}
		return nil
	})
	return id, it, err
}

// text returns a string or a number as text, "" for anything else.
func text(value jsontext.Value) string {
	switch value.Kind() {
	case '0':
		return string(value)
	case '"':
		unquoted, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return ""
		}
		return string(unquoted)
	}
	return ""
}

// header returns a header of an item; names differ in case at will.
func header(headers jsontext.Value, name string) (value string) {
	eachHeader(headers, func(found, content string) {
		if strings.EqualFold(found, name) {
			value = content
		}
	})
	return value
}

func headersOf(headers jsontext.Value) http.Header {
	all := http.Header{}
	eachHeader(headers, all.Add)
	return all
}

// eachHeader calls each with the headers of an item. One may have a list of values.
func eachHeader(headers jsontext.Value, each func(name, value string)) {
	if headers.Kind() != '{' {
		return
	}
	r := read(headers)
	_ = r.members(func(raw jsontext.Value) error {
		name := text(raw)
		if r.PeekKind() == '[' {
			return r.elements(func() error {
				content, err := r.value()
				each(name, text(content))
				return err
			})
		}
		content, err := r.value()
		each(name, text(content))
		return err
	})
}
