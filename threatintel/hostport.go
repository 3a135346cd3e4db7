package threatintel

import "portico/msgraph"

func init() {
	register(kind{named: "HostPort", ids: []form{parted(2, number)}})
}

// HostPort is a port of a host, as internet scans saw it.
// https://learn.microsoft.com/graph/api/resources/security-hostport
type HostPort struct {
	ID                string               `json:"id"`
	Port              *int32               `json:"port"`
	Protocol          HostPortProtocol     `json:"protocol"`
	Status            HostPortStatus       `json:"status"`
	TimesObserved     *int32               `json:"timesObserved"`
	FirstSeenDateTime DateTime             `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime             `json:"lastSeenDateTime"`
	LastScanDateTime  DateTime             `json:"lastScanDateTime"`
	Banners           []*HostPortBanner    `json:"banners"`
	Services          []*HostPortComponent `json:"services"`
	HostReference     *Reference           `json:"host"`
	// Certificate is a reference, or whole where it was expanded.
	Certificate *SSLCertificate `json:"mostRecentSslCertificate"`
}

// HostPortByID is the request for one port. It takes $select of every property, of "host" and
// "mostRecentSslCertificate" as references, and $expand of the latter alone.
// https://learn.microsoft.com/graph/api/security-hostport-get
func HostPortByID(id string, query msgraph.Query) msgraph.Request[*HostPort] {
	return byID[HostPort]("hostPorts", id, query)
}

// NodeID implements Node.
func (h *HostPort) NodeID() string { return nodeID("HostPort", h.ID) }

// PortsOf is the request for the ports of a host. It takes $select, $expand, $count, $top and $skip; $select and
// $expand as for one port.
// https://learn.microsoft.com/graph/api/security-host-list-ports
func PortsOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostPort]] {
	return listOf[HostPort]("hosts", id, "ports", query)
}

// HostPortBanner is what a service on a port said.
// https://learn.microsoft.com/graph/api/resources/security-hostportbanner
type HostPortBanner struct {
	Banner            *string  `json:"banner"`
	ScanProtocol      *string  `json:"scanProtocol"`
	TimesObserved     *int32   `json:"timesObserved"`
	FirstSeenDateTime DateTime `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime `json:"lastSeenDateTime"`
}

// HostPortComponent is a service that was detected on a port.
// https://learn.microsoft.com/graph/api/resources/security-hostportcomponent
type HostPortComponent struct {
	IsRecent          *bool    `json:"isRecent"`
	FirstSeenDateTime DateTime `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime `json:"lastSeenDateTime"`
	// Inline is the component as far as the port's own answer tells it: id, name, version and category.
	Inline *HostComponent `json:"component"`
}
