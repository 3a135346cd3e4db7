package msgraph

import (
	"bytes"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// reader walks over a JSON text whose values it hands out without copying. What is wrong inside an item is for the item
// to find out, so that names may be doubled and texts be no UTF-8 here.
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

// members calls each with every member of the object that comes next. It has to read the value.
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
	if !mayHave(headers, name) {
		return ""
	}
	eachHeader(headers, func(found, content string) {
		if strings.EqualFold(found, name) {
			value = content
		}
	})
	return value
}

// mayHave reports, without decoding them, whether headers may have one of this name: in quotes and in any case, or with
// escapes or letters in which it cannot be seen.
func mayHave(headers []byte, name string) bool {
	for i, c := range headers {
		end := i + 1 + len(name)
		switch {
		case c == '\\', c >= utf8.RuneSelf:
			return true
		case c == '"' && end < len(headers) && headers[end] == '"' && strings.EqualFold(string(headers[i+1:end]), name):
			return true
		}
	}
	return false
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
