package threatintel

import "portico/msgraph"

func init() {
	register(kind{
		named: "IpAddress", ids: []form{func(text string, decoded bool) bool { return !decoded && IsAddress(text) }},
	})
	register(kind{
		named: "Hostname", ids: []form{func(text string, decoded bool) bool { return !decoded && isHostname(text) }},
		wide: true,
	})
}

// Host is a host on the internet: a *Hostname or an *IPAddress. Microsoft Graph's type is abstract.
// https://learn.microsoft.com/graph/api/resources/security-host
type Host interface {
	Artifact
	IsHost()
}

// Hostname is a host that is known by a name in the DNS.
// https://learn.microsoft.com/graph/api/resources/security-hostname
type Hostname struct {
	ID                string   `json:"id"`
	FirstSeenDateTime DateTime `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime `json:"lastSeenDateTime"`
	Registrant        *string  `json:"registrant"`
	Registrar         *string  `json:"registrar"`
}

// IsHost marks a Hostname as a Host.
func (*Hostname) IsHost() {}

// IsArtifact marks a Hostname as an Artifact.
func (*Hostname) IsArtifact() {}

// NodeID implements Node.
func (h *Hostname) NodeID() string { return nodeID("Hostname", h.ID) }

// IPAddress is a host that is known by an IP address.
// https://learn.microsoft.com/graph/api/resources/security-ipaddress
type IPAddress struct {
	ID                string            `json:"id"`
	FirstSeenDateTime DateTime          `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime          `json:"lastSeenDateTime"`
	AutonomousSystem  *AutonomousSystem `json:"autonomousSystem"`
	CountryOrRegion   *string           `json:"countryOrRegion"`
	HostingProvider   *string           `json:"hostingProvider"`
	Netblock          *string           `json:"netblock"`
}

// IsHost marks an IPAddress as a Host.
func (*IPAddress) IsHost() {}

// IsArtifact marks an IPAddress as an Artifact.
func (*IPAddress) IsArtifact() {}

// NodeID implements Node.
func (i *IPAddress) NodeID() string { return nodeID("IpAddress", i.ID) }

// AutonomousSystem is a network that is routed as one.
// https://learn.microsoft.com/graph/api/resources/security-autonomoussystem
type AutonomousSystem struct {
	Name         *string `json:"name"`
	Number       *int32  `json:"number"`
	Organization *string `json:"organization"`
	Value        *string `json:"value"`
}

// HostByID is the request for one host. It takes $select; a property of a derived type is named with its type, as in
// "microsoft.graph.security.hostname/registrar".
// https://learn.microsoft.com/graph/api/security-host-get
func HostByID(id string, query msgraph.Query) msgraph.Request[Host] {
	decode := asHost[Hostname]
	if IsAddress(id) {
		decode = asHost[IPAddress]
	}
	return msgraph.Request[Host]{Lookup: lookup("hosts", id, query), Decode: spelled(id, decode)}
}

// spelled decodes a host with the id that it was asked for by, where the answer only spells it otherwise. What lives
// below the host is then asked for by the same id.
func spelled(
	id string, decode func([]byte, msgraph.Asked) (Host, []msgraph.Invalid, error),
) func([]byte, msgraph.Asked) (Host, []msgraph.Invalid, error) {
	return func(body []byte, asked msgraph.Asked) (Host, []msgraph.Invalid, error) {
		found, invalid, err := decode(body, asked)
		switch host := found.(type) {
		case *Hostname:
			host.ID = spelling(host.ID, id, canonicalHost)
		case *IPAddress:
			host.ID = spelling(host.ID, id, canonicalHost)
		}
		return found, invalid, err
	}
}

// spelling returns the requested id if the response has the same id in another spelling, otherwise the response's id.
func spelling(answered, id string, canonical func(text string) (string, error)) string {
	if answered == id {
		return id
	}
	if same, err := canonical(answered); err == nil && same == id {
		return id
	}
	return answered
}

// HostOf is the host that a reference names, of which nothing but the id is known; nil where there is no reference.
func HostOf(reference *Reference) Host {
	switch {
	case reference == nil:
		return nil
	case IsAddress(reference.ID):
		return &IPAddress{ID: reference.ID}
	default:
		return &Hostname{ID: reference.ID}
	}
}

func asHost[T any, P interface {
	*T
	Host
}](body []byte, asked msgraph.Asked) (Host, []msgraph.Invalid, error) {
	host, invalid, err := msgraph.Entity[T](body, asked)
	if host == nil {
		return nil, invalid, err
	}
	return P(host), invalid, err
}
