package threatintel

import (
	"net/netip"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
)

// canonicalHost returns the host that a cleaned text is: a name in lower case and ASCII, or an address as net/netip
// writes it. A URL of nothing but scheme and host is the host. Whatever else stands beside it could have been meant, so
// that the text is refused with the host as a hint.
func canonicalHost(text string) (string, error) {
	if host, ok := hostOf(text); ok {
		return host, nil
	}
	plain := refanged(text)
	found := takeApart(plain)
	host, ok := hostOf(found.host)
	switch {
	case ok && found.beside == "":
		return host, nil
	case ok:
		return "", refuseID(text, "contains "+found.beside+" in addition to the host", host)
	}
	return "", refuseID(text, "is not a host name or an IP address", hostIn(plain))
}

// hostOf returns the canonical form of a host that stands alone.
func hostOf(text string) (string, bool) {
	if address, ok := addressOf(text); ok {
		return address, true
	}
	name, ok := asciiName(text)
	if !ok {
		return "", false
	}
	if address, ok := addressOf(name); ok { // in digits of another script
		return address, true
	}
	return name, isName(name)
}

// addressOf returns an IP address in its canonical form. An IPv4 address in IPv6 notation is the IPv4 address; one with
// a zone is none, since a zone has no meaning outside one machine.
func addressOf(text string) (string, bool) {
	if inner, bracketed := strings.CutPrefix(text, "["); bracketed {
		var closed bool
		if text, closed = strings.CutSuffix(inner, "]"); !closed || !strings.Contains(text, ":") {
			return "", false
		}
	}
	text = strings.TrimSuffix(text, ".")
	if !IsAddress(text) {
		return "", false
	}
	address, err := netip.ParseAddr(text)
	return address.Unmap().String(), err == nil && address.Zone() == ""
}

// names follows UTS 46 without the rules of STD 3 and without those for hyphens: passive DNS is full of underscores,
// and of names with hyphens at every place.
var names = idna.New(idna.MapForLookup(), idna.Transitional(false), idna.StrictDomainName(false),
	idna.CheckHyphens(false))

// asciiName returns a name in lower case and ASCII, without the dot at its end. Punycode is not looked into: broken
// names of this kind have been seen, too.
func asciiName(text string) (string, bool) {
	if strings.IndexFunc(text, isOdd) >= 0 {
		if !couldBeName(text) {
			return "", false
		}
		ascii, err := names.ToASCII(text)
		if err != nil {
			return "", false
		}
		text = ascii
	}
	return strings.ToLower(strings.TrimSuffix(text, ".")), true
}

// couldBeName spares text that is not a name in any script the time that the mapping takes, which grows with the square
// of a label's length.
func couldBeName(text string) bool {
	if strings.ContainsFunc(text, notInAnyName) {
		return false
	}
	for label := range strings.FieldsFuncSeq(text, isDot) {
		if utf8.RuneCountInString(label) > maxLabel {
			return false
		}
	}
	return utf8.RuneCountInString(text) <= maxName+1
}

func isDot(r rune) bool { return strings.ContainsRune(".\u3002\uff0e\uff61", r) }

// notInAnyName reports what no mapping makes a part of a name. UTS 46 would take punctuation, such as quotation marks
// that were copied with a name; of it, IDNA knows only a few marks inside words.
func notInAnyName(r rune) bool {
	switch {
	case isDot(r) || r == '*':
		return false
	case r < utf8.RuneSelf:
		return notInLabel(r)
	}
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.So) && !isJoiner(r) &&
		!strings.ContainsRune("\u00b7\u0375\u05f3\u05f4\u30fb", r)
}

// isName reports whether the text is a name in the DNS, of one label or more, in lower case. Nothing but numbers is a
// mistyped address.
func isName(text string) bool {
	if len(text) > maxName {
		return false
	}
	numbers := true
	for label := range strings.SplitSeq(text, ".") {
		if label == "" || len(label) > maxLabel || (label != "*" && strings.ContainsFunc(label, notInLabel)) {
			return false
		}
		numbers = numbers && aNumber.MatchString(label)
	}
	return !numbers
}

var aNumber = regexp.MustCompile(`^([0-9]+|0x[0-9a-f]*)$`)

