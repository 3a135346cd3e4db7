package threatintel

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

// DateTime is an Edm.DateTimeOffset as Microsoft Graph wrote it, in UTC. Its zero value is null.
type DateTime string

// UnmarshalJSONFrom reads an instant and fails on everything else. Text without a zone is taken as UTC, and other zones
// are turned into UTC; what is RFC 3339 in UTC already is kept letter for letter.
func (d *DateTime) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	token, err := dec.ReadToken()
	switch {
	case err != nil:
		return err
	case token.Kind() == 'n':
		*d = ""
		return nil
	case token.Kind() != '"':
		return errors.New("a date and time must be a string")
	}
	*d, err = parseDateTime(token.String())
	return err
}

func parseDateTime(text string) (DateTime, error) {
	text = strings.TrimSpace(text)
	at, err := time.Parse(time.RFC3339, text)
	if err == nil && strings.HasSuffix(text, "Z") {
		return DateTime(text), nil
	}
	if err != nil {
		if at, err = time.Parse("2006-01-02T15:04:05", text); err != nil {
			return "", fmt.Errorf("reading a date and time: %w", err)
		}
	}
	return DateTime(at.UTC().Format(time.RFC3339Nano)), nil
}

// Time returns the instant, the zero time for null.
func (d DateTime) Time() time.Time {
	at, _ := time.Parse(time.RFC3339, string(d)) // it was read by parseDateTime
	return at
}

// InputError says what is wrong with a value that a caller gave. Its text is for the caller.
type InputError struct{ Reason string }

// Error implements error.
func (e *InputError) Error() string { return e.Reason }

// MarshalGQL writes the instant as a GraphQL DateTime.
func (d DateTime) MarshalGQL(w io.Writer) { writeText(w, string(d)) }

// UnmarshalGQL reads the instant from a GraphQL argument.
func (d *DateTime) UnmarshalGQL(v any) error {
	text, ok := v.(string)
	if !ok {
		return &InputError{"DateTime must be a string."}
	}
	at, err := parseDateTime(text)
	if err != nil {
		return &InputError{
			fmt.Sprintf("DateTime must be in RFC 3339 format, such as 2023-08-09T23:18:21Z (got %.40q).", text),
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
	var buf [64]byte
	_, _ = w.Write(strconv.AppendQuote(buf[:0], text))
}
