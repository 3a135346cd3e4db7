package threatintel

import (
	"regexp"

	"portico/msgraph"
)

func init() {
	register(kind{
		named: "SslCertificate", ids: []form{coded(regexp.MustCompile(`^[0-9a-f]{40}$`))},
		artifact: func(r *Reference) Artifact { return &SSLCertificate{ID: r.ID} },
	})
}

// SSLCertificate is a certificate that was seen on the internet.
// https://learn.microsoft.com/graph/api/resources/security-sslcertificate
type SSLCertificate struct {
	ID                 string                `json:"id"`
	Sha1               *string               `json:"sha1"`
	Fingerprint        *string               `json:"fingerprint"`
	SerialNumber       *string               `json:"serialNumber"`
	FirstSeenDateTime  DateTime              `json:"firstSeenDateTime"`
	LastSeenDateTime   DateTime              `json:"lastSeenDateTime"`
	IssueDateTime      DateTime              `json:"issueDateTime"`
	ExpirationDateTime DateTime              `json:"expirationDateTime"`
	Issuer             *SSLCertificateEntity `json:"issuer"`
	Subject            *SSLCertificateEntity `json:"subject"`

	leftOut bool // a property that nobody reads
}

// SSLCertificateByID is the request for one certificate. It takes $select.
// https://learn.microsoft.com/graph/api/security-sslcertificate-get
func SSLCertificateByID(id string, query msgraph.Query) msgraph.Request[*SSLCertificate] {
	return byID[SSLCertificate]("sslCertificates", id, query)
}

// IsArtifact marks a SSLCertificate as an Artifact.
func (*SSLCertificate) IsArtifact() {}

// NodeID implements Node.
func (c *SSLCertificate) NodeID() string { return nodeID("SslCertificate", c.ID) }

// LeaveOut notes that a property came and was not decoded.
func (c *SSLCertificate) LeaveOut() { c.leftOut = true }

// IsReference reports whether nothing but the id came: the certificate was not expanded.
func (c *SSLCertificate) IsReference() bool { return *c == SSLCertificate{ID: c.ID} }

// SSLCertificateEntity is the issuer or the subject of a certificate.
// https://learn.microsoft.com/graph/api/resources/security-sslcertificateentity
type SSLCertificateEntity struct {
	CommonName           *string          `json:"commonName"`
	Address              *PhysicalAddress `json:"address"`
	Email                *string          `json:"email"`
	GivenName            *string          `json:"givenName"`
	Surname              *string          `json:"surname"`
	OrganizationName     *string          `json:"organizationName"`
	OrganizationUnitName *string          `json:"organizationUnitName"`
	SerialNumber         *string          `json:"serialNumber"`
	// The metadata says alternateNames, the published examples alternateName.
	Names        []*string `json:"alternateNames"`
	ExampleNames []*string `json:"alternateName"`
}

// AlternateNames returns the further names, under whichever property they came; nil where none did.
func (e *SSLCertificateEntity) AlternateNames() []*string {
	if e.Names != nil {
		return e.Names
	}
	return e.ExampleNames
}

// PhysicalAddress is a postal address.
// https://learn.microsoft.com/graph/api/resources/physicaladdress
type PhysicalAddress struct {
	Street          *string `json:"street"`
	City            *string `json:"city"`
	State           *string `json:"state"`
	PostalCode      *string `json:"postalCode"`
	CountryOrRegion *string `json:"countryOrRegion"`
}
