package threatintel

import "portico/msgraph"

func init() {
	register(kind{
		named: "HostComponent", ids: []form{parted(4, host)}, wide: true,
		artifact: func(r *Reference) Artifact { return &HostComponent{ID: r.ID} },
	})
}

// HostComponent is software that was detected on a host.
// https://learn.microsoft.com/graph/api/resources/security-hostcomponent
type HostComponent struct {
	ID                string     `json:"id"`
	Name              *string    `json:"name"`
	Version           *string    `json:"version"`
	Category          *string    `json:"category"`
	FirstSeenDateTime DateTime   `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime   `json:"lastSeenDateTime"`
	HostReference     *Reference `json:"host"`
}

// Key returns the id, empty where there is no component.
func (c *HostComponent) Key() string {
	if c == nil {
		return ""
	}
	return c.ID
}

// HostComponentByID is the request for one component. It takes $select, with "host" as a reference.
// https://learn.microsoft.com/graph/api/security-hostcomponent-get
func HostComponentByID(id string, query msgraph.Query) msgraph.Request[*HostComponent] {
	return byID[HostComponent]("hostComponents", id, query)
}

// IsArtifact marks a HostComponent as an Artifact.
func (*HostComponent) IsArtifact() {}

// NodeID implements Node.
func (c *HostComponent) NodeID() string { return nodeID("HostComponent", c.ID) }

// ComponentsOf is the request for the components of a host. It takes $select, $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-components
func ComponentsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostComponent]] {
	return listOf[HostComponent]("hosts", id, "components", query)
}
