package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{
		named: "PassiveDnsRecord", ids: []form{coded(regexp.MustCompile(`\$\$(true|false)$`))},
		artifact: func(r *Reference) Artifact { return &PassiveDNSRecord{ID: r.ID} },
	})
	register(kind{named: "UnclassifiedArtifact", artifact: func(r *Reference) Artifact {
		return &UnclassifiedArtifact{ID: r.ID, Kind: r.Kind, Value: r.Text}
	}})
}

// Artifact is a thing on the internet that Microsoft has data about. Microsoft Graph's type is abstract.
// https://learn.microsoft.com/graph/api/resources/security-artifact
type Artifact interface {
	Node
	IsArtifact()
}

// Node is an entity that has an id of its own.
type Node interface {
	// NodeID returns the id with the GraphQL type in front of it, as in "HostPort:ODUuMTMuMTM5LjE4JCQyMQ==". NodeType
	// opens it.
	NodeID() string
}

func nodeID(named, id string) string { return named + ":" + id }

// UnclassifiedArtifact is a value of a kind that Microsoft Graph has no type for. It has no address.
// https://learn.microsoft.com/graph/api/resources/security-unclassifiedartifact
type UnclassifiedArtifact struct {
	ID    string  `json:"id"`
	Kind  *string `json:"kind"`
	Value *string `json:"value"`
}

// IsArtifact marks an UnclassifiedArtifact as an Artifact.
func (*UnclassifiedArtifact) IsArtifact() {}

// NodeID implements Node.
func (u *UnclassifiedArtifact) NodeID() string { return nodeID("UnclassifiedArtifact", u.ID) }

// PassiveDNSRecord is what a host resolved to at some time.
// https://learn.microsoft.com/graph/api/resources/security-passivednsrecord
type PassiveDNSRecord struct {
	ID                string     `json:"id"`
	RecordType        *string    `json:"recordType"`
	CollectedDateTime DateTime   `json:"collectedDateTime"`
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime   `json:"lastSeenDateTime"`
	ArtifactReference *Reference `json:"artifact"`
	Parent            *Reference `json:"parentHost"`
}

// IsArtifact marks a PassiveDNSRecord as an Artifact.
func (*PassiveDNSRecord) IsArtifact() {}

// NodeID implements Node.
func (p *PassiveDNSRecord) NodeID() string { return nodeID("PassiveDnsRecord", p.ID) }

// PassiveDNSRecordByID is the request for one passive DNS record. It takes $select.
// https://learn.microsoft.com/graph/api/security-passivednsrecord-get
func PassiveDNSRecordByID(id string, query msgraph.Query) msgraph.Request[*PassiveDNSRecord] {
	return byID[PassiveDNSRecord]("passiveDnsRecords", id, query)
}

// PassiveDNSOf is the request for what a host resolved to. It takes $select, $count, $filter, $orderby, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-passivedns
func PassiveDNSOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*PassiveDNSRecord]] {
	return listOf[PassiveDNSRecord]("hosts", id, "passiveDns", query)
}

// PassiveDNSReverseOf is the request for what resolved to a host. It takes $select, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-passivednsreverse
func PassiveDNSReverseOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*PassiveDNSRecord]] {
	return listOf[PassiveDNSRecord]("hosts", id, "passiveDnsReverse", query)
}
