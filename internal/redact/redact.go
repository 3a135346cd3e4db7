// Package redact removes from text that another service sent what must not reach a caller, a log or a metric: tokens,
// secrets and URLs. Services quote what they were sent in their error messages, so every such text passes here once,
// where it becomes part of an error.
package redact

import (
	"encoding/base64"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"portico/internal/shorten"
)

const (
	// mark replaces a token or a secret.
	mark = "[redacted]"
	// place replaces a URL or the address of a service.
	place = "[URL]"
	// maxText is the longest text returned, in bytes.
	maxText = 1000
	// maxRead is how much of a text is looked at, in bytes.
	maxRead = 8 << 10
	// window is how many bytes of a secret in a row give it away.
	window = 12
)

// patterns are the forms of what is removed. The order matters: a URL may hold a token, and a JWT may follow "Bearer".
var patterns = []struct {
	form *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?i)[a-z][a-z0-9+.-]*(?::|%3a)(?:\\?/|%2f|%5c){2}[^\s"'<>]*`), place},
	{regexp.MustCompile(`(?i)(?:[a-z0-9_-]+\.)+[a-z]{2,24}\.?(?::\d+)?(?:/|%2f)[^\s"'<>]*`), place},
	{regexp.MustCompile(`(?:\d{1,3}\.){3}\d{1,3}:\d{1,5}(?:/[^\s"'<>]*)?`), place},
	{regexp.MustCompile(`\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%\w+)?\]:\d{1,5}(?:/[^\s"'<>]*)?`), place},
	{regexp.MustCompile(`(?i)(?:access_token|refresh_token|id_token|client_secret|client_assertion|assertion|password)["'\\\s]*(?:[:=]|%3d)["'\\\s]*[^\s"'&,;<>{}\[\]]+`), mark},
	{regexp.MustCompile(`[A-Za-z0-9+/_-]*eyJ[A-Za-z0-9_.\-+/=~%]*`), mark},
	{regexp.MustCompile(`[A-Za-z0-9_.\-+/=~%]{80,}`), mark}, // no word is this long, and tokens without a form are
}

// basic finds what follows the name of the scheme Basic: the base64 of a user and a password, or a word of a sentence.
var basic = regexp.MustCompile(`(?i)\bbasic(?:[\s:="'\\+]|%20)+([a-z0-9+/_-]+(?:=|%3d)*)`)

// padding is the end of base64.
var padding = regexp.MustCompile(`(?i)(?:=|%3d)+$`)

// word is what base64 of a user and a password is not, unless it decodes to one.
var word = regexp.MustCompile(`^(?:[A-Za-z]?[a-z]*|[A-Z]*)(?:-[a-z]+)*$`)

// bearer finds the credentials after the name of their scheme.
var bearer = regexp.MustCompile(`(?i)bearer(?:[\s:="'\\+]|%20)+([^\s,;"'<>]+)`)

// bearerWords follow "bearer" in sentences, where nothing is to be removed.
var bearerWords = map[string]bool{
	"token": true, "tokens": true, "authentication": true, "authorization": true, "scheme": true, "challenge": true,
	"realm": true,
}

// Text returns one line of at most 1,000 bytes without control characters, tokens, URLs, and without any part of the
// secrets that is long enough to recognize it.
func Text(text string, secrets ...string) string {
	return strings.TrimSpace(cutWords(remove(printable(cutWords(text, maxRead)), secrets), maxText))
}

// Clean reports whether text holds nothing that Text removes.
func Clean(text string, secrets ...string) bool { return remove(text, secrets) == text }

func remove(text string, secrets []string) string {
	for _, secret := range secrets {
		text = without(text, secret)
	}
	for _, p := range patterns {
		text = p.form.ReplaceAllString(text, p.with)
	}
	text = basic.ReplaceAllStringFunc(text, func(found string) string {
		if !isBasic(basic.FindStringSubmatch(found)[1]) {
			return found
		}
		return "Basic " + mark
	})
	return bearer.ReplaceAllStringFunc(text, func(found string) string {
		if bearerWords[strings.ToLower(strings.Trim(bearer.FindStringSubmatch(found)[1], ".:"))] {
			return found
		}
		return "Bearer " + mark
	})
}

// isBasic reports whether text may be credentials of the scheme Basic, or the beginning of them.
func isBasic(text string) bool {
	text = padding.ReplaceAllString(text, "")
	if !word.MatchString(text) {
		return true
	}
	plain, err := base64.RawStdEncoding.DecodeString(text[:len(text)/4*4])
	return err == nil && utf8.Valid(plain) && strings.Contains(string(plain), ":")
}

// RequestID returns id if it has the form of Microsoft Graph's request ids, a GUID, and otherwise nothing.
func RequestID(id string) string {
	const form = "00000000-0000-0000-0000-000000000000"
	if len(id) != len(form) {
		return ""
	}
	for i, c := range []byte(id) {
		if dash := form[i] == '-'; dash != (c == '-') || !dash && !isHex(c) {
			return ""
		}
	}
	return id
}

func isHex(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F'
}

// printable replaces control characters and invalid UTF-8 by blanks.
func printable(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || c == utf8.RuneError {
			return ' '
		}
		return c
	}, text)
}

// cutWords cuts text to n bytes, at the end of a word if there is one, so that no part of a token remains.
func cutWords(text string, n int) string {
	if len(text) <= n {
		return text
	}
	text = shorten.Cut(text, n)
	if end := strings.LastIndexByte(text, ' '); end > 0 {
		return text[:end]
	}
	return text
}

// without replaces each word of text that shares a window with the secret. A shorter secret has to be there in whole.
func without(text, secret string) string {
	if secret == "" {
		return text
	}
	if len(secret) < window {
		return strings.ReplaceAll(text, secret, mark)
	}
	var b strings.Builder
	for len(text) > 0 {
		at := sharing(text, secret)
		if at < 0 {
			break
		}
		end := at + window
		for end < len(text) && !strings.ContainsRune(" \"'<>,;", rune(text[end])) {
			end++
		}
		b.WriteString(text[:at] + mark)
		text = text[end:]
	}
	return b.String() + text
}

// sharing returns where the first window of text begins that is part of the secret, or -1.
func sharing(text, secret string) int {
	for at := 0; at+window <= len(text); at++ {
		if strings.Contains(secret, text[at:at+window]) {
			return at
		}
	}
	return -1
}
