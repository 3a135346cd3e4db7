package auth

import (
	"encoding/base64"
	"encoding/json"
	"strings"
)

// claimsOf returns the claims that a 401 asks for: the decoded JSON object of the first Bearer challenge that carries
// one, or "".
//
// Challenges come several to a header or several headers to an answer, with values quoted or not, and with the claims
// in any of the four forms of base64.
func claimsOf(headers []string) string {
	for _, header := range headers {
		for _, c := range challenges(header) {
			if !strings.EqualFold(c.scheme, "Bearer") {
				continue
			}
			if claims := decodeClaims(c.params["claims"]); claims != "" {
				return claims
			}
		}
	}
	return ""
}

type challenge struct {
	scheme string
	params map[string]string
}

// challenges splits one WWW-Authenticate header (RFC 9110, 11.6.1) and forgives what it does not understand.
func challenges(header string) []challenge {
	var all []challenge
	for rest := header; ; {
		rest = strings.TrimLeft(rest, " \t,")
		if rest == "" {
			return all
		}
		word, after := cutWord(rest)
		if trimmed := strings.TrimLeft(after, " \t"); word != "" && strings.HasPrefix(trimmed, "=") {
			var value string
			value, rest = cutValue(strings.TrimLeft(trimmed[1:], " \t"))
			if len(all) > 0 {
				keep(all[len(all)-1].params, word, value)
			}
			continue
		}
		if word == "" {
			rest = rest[1:]
			continue
		}
		all = append(all, challenge{scheme: word, params: map[string]string{}})
		rest = after
	}
}

// keep stores a parameter; of two with one name the first counts.
func keep(params map[string]string, name, value string) {
	name = strings.ToLower(name)
	if _, found := params[name]; !found {
		params[name] = value
	}
}

func cutWord(s string) (word, rest string) {
	end := strings.IndexAny(s, " \t,=\"")
	if end < 0 {
		end = len(s)
	}
	return s[:end], s[end:]
}

// cutValue cuts a quoted or unquoted value. An unquoted one ends at a comma or a space, so that base64 padding stays
// with it.
func cutValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, " \t,")
		if end < 0 {
			end = len(s)
		}
		return s[:end], s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:]
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}

// maxClaims is how much of a challenge is believed; real ones have some 100 bytes.
const maxClaims = 8 << 10

// decodeClaims returns the JSON object in value, which is base64 or plain, or "".
func decodeClaims(value string) string {
	if value == "" || len(value) > maxClaims {
		return ""
	}
	if isObject([]byte(value)) {
		return value
	}
	value = strings.TrimRight(value, "=")
	for _, encoding := range []*base64.Encoding{base64.RawURLEncoding, base64.RawStdEncoding} {
		if decoded, err := encoding.DecodeString(value); err == nil && isObject(decoded) {
			return string(decoded)
		}
	}
	return ""
}

func isObject(text []byte) bool {
	var object map[string]any
	return json.Unmarshal(text, &object) == nil && object != nil
}
