package threatintel

import "portico/msgraph"

// HostReputation is how bad a host is thought to be.
// https://learn.microsoft.com/graph/api/resources/security-hostreputation
type HostReputation struct {
	ID             string                       `json:"id"`
	Classification HostReputationClassification `json:"classification"`
	Score          *int32                       `json:"score"`
	Rules          []*HostReputationRule        `json:"rules"`
}

// HostReputationRule is one reason for a reputation.
// https://learn.microsoft.com/graph/api/resources/security-hostreputationrule
type HostReputationRule struct {
	Name              *string                    `json:"name"`
	Description       *string                    `json:"description"`
	Severity          HostReputationRuleSeverity `json:"severity"`
	RelatedDetailsURL *string                    `json:"relatedDetailsUrl"`
}

// ReputationOf is the request for the reputation of a host. It takes $select.
// https://learn.microsoft.com/graph/api/security-host-get-reputation
func ReputationOf(hostID string, query msgraph.Query) msgraph.Request[*HostReputation] {
	return ownedBy[HostReputation]("hosts", hostID, "reputation", query)
}
