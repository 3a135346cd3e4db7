package auth

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	"software.sslmate.com/src/go-pkcs12"
)

// certificate is a file with a certificate and its key, as last read.
type certificate struct {
	path, password string

	mu    sync.Mutex
	stamp stamp
	last  *confidential.Credential
}

// stamp tells one state of a file from another.
type stamp struct {
	modified time.Time
	size     int64
}

// credential returns the certificate as the file has it now. While a file that has been good cannot be read, being
// replaced perhaps, the last good one stands.
func (c *certificate) credential() (confidential.Credential, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.path)
	if err == nil && c.last != nil && c.stamp == (stamp{info.ModTime(), info.Size()}) {
		return *c.last, nil
	}
	var fresh confidential.Credential
	if err == nil {
		fresh, err = c.read(time.Now())
	}
	switch {
	case err == nil:
		c.last, c.stamp = &fresh, stamp{info.ModTime(), info.Size()}
		return fresh, nil
	case c.last != nil:
		return *c.last, nil
	}
	return confidential.Credential{}, fmt.Errorf("reading the client certificate: %w", err)
}

func (c *certificate) read(now time.Time) (confidential.Credential, error) {
	data, err := os.ReadFile(c.path)
	if err != nil {
		return confidential.Credential{}, err
	}
	chain, key, err := decodeCertificate(data, c.password)
	if err != nil {
		return confidential.Credential{}, fmt.Errorf("%s: %w", c.path, err)
	}
	if err := check(chain, key, now); err != nil {
		return confidential.Credential{}, fmt.Errorf("%s: %w", c.path, err)
	}
	return confidential.NewCredFromCert(chain, key)
}

func decodeCertificate(data []byte, password string) ([]*x509.Certificate, crypto.PrivateKey, error) {
	if bytes.Contains(data, []byte("-----BEGIN ENCRYPTED PRIVATE KEY")) {
		return nil, nil, errors.New("encrypted PEM keys are not read: use a PFX file, or store the key unencrypted and " +
			"guard the file")
	}
	if bytes.Contains(data, []byte("-----BEGIN")) {
		return confidential.CertFromPEM(data, "")
	}
	key, leaf, rest, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return nil, nil, errors.New("the password does not open the PFX file")
	}
	if err != nil {
		return nil, nil, fmt.Errorf("neither PEM nor PFX: %w", err)
	}
	return append([]*x509.Certificate{leaf}, rest...), key, nil
}

// check says in plain words what Microsoft Entra ID would refuse.
func check(chain []*x509.Certificate, key crypto.PrivateKey, now time.Time) error {
	private, ok := key.(*rsa.PrivateKey)
	if !ok {
		return errors.New("the key is not an RSA key, and Microsoft Entra ID takes no other")
	}
	for _, cert := range chain {
		public, ok := cert.PublicKey.(*rsa.PublicKey)
		if !ok || !public.Equal(private.Public()) {
			continue
		}
		if now.After(cert.NotAfter) {
			return fmt.Errorf("the certificate expired on %s", cert.NotAfter.UTC().Format(time.DateOnly))
		}
		if now.Before(cert.NotBefore) {
			return fmt.Errorf("the certificate is not valid before %s: is the clock right?",
				cert.NotBefore.UTC().Format(time.RFC3339))
		}
		return nil
	}
	return errors.New("the private key belongs to no certificate in the file")
}
