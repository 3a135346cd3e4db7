package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{
		named: "HostTracker", ids: []form{coded(regexp.MustCompile(`92410.+92410`))},
		artifact: func(r *Reference) Artifact { return &HostTracker{ID: r.ID} },
	})
	register(kind{named: "Subdomain", ids: []form{parted(2, host)}})
	register(kind{
		named: "HostCookie", ids: []form{parted(3, host)},
		artifact: func(r *Reference) Artifact { return &HostCookie{ID: r.ID} },
	})
}

// HostCookie is a cookie that a host was seen to set.
// https://learn.microsoft.com/graph/api/resources/security-hostcookie
type HostCookie struct {
	ID                string     `json:"id"`
	Domain            *string    `json:"domain"`
	Name              *string    `json:"name"`
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime   `json:"lastSeenDateTime"`
	HostReference     *Reference `json:"host"`
}

// IsArtifact marks a HostCookie as an Artifact.
func (*HostCookie) IsArtifact() {}

// NodeID implements Node.
func (h *HostCookie) NodeID() string { return nodeID("HostCookie", h.ID) }

// HostCookieByID is the request for one cookie. It takes $select.
// https://learn.microsoft.com/graph/api/security-hostcookie-get
func HostCookieByID(id string, query msgraph.Query) msgraph.Request[*HostCookie] {
	return byID[HostCookie]("hostCookies", id, query)
}

// CookiesOf is the request for the cookies of a host. It takes $select, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-cookies
func CookiesOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostCookie]] {
	return listOf[HostCookie]("hosts", id, "cookies", query)
}

// HostTracker is a tracker that was seen on a host.
// https://learn.microsoft.com/graph/api/resources/security-hosttracker
type HostTracker struct {
	ID                string     `json:"id"`
	Kind              *string    `json:"kind"`
	Value             *string    `json:"value"`
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime   `json:"lastSeenDateTime"`
	HostReference     *Reference `json:"host"`
}

// IsArtifact marks a HostTracker as an Artifact.
func (*HostTracker) IsArtifact() {}

// NodeID implements Node.
func (h *HostTracker) NodeID() string { return nodeID("HostTracker", h.ID) }

// HostTrackerByID is the request for one tracker. It takes $select.
// https://learn.microsoft.com/graph/api/security-hosttracker-get
func HostTrackerByID(id string, query msgraph.Query) msgraph.Request[*HostTracker] {
	return byID[HostTracker]("hostTrackers", id, query)
}

// TrackersOf is the request for the trackers of a host. It takes $select, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-trackers
func TrackersOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostTracker]] {
	return listOf[HostTracker]("hosts", id, "trackers", query)
}

// Subdomain is a name below a host name.
// https://learn.microsoft.com/graph/api/resources/security-subdomain
type Subdomain struct {
	ID                string     `json:"id"`
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	HostReference     *Reference `json:"host"`
}

// NodeID implements Node.
func (s *Subdomain) NodeID() string { return nodeID("Subdomain", s.ID) }

// SubdomainByID is the request for one subdomain. It takes $select.
// https://learn.microsoft.com/graph/api/security-subdomain-get
func SubdomainByID(id string, query msgraph.Query) msgraph.Request[*Subdomain] {
	return byID[Subdomain]("subdomains", id, query)
}

// SubdomainsOf is the request for the subdomains of a host. It takes $select, $count and $top.
// https://learn.microsoft.com/graph/api/security-host-list-subdomains
func SubdomainsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*Subdomain]] {
	return listOf[Subdomain]("hosts", id, "subdomains", query)
}
