package limits

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"portico/graph/code"
)

// checkLiterals refuses literals that GraphQL does not allow and gqlparser takes: an escape of half a surrogate pair,
// which it turns into U+FFFD, bytes that are not UTF-8, and a number with a name or a point right behind it.
// https://spec.graphql.org/draft/#sec-String-Value
func checkLiterals(text string) *gqlerror.Error {
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '#':
			i += until(text[i:], "\r\n")
		case strings.HasPrefix(text[i:], `"""`):
			i += blockString(text[i:])
		case c == '"':
			length, bad := quoted(text[i:])
			if bad != "" {
				return syntaxError(text, i, bad)
			}
			i += length
		case isName(c) && !isDigit(c):
			i += nameLength(text[i:])
		case isDigit(c):
			length := numberLength(text[i:])
			if i += length; i < len(text) && (isName(text[i]) || text[i] == '.') {
				return syntaxError(text, i, fmt.Sprintf("Invalid number, expected digit but got: %q.", text[i]))
			}
		default:
			i++
		}
	}
	if !utf8.ValidString(text) {
		return syntaxError(text, 0, "The document is not valid UTF-8.")
	}
	return nil
}

// until is how many bytes come before any of the characters.
func until(text, ends string) int {
	if end := strings.IndexAny(text, ends); end >= 0 {
		return end
	}
	return len(text)
}

// blockString is the length of a block string, in which only \""" is an escape.
func blockString(text string) int {
	for i := 3; i < len(text); {
		switch {
		case strings.HasPrefix(text[i:], `\"""`):
			i += 4
		case strings.HasPrefix(text[i:], `"""`):
			for i += 3; i < len(text) && text[i] == '"'; i++ { // gqlparser ends at the last three of many quotes
			}
			return i
		default:
			i++
		}
	}
	return len(text)
}

// quoted is the length of a string, and what is wrong with its escapes of surrogates. Other faults are left to the
// parser.
func quoted(text string) (length int, bad string) {
	for i := 1; i < len(text); {
		switch text[i] {
		case '"', '\n', '\r':
			return i + 1, ""
		case '\\':
			unit, isUnit := escapedUnit(text[i:])
			switch {
			case !isUnit:
				i += 2
				continue
			case unit < 0xD800 || unit > 0xDFFF:
				i += 6
				continue
			}
			low, paired := escapedUnit(text[i+6:])
			if unit > 0xDBFF || !paired || low < 0xDC00 || low > 0xDFFF {
				return i, fmt.Sprintf("Invalid Unicode escape sequence: %q.", text[i:i+6])
			}
			i += 12
		default:
			i++
		}
	}
	return len(text), ""
}

// escapedUnit reads an escape of four hexadecimal digits.
func escapedUnit(text string) (uint64, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	unit, err := strconv.ParseUint(text[2:6], 16, 16)
	return unit, err == nil
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isName(c byte) bool {
	return c == '_' || isDigit(c) || ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z')
}

func nameLength(text string) (n int) {
	for n < len(text) && isName(text[n]) {
		n++
	}
	return n
}

// numberLength is the length of a number that starts with a digit.
func numberLength(text string) int {
	n := digits(text, 0)
	if fraction := digits(text, n+1); n < len(text) && text[n] == '.' && fraction > n+1 {
		n = fraction
	}
	if n < len(text) && (text[n] == 'e' || text[n] == 'E') {
		start := n + 1
		if start < len(text) && (text[start] == '+' || text[start] == '-') {
			start++
		}
		if exponent := digits(text, start); exponent > start {
			n = exponent
		}
	}
	return n
}

// digits is where the digits that start at a place end.
func digits(text string, from int) int {
	for from < len(text) && isDigit(text[from]) {
		from++
	}
	return from
}

// syntaxError words an error at a place of a document.
func syntaxError(text string, at int, message string) *gqlerror.Error {
	before := text[:at]
	return &gqlerror.Error{
		Message: message,
		Locations: []gqlerror.Location{{
			Line: 1 + strings.Count(before, "\n"), Column: 1 +
				utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]),
		}},
		Extensions: map[string]any{"code": code.ParseFailed},
	}
}
