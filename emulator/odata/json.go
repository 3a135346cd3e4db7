package odata

import (
	"bytes"
	"errors"

	"github.com/go-json-experiment/json/jsontext"
)

// EachMember calls do for each member of a JSON object, in order. The values are parts of the object's text.
func EachMember(object []byte, do func(name string, value jsontext.Value) error) error {
	d := jsontext.NewDecoder(bytes.NewBuffer(object), jsontext.AllowDuplicateNames(true))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '{' {
		return errors.New("not a JSON object")
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		key := name.String()
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		end := int(d.InputOffset())
		if err := do(key, object[end-len(value):end:end]); err != nil {
			return err
		}
	}
	return nil
}

// Elements returns the elements of a JSON array, or nil if the text is not an array.
func Elements(array []byte) []jsontext.Value {
	var values []jsontext.Value
	d := jsontext.NewDecoder(bytes.NewReader(array))
	if t, err := d.ReadToken(); err != nil || t.Kind() != '[' {
		return nil
	}
	for d.PeekKind() != ']' {
		v, err := d.ReadValue()
		if err != nil {
			return nil
		}
		values = append(values, v.Clone())
	}
	return values
}

// AppendString appends text as a JSON string. Text that is not valid UTF-8 becomes the empty string.
func AppendString(dst []byte, text string) []byte {
	out, err := jsontext.AppendQuote(dst, text)
	if err != nil {
		return append(dst, `""`...)
	}
	return out
}

// eachText calls do for each string in a JSON value. The elements of an array have the path of the array.
func eachText(value jsontext.Value, path string, do func(path, text string)) {
	switch value.Kind() {
	case '"':
		if text, err := jsontext.AppendUnquote(nil, value); err == nil {
			do(path, string(text))
		}
	case '{':
		_ = EachMember(value, func(name string, v jsontext.Value) error { // it was read before
			if path != "" {
				name = path + "/" + name
			}
			eachText(v, name, do)
			return nil
		})
	case '[':
		for _, v := range Elements(value) {
			eachText(v, path, do)
		}
	}
}
