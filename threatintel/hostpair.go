package threatintel

import "portico/msgraph"

func init() {
	register(kind{named: "HostPair", ids: []form{pair}})
}

// HostPair is two hosts of which one leads to the other.
// https://learn.microsoft.com/graph/api/resources/security-hostpair
type HostPair struct {
	ID                string     `json:"id"`
	LinkKind          *string    `json:"linkKind"`
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime   `json:"lastSeenDateTime"`
	Parent            *Reference `json:"parentHost"`
	Child             *Reference `json:"childHost"`
}

// NodeID implements Node.
func (h *HostPair) NodeID() string { return nodeID("HostPair", h.ID) }

// HostPairByID is the request for one pair. It takes $select.
// https://learn.microsoft.com/graph/api/security-hostpair-get
func HostPairByID(id string, query msgraph.Query) msgraph.Request[*HostPair] {
	return byID[HostPair]("hostPairs", id, query)
}

// HostPairsOf is the request for the pairs that a host is part of. It takes $select, $count, $filter, $orderby, $top
// and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-hostpairs
func HostPairsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostPair]] {
	return listOf[HostPair]("hosts", id, "hostPairs", query)
}

// ParentHostPairsOf is the request for the pairs in which a host is the child. It takes $select, $count, $filter,
// $orderby, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-parenthostpairs
func ParentHostPairsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostPair]] {
	return listOf[HostPair]("hosts", id, "parentHostPairs", query)
}

// ChildHostPairsOf is the request for the pairs in which a host is the parent. It takes $select, $count, $filter,
// $orderby, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-childhostpairs
func ChildHostPairsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostPair]] {
	return listOf[HostPair]("hosts", id, "childHostPairs", query)
}
