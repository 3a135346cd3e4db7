package auth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"
)

// Credential is how the application proves who it is. The zero value proves nothing. Printing one shows its kind and no
// more.
type Credential struct {
	kind string
	// confidential returns what MSAL takes, as it is on disk now; nil for a managed identity.
	confidential func() (confidential.Credential, error)
	identity     managedidentity.ID
	// secret is what no text may hold; empty where it is a JWT, which is known by its form.
	secret string
}

// String returns the kind of credential.
func (c Credential) String() string {
	if c.kind == "" {
		return "no credential"
	}
	return c.kind
}

// GoString returns the kind of credential.
func (c Credential) GoString() string { return c.String() }

// ClientSecret proves the application with a secret that it shares with Microsoft Entra ID.
func ClientSecret(secret string) Credential {
	return Credential{
		kind:         "client secret",
		confidential: func() (confidential.Credential, error) { return confidential.NewCredFromSecret(secret) },
		secret:       secret,
	}
}

// Certificate proves the application with the RSA key of the certificate in a PEM or PFX file; a password is for PFX
// alone. The file is read again when it changes.
func Certificate(path, password string) Credential {
	file := &certificate{path: path, password: password}
	return Credential{kind: "certificate", confidential: file.credential}
}

// FederatedToken proves the application with a token of another issuer (workload identity federation), read from the
// file for every token request.
func FederatedToken(path string) Credential {
	return Credential{kind: "federated token", confidential: func() (confidential.Credential, error) {
		if _, err := assertion(path); err != nil {
			return confidential.Credential{}, err
		}
		return confidential.NewCredFromAssertionCallback(
			func(context.Context, confidential.AssertionRequestOptions) (string, error) { return assertion(path) }), nil
	}}
}

// ManagedIdentity proves nothing itself and lets Azure do so: for the identity with the client id, or for the machine's
// own if clientID is empty.
func ManagedIdentity(clientID string) Credential {
	if clientID == "" {
		return Credential{kind: "managed identity", identity: managedidentity.SystemAssigned()}
	}
	return Credential{kind: "managed identity", identity: managedidentity.UserAssignedClientID(clientID)}
}

func assertion(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("reading the federated token: %w", err)
	}
	token := strings.TrimSpace(string(text))
	if token == "" {
		return "", fmt.Errorf("reading the federated token: %w", errors.New(path+" is empty"))
	}
	return token, nil
}
