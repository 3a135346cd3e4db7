package msgraph

import (
	"bytes"
	"encoding"
	"errors"
	"math"
	"reflect"
	"slices"
	"strconv"

	stdjson "encoding/json"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// MaxInvalid is how many values of one answer, of each sort, become an Invalid. The others become zero values alike: an
// answer full of wrong values must not cost a multiple of its size. It is one more than the warnings that a response
// may have, so that the last warning says that there are more.
const MaxInvalid = 101

// lenient decodes an entity that the strict way refused. Only malformed JSON and anything but an object fail; every
// value that cannot be read is noted. Where a text is not Unicode, U+FFFD stands for what is not.
func lenient[T any](body []byte) (*T, []Invalid, error) {
	if jsontext.Value(body).Kind() != '{' {
		return nil, nil, errNoObject
	}
	var invalid []Invalid
	entity := new(T)
	unreadable, unrecognized, coerced := 0, 0, 0 // each has its own bound, so that none hides another
	note := noting(func(found Invalid) {
		count := &unreadable
		switch {
		case found.Unrecognized:
			count = &unrecognized
		case found.Coerced:
			count = &coerced
		}
		if *count++; *count <= MaxInvalid {
			invalid = append(invalid, found)
		}
	})
	err := json.Unmarshal(body, entity, anyText, json.WithUnmarshalers(json.UnmarshalFromFunc(note)))
	return entity, invalid, err
}

// anyText replaces what is not Unicode in a text by U+FFFD.
var anyText = jsontext.AllowInvalidUTF8(true)

// noting returns a function for json.UnmarshalFromFunc that decodes values as far as they can be, and hands the others
// to note.
func noting(note func(Invalid)) func(*jsontext.Decoder, any) error {
	return func(dec *jsontext.Decoder, target any) error {
		found, err := decodeValue(dec, reflect.ValueOf(target).Elem())
		if found != nil {
			note(*found)
		}
		return err
	}
}

// decodeValue decodes the next value into target as far as it can. It leaves structs and lists, if the value is of that
// kind, to the decoder, which comes back here with each of their values.
func decodeValue(dec *jsontext.Decoder, target reflect.Value) (*Invalid, error) {
	if want := container(target.Type()); want != 0 && dec.PeekKind() == want {
		return nil, errors.ErrUnsupported
	}
	raw, err := dec.ReadValue()
	if err != nil {
		return nil, err
	}
	raw = raw.Clone()
	switch err := json.Unmarshal(raw, target.Addr().Interface(), anyText); {
	case err == nil:
		return nil, nil
	case errors.Is(err, ErrUnrecognized):
		return &Invalid{Path: path(dec), Raw: excerpt(raw), Unrecognized: true}, nil
	}
	target.SetZero()
	return &Invalid{Path: path(dec), Raw: excerpt(raw), Coerced: coerce(raw, target)}, nil
}

// container returns the kind of JSON value that a type is decoded from value by value, 0 for a type that is decoded as
// a whole.
func container(t reflect.Type) jsontext.Kind {
	if t.Kind() == reflect.Pointer {
		return container(t.Elem())
	}
	if decodesItself(t) {
		return 0
	}
	switch t.Kind() {
	case reflect.Struct, reflect.Map:
		return '{'
	case reflect.Slice, reflect.Array:
		if t.Elem().Kind() != reflect.Uint8 {
			return '['
		}
	}
	return 0
}

var ownDecoders = []reflect.Type{
	reflect.TypeFor[json.UnmarshalerFrom](), reflect.TypeFor[stdjson.Unmarshaler](),
	reflect.TypeFor[encoding.TextUnmarshaler](),
}

func decodesItself(t reflect.Type) bool {
	return slices.ContainsFunc(ownDecoders, reflect.PointerTo(t).Implements)
}

// coerce reads an integer that came as text or with an empty fraction.
func coerce(raw jsontext.Value, target reflect.Value) bool {
	text := raw
	if raw.Kind() == '"' {
		unquoted, err := jsontext.AppendUnquote(nil, raw)
		if err != nil {
			return false
		}
		text = unquoted
	}
	number, ok := integer(string(text))
	if !ok {
		return false
	}
	value := target
	if target.Kind() == reflect.Pointer {
		value = reflect.New(target.Type().Elem()).Elem()
	}
	if !value.CanInt() || value.OverflowInt(number) || decodesItself(value.Type()) {
		return false
	}
	value.SetInt(number)
	if target.Kind() == reflect.Pointer {
		target.Set(value.Addr())
	}
	return true
}

// integer reads "21", "21.0" and "2.1e1" as 21.
func integer(text string) (int64, bool) {
	if jsontext.Value(text).Kind() != '0' || !jsontext.Value(text).IsValid() {
		return 0, false
	}
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		return number, true
	}
	const exact = 1 << 53 // integers up to here are exact in a float64
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || number != math.Trunc(number) || math.Abs(number) > exact {
		return 0, false
	}
	return int64(number), true
}

// path returns where in the entity the value stands that was read last.
func path(dec *jsontext.Decoder) []string {
	return slices.Collect(dec.StackPointer().Tokens())
}

// excerpt cuts a value to what may be shown, at the end of a character.
func excerpt(raw []byte) string {
	if len(raw) > maxRaw {
		raw = raw[:maxRaw]
	}
	return string(bytes.ToValidUTF8(raw, nil))
}
