package threatintel

import (
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// DateTime is an Edm.DateTimeOffset in UTC, as in "2023-08-09T23:18:21.1234567Z", with the decimals that Microsoft
// Graph sent. Its zero value is null.
type DateTime string

// UnmarshalJSONFrom reads an instant and fails on everything else. Text without a zone is taken as UTC, and other zones
// are converted to UTC.
func (d *DateTime) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	text, given, err := readText(dec)
	if *d = ""; err != nil || !given {
		return err
	}
	return d.ReadText(text)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (d *DateTime) ReadText(text string) (err error) {
	*d, err = parseDateTime(text)
	return err
}

// readText reads a JSON string, or null, which is not given.
func readText(dec *jsontext.Decoder) (text string, given bool, err error) {
	token, err := dec.ReadToken()
	switch {
	case err != nil:
		return "", false, err
	case token.Kind() == 'n':
		return "", false, nil
	case token.Kind() != '"':
		return "", false, errNotText
	}
	return token.String(), true, nil
}

var errNotText = errors.New("a JSON string or null is expected")

// parseDateTime reads RFC 3339, also without a zone. An instant outside the years 0 to 9999 in UTC, which RFC 3339
// cannot write, is an error.
func parseDateTime(text string) (DateTime, error) {
	text = strings.TrimSpace(text)
	at, err := time.Parse(time.RFC3339, text)
	switch {
	case err == nil && isCanonical(text):
		return DateTime(text), nil
	case err != nil:
		if at, err = parseLoosely(strings.ToUpper(text)); err != nil {
			return "", fmt.Errorf("reading a date and time: %w", err)
		}
	}
	at = at.UTC()
	if at.Year() < 0 || at.Year() > 9999 {
		return "", fmt.Errorf("reading a date and time: the year %d in UTC", at.Year())
	}
	return DateTime(at.Format(time.RFC3339Nano)), nil
}

// parseLoosely reads text without a zone, or in lower case, which RFC 3339 allows and package time does not.
func parseLoosely(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Parse("2006-01-02T15:04:05", text)
}

// seconds is the length of an instant in UTC up to its seconds.
const seconds = len("2006-01-02T15:04:05")

// isCanonical reports whether text that time.Parse accepts is written as a DateTime: it also accepts hours of one
// digit, and a comma before the decimals.
func isCanonical(text string) bool {
	return len(text) > seconds && text[seconds-3] == ':' && (text[seconds:] == "Z" || text[seconds] == '.') &&
		text[len(text)-1] == 'Z'
}

// Time returns the instant, the zero time for null.
func (d DateTime) Time() time.Time {
	at, _ := time.Parse(time.RFC3339, string(d)) // it was read by parseDateTime
	return at
}

// Shown returns the instant as MarshalGQL writes it, cut to milliseconds; the zero time for null. What compares with
// values that callers give uses it, so that a time copied from a response is the time of its own item.
func (d DateTime) Shown() time.Time { return d.Time().Truncate(time.Millisecond) }

// InputError says what is wrong with a value that a caller gave. Its text is for the caller.
type InputError struct{ Reason string }

// Error implements error.
func (e *InputError) Error() string { return e.Reason }

// MarshalGQL writes the instant as a GraphQL DateTime: always with milliseconds, so that the order of texts is the
// order of instants. More decimals are cut off, because rounding could move an instant into the next second, day or
// year.
func (d DateTime) MarshalGQL(w io.Writer) {
	if d == "" {
		writeText(w, "")
		return
	}
	decimals := strings.Trim(string(d[seconds:]), ".Z")
	n := min(len(decimals), len("000"))
	for _, part := range [...]string{`"`, string(d[:seconds]), ".", decimals[:n], "000"[n:], `Z"`} {
		_, _ = io.WriteString(w, part)
	}
}

// rfc3339 matches the form of RFC 3339, of which package time accepts more: hours of one digit, a comma before the
// decimals.
var rfc3339 = regexp.MustCompile(`^(?i)\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?$`)

// UnmarshalGQL reads the instant from a GraphQL argument: RFC 3339 with an offset. A date is the start of that day in
// UTC. A time without an offset is refused: only the caller knows in which zone it is meant.
func (d *DateTime) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return &InputError{"DateTime must be a string."}
	}
	if day, err := time.Parse(time.DateOnly, text); err == nil {
		text = day.Format(time.RFC3339)
	}
	form := rfc3339.FindStringSubmatch(text)
	at, err := parseDateTime(text)
	switch {
	case form == nil || err != nil:
		return &InputError{
			fmt.Sprintf("DateTime must be in RFC 3339 format, such as 2023-08-09T23:18:21Z, or a date such as "+
				"2023-08-09 (got %.40q).", text),
		}
	case form[2] == "":
		return &InputError{
			fmt.Sprintf("DateTime must have an offset, such as %[1]sZ for UTC or %[1]s+02:00 (got %[1]q).", text),
		}
	}
	*d = at
	return nil
}

// writeText writes a JSON string that needs no escapes, or null for the empty one.
func writeText(w io.Writer, text string) {
	if text == "" {
		_, _ = io.WriteString(w, "null")
		return
	}
	_, _ = io.WriteString(w, `"`)
	_, _ = io.WriteString(w, text)
	_, _ = io.WriteString(w, `"`)
}
