package sparse

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/go-json-experiment/json/jsontext"
)

const (
	// maxDepth is how deep values may be nested. Entities have six levels at most.
	maxDepth = 64
	// maxUnknown is how many members of one object may be without a field. Each is compared with all others.
	maxUnknown = 32
)

// scanner walks a JSON text that is valid UTF-8. Its methods return false at whatever is not valid, and at what is so
// unusual that it is left to package json.
type scanner struct {
	text []byte
	at   int
	// names are those of the members without a field, of all objects that are open.
	names [][]byte
}

// peek skips white space and returns the next byte, 0 at the end. Nearly always there is no white space.
func (s *scanner) peek() byte {
	if s.at < len(s.text) && s.text[s.at] > ' ' {
		return s.text[s.at]
	}
	return s.pastSpace()
}

func (s *scanner) pastSpace() byte {
	for s.at < len(s.text) {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
	return 0
}

// take consumes one byte, after white space.
func (s *scanner) take(c byte) bool {
	if s.peek() != c {
		return false
	}
	s.at++
	return true
}

// more consumes what stands between two elements, or what closes the list of them. Done: it was closed.
func (s *scanner) more(closing byte) (done, ok bool) {
	switch s.peek() {
	case ',':
		s.at++
		return false, true
	case closing:
		s.at++
		return true, true
	}
	return false, false
}

// word consumes a literal: true, false or null.
func (s *scanner) word(literal string) bool {
	if !bytes.HasPrefix(s.text[s.at:], []byte(literal)) {
		return false
	}
	s.at += len(literal)
	return true
}

// null consumes a null, if there is one.
func (s *scanner) null() bool { return s.peek() == 'n' && s.word("null") }

// quoted consumes a string and returns it with its quotes.
func (s *scanner) quoted() (raw []byte, escaped, ok bool) {
	if s.peek() != '"' {
		return nil, false, false
	}
	start := s.at
	for at := start + 1; ; {
		at += plain(s.text[at:])
		switch {
		case at >= len(s.text) || s.text[at] < ' ':
			return nil, false, false
		case s.text[at] == '"':
			s.at = at + 1
			return s.text[start:s.at], escaped, true
		}
		escaped = true // it is a backslash
		if at += 2; at > len(s.text) {
			return nil, false, false
		}
	}
}

// plain returns how many bytes of a string come before the next quote, backslash or control character. It looks at
// eight at a time: each of the three lines sets the highest bit of the first byte that is one of these.
func plain(text []byte) (n int) {
	const low, high = 0x0101010101010101, 0x8080808080808080
	for ; len(text)-n >= 8; n += 8 {
		eight := binary.LittleEndian.Uint64(text[n:])
		quote, backslash := eight^(low*'"'), eight^(low*'\\')
		found := (quote - low) &^ quote
		found |= (backslash - low) &^ backslash
		found |= (eight - low*' ') &^ eight
		if found &= high; found != 0 {
			return n + bits.TrailingZeros64(found)/8
		}
	}
	for n < len(text) && text[n] != '"' && text[n] != '\\' && text[n] >= ' ' {
		n++
	}
	return n
}

// name consumes the name of a member and the colon.
func (s *scanner) name() (name []byte, ok bool) {
	raw, escaped, ok := s.quoted()
	if !ok || escaped || !s.take(':') {
		return nil, false
	}
	return raw[1 : len(raw)-1], true
}

// unquote returns what a string stands for. The bytes may be those of the text.
func unquote(raw []byte, escaped bool) ([]byte, bool) {
	if !escaped {
		return raw[1 : len(raw)-1], true
	}
	text, err := jsontext.AppendUnquote(nil, raw)
	return text, err == nil
}

// number consumes a number.
func (s *scanner) number() (raw []byte, ok bool) {
	s.peek()
	start := s.at
	if s.here() == '-' {
		s.at++
	}
	if s.here() == '0' {
		s.at++
	} else if !s.digits() {
		return nil, false
	}
	if s.here() == '.' {
		if s.at++; !s.digits() {
			return nil, false
		}
	}
	if c := s.here(); c == 'e' || c == 'E' {
		if s.at++; s.here() == '+' || s.here() == '-' {
			s.at++
		}
		if !s.digits() {
			return nil, false
		}
	}
	return s.text[start:s.at], true
}

// here is the next byte, 0 at the end.
func (s *scanner) here() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

func (s *scanner) digits() bool {
	start := s.at
	for s.at < len(s.text) && s.text[s.at]-'0' <= 9 {
		s.at++
	}
	return s.at > start
}

// skip consumes a value.
func (s *scanner) skip(depth int) bool {
	switch s.peek() {
	case '"':
		raw, escaped, ok := s.quoted()
		if ok && escaped {
			_, ok = unquote(raw, true)
		}
		return ok
	case '{':
		return depth < maxDepth && s.skipObject(depth+1)
	case '[':
		return depth < maxDepth && s.skipArray(depth+1)
	case 't':
		return s.word("true")
	case 'f':
		return s.word("false")
	case 'n':
		return s.word("null")
	}
	_, ok := s.number()
	return ok
}

func (s *scanner) skipObject(depth int) bool {
	s.at++
	if s.take('}') {
		return true
	}
	for first := len(s.names); ; {
		name, ok := s.name()
		if !ok || !s.isNew(name, first) || !s.skip(depth) {
			return false
		}
		if done, ok := s.more('}'); done || !ok {
			s.names = s.names[:first]
			return ok
		}
	}
}

// isNew notes the name of a member, and reports whether its object did not have it yet. The names of the object are
// those from first on.
func (s *scanner) isNew(name []byte, first int) bool {
	known := s.names[first:]
	if len(known) == maxUnknown {
		return false
	}
	for _, other := range known {
		if bytes.Equal(name, other) {
			return false
		}
	}
	s.names = append(s.names, name)
	return true
}

func (s *scanner) skipArray(depth int) bool {
	s.at++
	if s.take(']') {
		return true
	}
	for {
		if !s.skip(depth) {
			return false
		}
		if done, ok := s.more(']'); done || !ok {
			return ok
		}
	}
}
