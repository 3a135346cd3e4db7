package odata

import (
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// A value is the value of a property, read for comparing.
type value struct {
	text string
	time time.Time // zero: it is not an instant
	null bool
}

// valueAt reads a property, or the id of a reference where the path is "host/id".
func (en *Entity) valueAt(s *Set, path string) value {
	name, _, nested := strings.Cut(path, "/")
	raw, ref := en.member(s, name)
	if nested {
		return value{text: ref, null: ref == ""}
	}
	return readValue(raw)
}

func readValue(raw jsontext.Value) value {
	if raw.Kind() != '"' {
		return value{text: string(raw), null: len(raw) == 0 || raw.Kind() == 'n'}
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	if err != nil {
		return value{null: true}
	}
	v := value{text: string(text)}
	v.time, _ = time.Parse(time.RFC3339, v.text) // otherwise it is compared as text
	return v
}

// compare orders null first, then instants by time and other values by text.
func (v value) compare(w value) int {
	switch {
	case v.null && w.null:
		return 0
	case v.null:
		return -1
	case w.null:
		return 1
	case !v.time.IsZero() && !w.time.IsZero():
		return v.time.Compare(w.time)
	default:
		return strings.Compare(v.text, w.text)
	}
}
