package threatintel

import (
	"strings"
	"unicode"
)

// cleaned returns the text without the blanks around it and without characters that nobody sees, and with plain
// hyphens. Web pages and word processors put all of these into what is copied from them.
func cleaned(text string) string {
	if strings.IndexFunc(text, isOdd) < 0 {
		return text
	}
	text = strings.Map(plainRune, text)
	if strings.IndexFunc(text, isForeign) < 0 {
		text = strings.Map(dropJoiner, text)
	}
	return strings.TrimFunc(text, isBlank)
}

func isOdd(r rune) bool { return r <= ' ' || r >= 0x7f }

// isForeign reports a letter of a script in which joiners can change the meaning of a name.
func isForeign(r rune) bool { return r > 0x7f && unicode.IsLetter(r) }

// isBlank reports what looks like a blank; U+2800 and the Hangul fillers are letters or symbols by their category.
func isBlank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Z, r) || isJoiner(r) ||
		strings.ContainsRune("\u2800\u3164\uffa0\u115f\u1160", r)
}

func isJoiner(r rune) bool { return r == '\u200c' || r == '\u200d' }

func dropJoiner(r rune) rune {
	if isJoiner(r) {
		return -1
	}
	return r
}

func plainRune(r rune) rune {
	switch {
	case isJoiner(r):
		return r
	case unicode.Is(unicode.Cf, r), unicode.Is(unicode.Variation_Selector, r), r == '\u034f':
		return -1
	case strings.ContainsRune("\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d", r):
		return '-'
	}
	return r
}
