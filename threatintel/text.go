package threatintel

import (
	"fmt"
	"math/big"
	"path"
	"regexp"
	"strings"
	"unicode"
)

// textForms returns the canonical form of a text by the property that it is compared with, as a path from the item. All
// other properties are free texts, which lose only the blanks around them.
var textForms = map[string]func(text string) (string, error){
	"sha1":                canonicalSHA1,
	"sslCertificate/sha1": canonicalSHA1,
	"fingerprint":         canonicalFingerprint,
	"serialNumber":        canonicalSerial,
	"nameservers/host/id": func(text string) (string, error) { return CanonicalID("Host", text) },
	"id":                  canonicalPartOfHost,
	"domain":              canonicalDomain,
}

// ErrEmptyText is the error of CanonicalText for a text of nothing but blanks and invisible characters.
var ErrEmptyText error = &InputError{"must not be empty"}

// CanonicalText returns the form in which a text is compared with a property, from the text as a person pasted it.
// property is a path with slashes from an item of a list, such as "subject/commonName". Text that no value of the
// property can be equal to is an error: an *IDError for a host, else an *InputError without a subject, such as "must
// not be empty".
func CanonicalText(property, text string) (string, error) {
	text = strings.TrimFunc(text, isInvisible)
	if text == "" {
		return "", ErrEmptyText
	}
	if canonical := textForms[property]; canonical != nil {
		return canonical(text)
	}
	if path.Base(property) == "email" {
		return canonicalEmail(text), nil
	}
	return text, nil
}

func isInvisible(r rune) bool { return isBlank(r) || unicode.Is(unicode.Cf, r) }

// fingerprintLabel is what tools print before a fingerprint, such as "SHA1 Fingerprint=".
var fingerprintLabel = regexp.MustCompile(`^(?i)(sha-?[0-9]+|md5)?\s*(fingerprint)?\s*[=:]`)

// hexadecimal matches hexadecimal digits.
var hexadecimal = regexp.MustCompile(`^[0-9a-f]+$`)

// sha1Digits is the length of a SHA-1 hash in hexadecimal digits.
const sha1Digits = 40

// canonicalFingerprint returns a hash in lower case without a label, colons, hyphens and blanks.
func canonicalFingerprint(text string) (string, error) {
	digits := fingerprintLabel.ReplaceAllString(cleaned(text), "")
	digits = strings.ToLower(strings.Map(dropSeparator, digits))
	if !hexadecimal.MatchString(digits) {
		return "", &InputError{fmt.Sprintf("must be hexadecimal digits (got %.80q)", text)}
	}
	return digits, nil
}

func canonicalSHA1(text string) (string, error) {
	digits, err := canonicalFingerprint(text)
	if err != nil || len(digits) != sha1Digits {
		return "", &InputError{fmt.Sprintf("must be a SHA-1 hash of %d hexadecimal digits (got %.80q)", sha1Digits, text)}
	}
	return digits, nil
}

var (
	// serialLabel is what tools print before a serial number. After "serial=" openssl prints hexadecimal digits.
	serialLabel = regexp.MustCompile(`^(?i)(serial)?\s*(number)?\s*[=:]\s*`)
	openssl     = regexp.MustCompile(`^(?i)serial\s*=`)
	// pairs matches hexadecimal digits in pairs. Nobody writes decimal digits so.
	pairs = regexp.MustCompile(`^(?i)[0-9a-f]{2}([:\s-][0-9a-f]{2})+$`)
	// decimal matches decimal digits, also with a sign.
	decimal = regexp.MustCompile(`^-?[0-9]+$`)
)

// canonicalSerial returns the serial number of a certificate in decimal digits, which is Microsoft Graph's form. Tools
// show serial numbers in hexadecimal digits: with colons or blanks between pairs, after 0x or "serial=", or with
// letters.
func canonicalSerial(text string) (string, error) {
	text = cleaned(text)
	number := serialLabel.ReplaceAllString(text, "")
	digits := strings.ToLower(strings.Map(dropSeparator, number))
	digits, prefixed := strings.CutPrefix(digits, "0x")
	negative := strings.HasPrefix(number, "-") && decimal.MatchString(number)
	switch {
	case negative:
		return number, nil
	case !hexadecimal.MatchString(digits):
		return "", &InputError{fmt.Sprintf("must be a serial number in decimal or hexadecimal digits (got %.80q)", text)}
	case prefixed || pairs.MatchString(number) || openssl.MatchString(text) || !decimal.MatchString(digits):
		n, _ := new(big.Int).SetString(digits, 16) // hexadecimal digits
		return n.String(), nil
	}
	return digits, nil
}

func dropSeparator(r rune) rune {
	if unicode.IsSpace(r) || r == ':' || r == '-' {
		return -1
	}
	return r
}

// canonicalPartOfHost returns a part of a host's id: a whole host in its canonical form, else the text without
// defanging. Text that holds more than a host is part of no id.
func canonicalPartOfHost(text string) (string, error) {
	text = cleaned(text)
	host, err := canonicalHost(text)
	if err == nil {
		return host, nil
	}
	plain := refanged(text)
	beside := takeApart(plain).beside
	if beside == "a port" && !strings.Contains(plain, ".") {
		beside = "" // a part of an IPv6 address
	}
	if beside != "" {
		return "", err
	}
	return strings.ToLower(plain), nil
}

// canonicalDomain returns a domain without defanging. The domain of a cookie may have a dot in front.
func canonicalDomain(text string) (string, error) {
	text = cleaned(text)
	if host, err := canonicalHost(text); err == nil {
		return host, nil
	}
	return refanged(text), nil
}

// mailto is the scheme of a link to an email address.
var mailto = regexp.MustCompile(`^(?i)mailto:`)

// canonicalEmail returns an email address without defanging and without "mailto:".
func canonicalEmail(text string) string {
	return mailto.ReplaceAllString(refanged(cleaned(text)), "")
}
