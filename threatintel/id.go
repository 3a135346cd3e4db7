package threatintel

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxID is the longest id, in bytes, that is sent upstream. The longest documented form, a component's, stays far
// below.
const maxID = 1024

// maxLead is the longest type in front of an id, in bytes, with its colon.
const maxLead = 64

// The longest name in the DNS, with dots, and the longest label of one.
const (
	maxName  = 253
	maxLabel = 63
)

// IDError says why an id is not sent upstream. Its text is for the caller.
type IDError struct {
	// Reason is a sentence without its period.
	Reason string
	// Hint says what to do instead, such as which host to ask for. It may be empty.
	Hint string
}

// Error implements error.
func (e *IDError) Error() string {
	if e.Hint != "" {
		return e.Reason + "; " + e.Hint + "."
	}
	return e.Reason + "."
}

// refuseID returns the error for an id, with the reason and what to use instead, if anything.
func refuseID(id, why, use string) *IDError {
	refused := &IDError{Reason: fmt.Sprintf("The id %.100q %s", id, why)}
	if use != "" {
		refused.Hint = fmt.Sprintf("use %q", use)
	}
	return refused
}

// CheckID reports, as an *IDError, an id that cannot be a key of any entity. What it lets pass may still be unknown.
func CheckID(id string) error {
	switch {
	case id == "":
		return &IDError{Reason: "The id is empty"}
	case len(id) > maxID:
		return &IDError{Reason: fmt.Sprintf("The id has %d bytes; the maximum is %d", len(id), maxID)}
	case !utf8.ValidString(id):
		return &IDError{Reason: "The id is not valid UTF-8"}
	case strings.ContainsFunc(id, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &IDError{Reason: "The id contains a control character"}
	}
	return nil
}

// HostOfPort predicts the host of a port from the port's id, which in most published examples is the base64 of
// host$$port. It is a hint, not a fact: one published example has another form, and only the port's response decides.
// It returns an empty string unless the id decodes strictly to a host and a port number in their usual spelling.
func HostOfPort(id string) (host string) {
	raw, err := base64.StdEncoding.Strict().DecodeString(id)
	if err != nil {
		return ""
	}
	host, port, found := strings.Cut(string(raw), "$$")
	number, err := strconv.ParseUint(port, 10, 16)
	if !found || err != nil || strconv.FormatUint(number, 10) != port || !IsAddress(host) && !isHostname(host) {
		return ""
	}
	return host
}

// IsAddress reports whether a host's id is an IP address, which makes the host an IpAddress and not a Hostname.
// It decides even against "@odata.type": published examples and captured answers declare the wrong one.
func IsAddress(hostID string) bool {
	if hostID == "" || strings.Trim(hostID[len(hostID)-1:], "0123456789abcdefABCDEF:") != "" {
		return false // spares most names the allocated error of ParseAddr
	}
	_, err := netip.ParseAddr(hostID)
	return err == nil
}

// isHostname reports whether the text is a DNS name of at least two labels.
func isHostname(name string) bool {
	if len(name) > maxName || !strings.Contains(name, ".") {
		return false
	}
	for label := range strings.SplitSeq(name, ".") {
		if label == "" || len(label) > maxLabel || strings.ContainsFunc(label, notInLabel) {
			return false
		}
	}
	return true
}

func notInLabel(r rune) bool {
	return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
}
