package threatintel

import (
	"errors"
	"io"
	"strings"
)

// unknown is what GraphQL shows for an enumeration member that the schema does not name.
const unknown = "UNKNOWN"

// HostPortProtocol is a member of hostPortProtocol as Microsoft Graph wrote it. Its zero value is null.
type HostPortProtocol string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (h HostPortProtocol) MarshalGQL(w io.Writer) { writeMember(w, string(h), "TCP", "UDP") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (h *HostPortProtocol) UnmarshalGQL(v any) error { return readMember((*string)(h), v) }

// HostPortStatus is a member of hostPortStatus as Microsoft Graph wrote it. Its zero value is null.
type HostPortStatus string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (h HostPortStatus) MarshalGQL(w io.Writer) { writeMember(w, string(h), "OPEN", "FILTERED", "CLOSED") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (h *HostPortStatus) UnmarshalGQL(v any) error { return readMember((*string)(h), v) }

// HostReputationClassification is a member of hostReputationClassification as Microsoft Graph wrote it. Its zero value is null.
type HostReputationClassification string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (h HostReputationClassification) MarshalGQL(w io.Writer) { writeMember(w, string(h), "NEUTRAL", "SUSPICIOUS", "MALICIOUS") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (h *HostReputationClassification) UnmarshalGQL(v any) error { return readMember((*string)(h), v) }

// HostReputationRuleSeverity is a member of hostReputationRuleSeverity as Microsoft Graph wrote it. Its zero value is null.
type HostReputationRuleSeverity string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (h HostReputationRuleSeverity) MarshalGQL(w io.Writer) { writeMember(w, string(h), "LOW", "MEDIUM", "HIGH") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (h *HostReputationRuleSeverity) UnmarshalGQL(v any) error { return readMember((*string)(h), v) }

// IndicatorSource is a member of indicatorSource as Microsoft Graph wrote it. Its zero value is null.
type IndicatorSource string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (i IndicatorSource) MarshalGQL(w io.Writer) { writeMember(w, string(i), "MICROSOFT", "OSINT", "PUBLIC") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (i *IndicatorSource) UnmarshalGQL(v any) error { return readMember((*string)(i), v) }

// IntelligenceProfileKind is a member of intelligenceProfileKind as Microsoft Graph wrote it. Its zero value is null.
type IntelligenceProfileKind string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (i IntelligenceProfileKind) MarshalGQL(w io.Writer) { writeMember(w, string(i), "ACTOR", "TOOL") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (i *IntelligenceProfileKind) UnmarshalGQL(v any) error { return readMember((*string)(i), v) }

// VulnerabilitySeverity is a member of vulnerabilitySeverity as Microsoft Graph wrote it. Its zero value is null.
type VulnerabilitySeverity string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (v VulnerabilitySeverity) MarshalGQL(w io.Writer) { writeMember(w, string(v), "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (v *VulnerabilitySeverity) UnmarshalGQL(v any) error { return readMember((*string)(v), v) }

// ContentFormat is a member of contentFormat as Microsoft Graph wrote it. Its zero value is null.
type ContentFormat string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (c ContentFormat) MarshalGQL(w io.Writer) { writeMember(w, string(c), "TEXT", "HTML", "MARKDOWN") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (c *ContentFormat) UnmarshalGQL(v any) error { return readMember((*string)(c), v) }

var errNoMember = errors.New("the member of an enumeration must be a name")

func readMember(member *string, v any) error {
	name, ok := v.(string)
	if !ok {
		return errNoMember
	}
	*member = name
	return nil
}

func writeMember(w io.Writer, value string, members ...string) {
	if value == "" {
		writeText(w, "")
		return
	}
	for _, member := range members {
		if strings.EqualFold(value, member) {
			writeText(w, member)
			return
		}
	}
	writeText(w, unknown)
}