// defangings are the ways in which people keep a host from becoming a link, and what they stand for. The order matters:
// later ones find what earlier ones leave.
var defangings = []struct {
	form *regexp.Regexp
	as   string
}{
	{regexp.MustCompile(`(?i)[\[({<]s[\])}>](\W)`), "s$1"},                                         // hxxp[s]://
	{regexp.MustCompile(`(?i)\s*[\[({<]\s*(?:[.\x{3002}\x{ff0e}\x{ff61}]|dot)\s*[\])}>]\s*`), "."}, // [.] (dot)
	{regexp.MustCompile(`[\[({<]\.([\pL\pN_-]+)[\])}>]`), ".$1"},                                   // [.com]
	{regexp.MustCompile(`(?i)[\[({<]\s*(?:@|at)\s*[\])}>]`), "@"},                                  // [at]
	{regexp.MustCompile(`[\[({<]\s*(::?|/|//|:/|:\\|:\\\\|://)\s*[\])}>]`), "$1"},                  // [:] [::] [/] [://]
	{regexp.MustCompile(`[\[({<]\.|\\\.|\.[\])}>]`), "."},                                          // [. .] \.
	{regexp.MustCompile(`(?i)\s+dot\s+`), "."},                                                     // example dot com
	{regexp.MustCompile(`\\`), "/"},                                                                // http:\\
}

// refanged undoes defanging. All of it has a bracket, a backslash or a blank in it, but for a scheme such as hxxp.
func refanged(text string) string {
	if !strings.ContainsAny(text, "[({<\\ \t") {
		return text
	}
	for _, d := range defangings {
		text = d.form.ReplaceAllString(text, d.as)
	}
	return text
}

// pasted is a text taken apart: the host, and what else is there, in words.
type pasted struct{ host, beside string }

// scheme is that of a URL, which may be defanged, as in hxxp or h**p.
var scheme = regexp.MustCompile(`^(?i)(?:[a-z][a-z0-9+._*-]*:)?//+|^(?i)(?:h[tx*_]{2}ps?|ftp|mailto|sips?):/*`)

func takeApart(text string) pasted {
	authority := text[len(scheme.FindString(text)):]
	var p pasted
	if end := strings.IndexAny(authority, "/?#"); end >= 0 {
		p.beside = pathIn(authority[end:])
		authority = authority[:end]
	}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		p.beside = "a user name or a mailbox"
		authority = authority[at+1:]
	}
	if host, beside := portIn(authority); beside != "" {
		authority, p.beside = host, beside
	}
	p.host = authority
	return p
}

var prefixLength = regexp.MustCompile(`^/[0-9]{1,3}$`)

func pathIn(rest string) string {
	switch {
	case rest == "/":
		return ""
	case prefixLength.MatchString(rest):
		return "a prefix length"
	case rest[0] == '?':
		return "a query"
	case rest[0] == '#':
		return "a fragment"
	}
	return "a path"
}

// portIn splits what may stand behind a host: a port, or the zone of an IPv6 address.
func portIn(authority string) (host, beside string) {
	if inner, bracketed := strings.CutPrefix(authority, "["); bracketed {
		inside, behind, closed := strings.Cut(inner, "]")
		if host, beside = portIn(inside); beside == "" && closed && behind != "" {
			beside = "a port"
		}
		return host, beside
	}
	if before, _, zoned := strings.Cut(authority, "%"); zoned && strings.Contains(before, ":") {
		return before, "a zone"
	}
	if before, _, found := strings.Cut(authority, ":"); found && strings.Count(authority, ":") == 1 {
		return before, "a port"
	}
	return authority, ""
}

// hostIn returns the first host among the words of a text, for a hint; a word without a dot could be anything.
func hostIn(text string) string {
	for word := range strings.FieldsFuncSeq(text, betweenWords) {
		word = strings.Trim(takeApart(word).host, ".:*")
		if host, ok := hostOf(word); ok && strings.ContainsAny(host, ".:") {
			return host
		}
	}
	return ""
}

func betweenWords(r rune) bool {
	return isBlank(r) || strings.ContainsRune(`,;|"'<>`, r) ||
		unicode.In(r, unicode.Pi, unicode.Pf, unicode.Ps, unicode.Pe)
}
