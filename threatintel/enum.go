package threatintel

import (
	"io"
	"strings"
)

// unknown is what GraphQL shows for an enumeration member that the schema does not name.
const unknown = "UNKNOWN"

// HostPortProtocol is a member of hostPortProtocol as Microsoft Graph wrote it. Its zero value is null.
type HostPortProtocol string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m HostPortProtocol) MarshalGQL(w io.Writer) { writeMember(w, string(m), "TCP", "UDP") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostPortProtocol) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// HostPortStatus is a member of hostPortStatus as Microsoft Graph wrote it. Its zero value is null.
type HostPortStatus string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m HostPortStatus) MarshalGQL(w io.Writer) {
	writeMember(w, string(m), "OPEN", "FILTERED", "CLOSED")
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostPortStatus) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// HostReputationClassification is a member of hostReputationClassification as Microsoft Graph wrote it. Its zero value
// is null.
type HostReputationClassification string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m HostReputationClassification) MarshalGQL(w io.Writer) {
	writeMember(w, string(m), "NEUTRAL", "SUSPICIOUS", "MALICIOUS")
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostReputationClassification) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// HostReputationRuleSeverity is a member of hostReputationRuleSeverity as Microsoft Graph wrote it. Its zero value is
// null.
type HostReputationRuleSeverity string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m HostReputationRuleSeverity) MarshalGQL(w io.Writer) {
	writeMember(w, string(m), "LOW", "MEDIUM", "HIGH")
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostReputationRuleSeverity) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// IndicatorSource is a member of indicatorSource as Microsoft Graph wrote it. Its zero value is null.
type IndicatorSource string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m IndicatorSource) MarshalGQL(w io.Writer) {
	writeMember(w, string(m), "MICROSOFT", "OSINT", "PUBLIC")
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *IndicatorSource) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// IntelligenceProfileKind is a member of intelligenceProfileKind as Microsoft Graph wrote it. Its zero value is null.
type IntelligenceProfileKind string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m IntelligenceProfileKind) MarshalGQL(w io.Writer) { writeMember(w, string(m), "ACTOR", "TOOL") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *IntelligenceProfileKind) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// VulnerabilitySeverity is a member of vulnerabilitySeverity as Microsoft Graph wrote it. Its zero value is null.
type VulnerabilitySeverity string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m VulnerabilitySeverity) MarshalGQL(w io.Writer) {
	writeMember(w, string(m), "NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL")
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *VulnerabilitySeverity) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// ContentFormat is a member of contentFormat as Microsoft Graph wrote it. Its zero value is null.
type ContentFormat string

// MarshalGQL writes the member in upper case, or UNKNOWN.
func (m ContentFormat) MarshalGQL(w io.Writer) { writeMember(w, string(m), "TEXT", "HTML", "MARKDOWN") }

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *ContentFormat) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

func readMember(member *string, v any) error {
	name, ok := v.(string)
	if !ok {
		return &InputError{"An enum value must be a name."}
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
