package threatintel

import (
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"portico/msgraph"
)

// The members that every enumeration has: unknown for Microsoft Graph's own word and for its placeholder of a member
// that is to come, unrecognized for one that the schema does not have.
const unknown, unrecognized = "UNKNOWN", "UNRECOGNIZED"

// The members of the enumerations, without those that every one has.
var (
	hostPortProtocols             = []string{"TCP", "UDP"}
	hostPortStatuses              = []string{"OPEN", "FILTERED", "CLOSED"}
	hostReputationClassifications = []string{"NEUTRAL", "SUSPICIOUS", "MALICIOUS"}
	hostReputationRuleSeverities  = []string{"LOW", "MEDIUM", "HIGH"}
	indicatorSources              = []string{"MICROSOFT", "OSINT", "PUBLIC"}
	intelligenceProfileKinds      = []string{"ACTOR", "TOOL"}
	vulnerabilitySeverities       = []string{"NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"}
	contentFormats                = []string{"TEXT", "HTML", "MARKDOWN"}
)

// HostPortProtocol is a member of hostPortProtocol as Microsoft Graph wrote it. Its zero value is null.
type HostPortProtocol string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *HostPortProtocol) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), hostPortProtocols)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *HostPortProtocol) ReadText(text string) error {
	return setMember((*string)(m), text, hostPortProtocols)
}

// MarshalGQL writes the member in upper case.
func (m HostPortProtocol) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), hostPortProtocols))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostPortProtocol) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// HostPortStatus is a member of hostPortStatus as Microsoft Graph wrote it. Its zero value is null.
type HostPortStatus string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *HostPortStatus) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), hostPortStatuses)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *HostPortStatus) ReadText(text string) error {
	return setMember((*string)(m), text, hostPortStatuses)
}

// MarshalGQL writes the member in upper case.
func (m HostPortStatus) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), hostPortStatuses))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostPortStatus) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// HostReputationClassification is a member of hostReputationClassification as Microsoft Graph wrote it. Its zero value
// is null.
type HostReputationClassification string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *HostReputationClassification) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), hostReputationClassifications)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *HostReputationClassification) ReadText(text string) error {
	return setMember((*string)(m), text, hostReputationClassifications)
}

// MarshalGQL writes the member in upper case.
func (m HostReputationClassification) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), hostReputationClassifications))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostReputationClassification) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// HostReputationRuleSeverity is a member of hostReputationRuleSeverity as Microsoft Graph wrote it. Its zero value is
// null.
type HostReputationRuleSeverity string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *HostReputationRuleSeverity) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), hostReputationRuleSeverities)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *HostReputationRuleSeverity) ReadText(text string) error {
	return setMember((*string)(m), text, hostReputationRuleSeverities)
}

// MarshalGQL writes the member in upper case.
func (m HostReputationRuleSeverity) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), hostReputationRuleSeverities))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *HostReputationRuleSeverity) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// IndicatorSource is a member of indicatorSource as Microsoft Graph wrote it. Its zero value is null.
type IndicatorSource string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *IndicatorSource) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), indicatorSources)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *IndicatorSource) ReadText(text string) error {
	return setMember((*string)(m), text, indicatorSources)
}

// MarshalGQL writes the member in upper case.
func (m IndicatorSource) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), indicatorSources))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *IndicatorSource) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// IntelligenceProfileKind is a member of intelligenceProfileKind as Microsoft Graph wrote it. Its zero value is null.
type IntelligenceProfileKind string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *IntelligenceProfileKind) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), intelligenceProfileKinds)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *IntelligenceProfileKind) ReadText(text string) error {
	return setMember((*string)(m), text, intelligenceProfileKinds)
}

// MarshalGQL writes the member in upper case.
func (m IntelligenceProfileKind) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), intelligenceProfileKinds))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *IntelligenceProfileKind) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// VulnerabilitySeverity is a member of vulnerabilitySeverity as Microsoft Graph wrote it. Its zero value is null.
type VulnerabilitySeverity string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *VulnerabilitySeverity) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), vulnerabilitySeverities)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *VulnerabilitySeverity) ReadText(text string) error {
	return setMember((*string)(m), text, vulnerabilitySeverities)
}

// MarshalGQL writes the member in upper case.
func (m VulnerabilitySeverity) MarshalGQL(w io.Writer) {
	writeText(w, memberName(string(m), vulnerabilitySeverities))
}

// UnmarshalGQL reads the member from a GraphQL argument.
func (m *VulnerabilitySeverity) UnmarshalGQL(v any) error { return readMember((*string)(m), v) }

// ContentFormat is a member of contentFormat as Microsoft Graph wrote it. Its zero value is null.
type ContentFormat string

// UnmarshalJSONFrom keeps the member as it is. One that the schema does not have is an msgraph.ErrUnrecognized.
func (m *ContentFormat) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	return decodeMember(dec, (*string)(m), contentFormats)
}

// ReadText is UnmarshalJSONFrom for the text of a JSON string.
func (m *ContentFormat) ReadText(text string) error {
	return setMember((*string)(m), text, contentFormats)
}

// MarshalGQL writes the member in upper case.
func (m ContentFormat) MarshalGQL(w io.Writer) { writeText(w, memberName(string(m), contentFormats)) }

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

// decodeMember decodes a text; "" stands for null.
func decodeMember(dec *jsontext.Decoder, member *string, members []string) error {
	text, given, err := readText(dec)
	if *member = ""; err != nil || !given {
		return err
	}
	return setMember(member, text, members)
}

func setMember(member *string, text string, members []string) error {
	if *member = text; memberName(text, members) == unrecognized {
		return msgraph.ErrUnrecognized
	}
	return nil
}

// memberName returns the name of a member in the schema, "" for no member.
func memberName(value string, members []string) string {
	if value == "" {
		return ""
	}
	for _, member := range members {
		if strings.EqualFold(value, member) {
			return member
		}
	}
	if strings.EqualFold(value, unknown) || strings.EqualFold(value, "unknownFutureValue") {
		return unknown
	}
	return unrecognized
}
