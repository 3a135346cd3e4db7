package sparse

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth is how deep values may be nested. Entities have six levels at most.
const maxDepth = 64

// scanner walks a JSON text. Its methods return false at whatever is not valid, and at what is so unusual that it is
// left to package json.
type scanner struct {
	text []byte
	at   int
	// unescaped has the last string that had escapes, without them.
	unescaped []byte
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

// ends reports whether nothing but white space is left.
func (s *scanner) ends() bool { return s.peek() == 0 && s.at == len(s.text) }

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
	end := s.at + len(literal)
	if end > len(s.text) || string(s.text[s.at:end]) != literal {
		return false
	}
	s.at = end
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
	ascii := true
	for at := start + 1; ; {
		n, plain := run(s.text[at:])
		at, ascii = at+n, ascii && plain
		switch {
		case at >= len(s.text) || s.text[at] < ' ':
			return nil, false, false
		case s.text[at] == '"':
			s.at = at + 1
			raw = s.text[start:s.at]
			return raw, escaped, ascii || utf8.Valid(raw)
		}
		escaped = true // it is a backslash
		if at += 2; at > len(s.text) {
			return nil, false, false
		}
	}
}

// run returns how many bytes of a string come before the next quote, backslash or control character, and whether they
// are surely ASCII. It looks at eight at a time: each of the three lines sets the highest bit of the first byte that is
// one of these.
func run(text []byte) (n int, ascii bool) {
	const low, high = 0x0101010101010101, 0x8080808080808080
	all := uint64(0)
	for ; len(text)-n >= 8; n += 8 {
		eight := binary.LittleEndian.Uint64(text[n:])
		all |= eight
		quote, backslash := eight^(low*'"'), eight^(low*'\\')
		found := (quote - low) &^ quote
		found |= (backslash - low) &^ backslash
		found |= (eight - low*' ') &^ eight
		if found &= high; found != 0 {
			return n + bits.TrailingZeros64(found)/8, all&high == 0
		}
	}
	for n < len(text) && text[n] != '"' && text[n] != '\\' && text[n] >= ' ' {
		all |= uint64(text[n])
		n++
	}
	return n, all&high == 0
}

// name consumes the name of a member and the colon.
func (s *scanner) name() (name []byte, ok bool) {
	raw, escaped, ok := s.quoted()
	if !ok || escaped || !s.take(':') {
		return nil, false
	}
	return raw[1 : len(raw)-1], true
}

// string consumes a string and returns what it stands for, until the next one is read.
func (s *scanner) string() ([]byte, bool) {
	raw, escaped, ok := s.quoted()
	switch {
	case !ok:
		return nil, false
	case !escaped:
		return raw[1 : len(raw)-1], true
	}
	var err error
	s.unescaped, err = jsontext.AppendUnquote(s.unescaped[:0], raw)
	return s.unescaped, err == nil
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
