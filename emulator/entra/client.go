package entra

import (
	"crypto"
	"crypto/x509"
)

// A Client is an application that is registered in the tenant.
type Client struct {
	Secret       string              // empty: the application has none
	Certificates []*x509.Certificate // their keys may sign assertions
	Federated    []FederatedCredential
}

// A FederatedCredential makes an application trust tokens of another issuer.
type FederatedCredential struct {
	Issuer  string           // empty: the directory's own workload issuer, see [Directory.FederatedToken]
	Subject string           // the "sub" claim that is trusted
	Key     crypto.PublicKey // of the issuer; ignored for the directory's own
}
