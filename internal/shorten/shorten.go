// Package shorten shortens texts for people: for messages, and for lines of the log.
package shorten

import "unicode/utf8"

// Cut returns the longest beginning of s that has at most n bytes and does not split a character.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// To returns s, or, if it has more than n bytes, its beginning by Cut with an ellipsis, which does not count.
func To(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return Cut(s, n) + "…"
}
