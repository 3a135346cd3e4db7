package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{
		named: "HostSslCertificate", ids: []form{coded(regexp.MustCompile(`15500[0-9a-f]{40}$`))},
		artifact: func(r *Reference) Artifact { return &HostSSLCertificate{ID: r.ID} },
	})
}

// HostSSLCertificate is a certificate as one host showed it.
// https://learn.microsoft.com/graph/api/resources/security-hostsslcertificate
type HostSSLCertificate struct {
	ID                string                    `json:"id"`
	FirstSeenDateTime DateTime                  `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime                  `json:"lastSeenDateTime"`
	Ports             []*HostSSLCertificatePort `json:"ports"`
	Certificate       *SSLCertificate           `json:"sslCertificate"`
	HostReference     *Reference                `json:"host"`
}

// IsArtifact marks a HostSSLCertificate as an Artifact.
func (*HostSSLCertificate) IsArtifact() {}

// NodeID implements Node.
func (h *HostSSLCertificate) NodeID() string { return nodeID("HostSslCertificate", h.ID) }

// HostSSLCertificateByID is the request for one certificate on a host. It takes $select.
// https://learn.microsoft.com/graph/api/security-hostsslcertificate-get
func HostSSLCertificateByID(id string, query msgraph.Query) msgraph.Request[*HostSSLCertificate] {
	return byID[HostSSLCertificate]("hostSslCertificates", id, query)
}

// HostSSLCertificatePort is a port that showed a certificate.
// https://learn.microsoft.com/graph/api/resources/security-hostsslcertificateport
type HostSSLCertificatePort struct {
	Port              *int32   `json:"port"`
	FirstSeenDateTime DateTime `json:"firstSeenDateTime"`
	LastSeenDateTime  DateTime `json:"lastSeenDateTime"`
}

// HostSSLCertificatesOf is the request for the certificates that a host showed. It takes $select, $count, $orderby,
// $top and $skip.
// https://learn.microsoft.com/graph/api/security-host-list-sslcertificates
func HostSSLCertificatesOf(id string, query msgraph.Query) msgraph.Request[*msgraph.List[*HostSSLCertificate]] {
	return listOf[HostSSLCertificate]("hosts", id, "sslCertificates", query)
}

// RelatedHostsOf is the request for the hosts that showed a certificate, of which it tells no more than the ids. It
// takes $count, $top and $skip.
// https://learn.microsoft.com/graph/api/security-sslcertificate-list-relatedhosts
func RelatedHostsOf(certificateID string, query msgraph.Query) msgraph.Request[*msgraph.List[Host]] {
	references := listOf[Reference]("sslCertificates", certificateID, "relatedHosts", query)
	return msgraph.Request[*msgraph.List[Host]]{
		Lookup: references.Lookup,
		Decode: func(body []byte, asked msgraph.Asked) (*msgraph.List[Host], []msgraph.Invalid, error) {
			list, invalid, err := references.Decode(body, asked)
			if list == nil {
				return nil, invalid, err
			}
			return msgraph.Map(list, HostOf), invalid, err
		},
	}
}

// SSLCertificates is the request for the certificates that a $search of one property finds. It takes $select, $count,
// $orderby, $top and $skip too.
// https://learn.microsoft.com/graph/api/security-threatintelligence-list-sslcertificates
func SSLCertificates(query msgraph.Query) msgraph.Request[*msgraph.List[*SSLCertificate]] {
	return all[SSLCertificate]("sslCertificates", query)
}
