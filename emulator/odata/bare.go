package odata

import (
	"bytes"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// WithoutAnnotations returns a JSON body as it is with odata.metadata=none: no annotation but the count and the link
// to the next page. A body that is not JSON is returned unchanged.
// https://docs.oasis-open.org/odata/odata-json-format/v4.01/odata-json-format-v4.01.html, section 3.1.3
func WithoutAnnotations(body []byte) []byte {
	bare, err := appendBare(make([]byte, 0, len(body)), body)
	if err != nil {
		return body
	}
	return bare
}

// appendBare appends a value without the annotations in it.
func appendBare(dst []byte, value jsontext.Value) ([]byte, error) {
	switch value.Kind() {
	case '{':
		return appendBareObject(dst, value)
	case '[':
		return appendBareArray(dst, value)
	default:
		return append(dst, bytes.TrimSpace(value)...), nil
	}
}

func appendBareObject(dst []byte, object []byte) ([]byte, error) {
	dst = append(dst, '{')
	start := len(dst)
	err := EachMember(object, func(name string, value jsontext.Value) (err error) {
		if isAnnotation(name) {
			return nil
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(AppendString(dst, name), ':')
		dst, err = appendBare(dst, value)
		return err
	})
	return append(dst, '}'), err
}

func appendBareArray(dst []byte, array []byte) (_ []byte, err error) {
	dst = append(dst, '[')
	for i, element := range Elements(array) {
		if i > 0 {
			dst = append(dst, ',')
		}
		if dst, err = appendBare(dst, element); err != nil {
			return nil, err
		}
	}
	return append(dst, ']'), nil
}

// isAnnotation reports whether a member is an annotation that clients can do without.
func isAnnotation(name string) bool {
	return strings.Contains(name, "@odata.") && name != "@odata.count" && name != "@odata.nextLink"
}
