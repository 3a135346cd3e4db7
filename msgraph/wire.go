package msgraph

import (
	"bytes"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
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
	batchID string // the request-id of the batch
}

// judge is answer.judge for an item.
func (it *item) judge() (body []byte, failure *Error) {
	switch {
	case it.seen == 0:
		failure = &Error{Kind: BadResponse, Err: errMissing}
	case it.seen > 1:
		failure = &Error{Kind: BadResponse, Err: errDoubled}
	default:
		body, failure = it.answer.judge()
	}
	if failure != nil && failure.RequestID == "" {
		failure.RequestID = it.batchID
	}
	return body, failure
}

// inherit completes an item from its own headers and from the batch answer.
func (it *item) inherit(outer *answer, now time.Time) {
	it.batchID = outer.requestID
	if it.status/100 != 2 {
		it.retryAfter = parseRetryAfter(header(it.headers, "Retry-After"), outer.date, now)
		it.requestID = header(it.headers, "request-id")
	}
	it.unpack()
}

// unpack makes sense of a body that is no JSON value of its own: none, or a
// text that holds JSON in one of the alphabets of base64. Any other is left
// with a content type that says so.
func (it *item) unpack() {
	switch it.body = bytes.TrimSpace(it.body); jsontext.Value(it.body).Kind() {
	case '{', '[':
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
	return body, err == nil && startsJSON(body)
}

var errNoResponses = errors.New("batch answer without responses")

// reader walks over a JSON text whose values it hands out without copying.
// What is wrong inside an item is for the item to find out, so that names may
// be doubled and texts be no UTF-8 here.
type reader struct {
	*jsontext.Decoder
	text []byte
}

func read(text []byte) reader {
	return reader{text: text, Decoder: jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))}
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

// readBatch reads the answer to a batch of size requests. It counts the
// answers that belong to none of them.
func readBatch(body []byte, size int) (items []item, unasked int, err error) {
	r := read(body)
	found := false
	items = make([]item, size)
	err = r.members(func(name jsontext.Value) error {
		if string(name) != `"responses"` || r.PeekKind() != '[' {
			return r.SkipValue()
		}
		found = true
		return r.elements(func() error {
			id, it, err := r.response()
			if err != nil {
				return err
			}
			unasked += place(items, id, it)
			return nil
		})
	})
	if err == nil {
		err = trailing(r.Decoder)
	}
	if err == nil && !found {
		err = errNoResponses
	}
	return items, unasked, err
}

// place puts an answer where its id says. It returns 1 if that is nowhere.
func place(items []item, id string, it item) (unasked int) {
	number, err := strconv.Atoi(id)
	if err != nil || number < 1 || number > len(items) || strconv.Itoa(number) != id {
		return 1
	}
	it.seen = items[number-1].seen + 1
	items[number-1] = it
	return 0
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
	if headers.Kind() != '{' {
		return ""
	}
	r := read(headers)
	_ = r.members(func(raw jsontext.Value) error {
		content, err := r.value()
		if err == nil && strings.EqualFold(text(raw), name) {
			value = text(content)
		}
		return err
	})
	return value
}
