package config

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Secret is a text that nothing prints: not fmt with any verb, not encoding/json, not slog, and not any of them by way
// of a struct that holds it.
type Secret struct {
	text *string // behind a pointer, so that reflection on an outer value shows an address
}

const redacted = "[redacted]"

// NewSecret returns a secret; an empty text means that there is none.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// Reveal returns the text itself, empty if there is none.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero reports whether there is no secret.
func (s Secret) IsZero() bool { return s.text == nil }

// String returns a stand-in.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format writes the stand-in, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, s.String()) }

// LogValue returns the stand-in.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns the stand-in, for encoding/json and its like.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Switch is on or off, or not decided yet.
type Switch string

// The values of a Switch. Auto is decided by the time that [Load] returns.
const (
	On   Switch = "on"
	Off  Switch = "off"
	Auto Switch = "auto"
)

// On reports whether the switch is on.
func (s Switch) On() bool { return s == On }

func parseSwitch(text string) (Switch, error) {
	switch strings.ToLower(text) {
	case "on", "true", "yes", "1":
		return On, nil
	case "off", "false", "no", "0":
		return Off, nil
	case "auto":
		return Auto, nil
	}
	return Off, fmt.Errorf("must be on or off (got %q)", text)
}

// List is a comma-separated list without empty entries.
type List []string

// String returns the list as it is written in a setting.
func (l List) String() string { return strings.Join(l, ",") }

// parseList splits the entries at commas and drops white space around them.
func parseList(text string) (List, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var list List
	for entry := range strings.SplitSeq(text, ",") {
		entry = strings.TrimSpace(entry)
		if entry == "" {
			return nil, errors.New("must be a comma-separated list without empty entries")
		}
		list = append(list, entry)
	}
	return list, nil
}
