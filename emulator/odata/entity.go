package odata

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Bits of members that $select cannot name.
const (
	bitAnnotation = -1 // @odata.type: part of every response
	bitUndeclared = -2 // not in the metadata: only in responses to requests without $select
)

// An Entity is the text of one entity, split into members, so that a response is put together by copying. It is not
// changed once it is in use.
type Entity struct {
	ID string

	// AsPublished means that responses have the form of the entity's documentation page: wrapped, without a context.
	AsPublished bool

	kind  int    // index of its concrete type
	text  []byte // members, comma separated, without braces
	parts []part
}

// A part is the position of `"name":value` in an entity's text.
type part struct {
	from, to int32
	bit      int8
	ref      string // id of the referenced entity; empty: not a reference
}

// NewEntity reads a compact JSON object as an entity of the set. It must have an id. If the set has several concrete
// types, @odata.type is added where it is missing.
func NewEntity(s *Set, object []byte) (*Entity, error) {
	en := &Entity{text: make([]byte, 0, len(object)), parts: make([]part, 0, 13)}
	type named struct {
		name  string
		value jsontext.Value
	}
	var found []named
	var id, mark jsontext.Value
	err := EachMember(object, func(name string, value jsontext.Value) error {
		found = append(found, named{name, value})
		switch name {
		case "id":
			id = value
		case "@odata.type":
			mark = value
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading entity: %w", err)
	}
	if err := json.Unmarshal(id, &en.ID); err != nil || en.ID == "" {
		return nil, fmt.Errorf("reading entity: member %q must be a string that is not empty", "id")
	}
	en.kind = s.kindOf(en.ID, string(mark))
	if len(s.kinds) > 1 && mark == nil {
		en.add(s, "@odata.type", jsontext.Value(`"`+s.kinds[en.kind].mark+`"`))
	}
	for _, m := range found {
		en.add(s, m.name, m.value)
	}
	return en, nil
}

// add appends one member.
func (en *Entity) add(s *Set, name string, value jsontext.Value) {
	if len(en.text) > 0 {
		en.text = append(en.text, ',')
	}
	p := part{from: int32(len(en.text)), bit: bitUndeclared}
	if strings.HasPrefix(name, "@") {
		p.bit = bitAnnotation
	}
	if bit, ok := s.kinds[en.kind].bits[name]; ok {
		p.bit = int8(bit)
	}
	if _, ok := s.kinds[en.kind].refs[name]; ok {
		p.ref = referencedID(value)
	}
	en.text = AppendString(en.text, name)
	en.text = append(en.text, ':')
	en.text = append(en.text, value...)
	p.to = int32(len(en.text))
	en.parts = append(en.parts, p)
}

// referencedID returns the id in a reference, or "".
func referencedID(value jsontext.Value) string {
	var ref struct {
		ID string `json:"id"`
	}
	if json.Unmarshal(value, &ref) != nil {
		return ""
	}
	return ref.ID
}

// Same reports whether two entities have the same text.
func (en *Entity) Same(other *Entity) bool { return bytes.Equal(en.text, other.text) }

// JSON returns the entity as a JSON object.
func (en *Entity) JSON() string { return "{" + string(en.text) + "}" }

// member returns the value of a member of that name, and the id that it refers to, or nil if there is no such member.
func (en *Entity) member(s *Set, name string) (value jsontext.Value, ref string) {
	bit, ok := s.kinds[en.kind].bits[name]
	if !ok {
		return nil, ""
	}
	for _, p := range en.parts {
		if p.bit == int8(bit) {
			return jsontext.Value(en.text[p.from:p.to][len(name)+len(`"":`):]), p.ref
		}
	}
	return nil, ""
}

// hasWord reports whether a string of the entity contains the word, in any letter case.
func (en *Entity) hasWord(word string) bool {
	found := false
	eachText([]byte(en.JSON()), "", func(_, text string) {
		for part := range strings.FieldsFuncSeq(strings.ToLower(text), outsideWord) {
			found = found || strings.Trim(part, "-_.") == word
		}
	})
	return found
}

// outsideWord reports whether a character separates words.
func outsideWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.", r)
}
