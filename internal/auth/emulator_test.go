package auth_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"software.sslmate.com/src/go-pkcs12"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/graph/code"
	"portico/internal/auth"
)

// world is an emulator over TLS and the settings that fit it.
type world struct {
	*emulator.Emulator
	server   *emulator.Server
	settings auth.Settings
}

func start(t *testing.T) *world {
	t.Helper()
	e := emulator.New(emulator.WithWorld(0))
	s, err := emulator.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Client().CloseIdleConnections()
		_ = s.Close()
		goleak.VerifyNone(t)
	})
	return &world{Emulator: e, server: s, settings: auth.Settings{
		Authority: s.URL, GraphURL: s.URL + "/v1.0", Scope: emulator.DefaultAudience + "/.default",
		TenantID: e.Tenant(), ClientID: e.ClientID(), Mode: auth.App, Credential: auth.ClientSecret(e.ClientSecret()),
	}}
}

func (w *world) source(t *testing.T) *auth.Source {
	t.Helper()
	source, err := auth.New(w.settings, w.server.Client())
	if err != nil {
		t.Fatalf("making the source: %v", err)
	}
	return source
}

// fetch gets the published host port through the source.
func (w *world) fetch(ctx context.Context, source *auth.Source) error {
	client := &http.Client{Transport: source.Transport(w.server.Client().Transport)}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.settings.GraphURL+"/security/threatIntelligence/hostPorts/"+emulator.ExamplePortID, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return errors.New(resp.Status)
	}
	return nil
}

func TestEveryCredentialAgainstTheEmulator(t *testing.T) {
	tests := []struct {
		name       string
		credential func(t *testing.T, w *world) auth.Credential
	}{
		{"client secret", func(_ *testing.T, w *world) auth.Credential { return auth.ClientSecret(w.ClientSecret()) }},
		{"PEM certificate", func(t *testing.T, w *world) auth.Credential {
			key, cert := certify(t, time.Hour)
			w.TrustCertificate(w.ClientID(), cert)
			return auth.Certificate(write(t, filepath.Join(t.TempDir(), "c.pem"), pemOf(t, key, cert)), "")
		}},
		{"PFX certificate with a password", func(t *testing.T, w *world) auth.Credential {
			key, cert := certify(t, time.Hour)
			w.TrustCertificate(w.ClientID(), cert)
			data, err := pkcs12.Modern.Encode(key, cert, nil, "open sesame")
			if err != nil {
				t.Fatal(err)
			}
			return auth.Certificate(write(t, filepath.Join(t.TempDir(), "c.pfx"), data), "open sesame")
		}},
		{"federated token", func(t *testing.T, w *world) auth.Credential {
			return auth.FederatedToken(write(t, filepath.Join(t.TempDir(), "token"), []byte(w.FederatedToken(emulator.DefaultSubject))))
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			w := start(t)
			w.settings.Credential = test.credential(t, w)
			source := w.source(t)
			if err := w.fetch(t.Context(), source); err != nil {
				t.Fatal(err)
			}
			if err := source.Ready(t.Context()); err != nil || w.TokenRequests() != 1 {
				t.Errorf("%d token requests: %v", w.TokenRequests(), err)
			}
		})
	}
}

func TestCertificateIsReadAgainWhenItChanges(t *testing.T) {
	w := start(t)
	oldKey, oldCert := certify(t, time.Hour)
	newKey, newCert := certify(t, time.Hour)
	w.TrustCertificate(w.ClientID(), oldCert)
	name := write(t, filepath.Join(t.TempDir(), "c.pem"), pemOf(t, oldKey, oldCert))
	w.settings.Credential = auth.Certificate(name, "")
	source := w.source(t)
	if err := w.fetch(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	revoke := func() { w.Fail(emulator.Refusal(http.StatusUnauthorized, "InvalidAuthenticationToken", "revoked")) }
	write(t, name, []byte("half a certif"))
	revoke()
	if err := w.fetch(t.Context(), source); err != nil {
		t.Fatalf("while the file is being replaced: %v", err)
	}
	write(t, name, pemOf(t, newKey, newCert))
	time.Sleep(1100 * time.Millisecond) // refused tokens are replaced once a second
	revoke()
	err := w.fetch(t.Context(), source)
	if e := wantCode(t, err, code.UpstreamAuth); !strings.Contains(e.Message, "AADSTS7002") {
		t.Errorf("the new certificate, not registered yet, was not used: %v", e)
	}
	w.TrustCertificate(w.ClientID(), newCert)
	time.Sleep(1100 * time.Millisecond) // and failures are remembered as long
	if err := w.fetch(t.Context(), source); err != nil {
		t.Errorf("with the new certificate: %v", err)
	}
}

func TestFederatedTokenIsReadForEveryRequest(t *testing.T) {
	w := start(t)
	name := write(t, filepath.Join(t.TempDir(), "token"), []byte(w.FederatedToken(emulator.DefaultSubject)))
	w.settings.Credential = auth.FederatedToken(name)
	source := w.source(t)
	if err := w.fetch(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	w.Advance(3 * time.Hour)
	write(t, name, []byte(w.FederatedToken(emulator.DefaultSubject)))
	if err := w.fetch(t.Context(), source); err != nil {
		t.Errorf("with the new token: %v", err)
	}
}

func TestOnBehalfOfAgainstTheEmulator(t *testing.T) {
	w := start(t)
	w.settings.Mode, w.settings.Scope = auth.OnBehalfOf, emulator.DefaultAudience+"/ThreatIntelligence.Read.All"
	source := w.source(t)
	alice := as(t.Context(), w.UserToken("alice"))
	for range 2 {
		if err := w.fetch(alice, source); err != nil {
			t.Fatal(err)
		}
	}
	if got := w.TokenRequests(); got != 1 {
		t.Errorf("%d exchanges, want 1", got)
	}
	err := w.fetch(as(t.Context(), w.UserToken("bob", entra.WithLifetime(-time.Minute))), source)
	wantCode(t, err, code.Unauthenticated)

	w.Fail(emulator.ClaimsChallenge(claims))
	err = w.fetch(alice, source)
	if e := wantCode(t, err, code.ClaimsChallenge); e.Claims != claims {
		t.Errorf("claims %s", e.Claims)
	}
}

func TestPassthroughAgainstTheEmulator(t *testing.T) {
	w := start(t)
	w.settings.Mode, w.settings.Credential = auth.Passthrough, auth.Credential{}
	source := w.source(t)
	if err := w.fetch(as(t.Context(), w.UserToken("alice", entra.WithAudience(w.Audience()))), source); err != nil {
		t.Error(err)
	}
	err := w.fetch(as(t.Context(), "made.up.token"), source)
	wantCode(t, err, code.Unauthenticated)
	if w.TokenRequests() != 0 {
		t.Error("a token was requested")
	}
}

func TestApplicationAgainstAnEmulatorThatRevokes(t *testing.T) {
	w := start(t)
	source := w.source(t)
	if err := w.fetch(t.Context(), source); err != nil {
		t.Fatal(err)
	}
	w.Fail(emulator.ClaimsChallenge(claims))
	if err := w.fetch(t.Context(), source); err != nil {
		t.Fatalf("with a claims challenge: %v", err)
	}
	if log := w.TokenLog(); len(log) != 2 || !strings.Contains(log[1].Claims, "1700000000") {
		t.Errorf("token requests: %+v", log)
	}
	w.SetClientSecret(w.ClientID(), "another")
	w.Advance(2 * time.Hour)
	time.Sleep(1100 * time.Millisecond) // refused tokens are replaced once a second
	err := w.fetch(t.Context(), source)
	if e := wantCode(t, err, code.UpstreamAuth); !strings.Contains(e.Message, "AADSTS7000215") || !strings.Contains(e.Message, "check the client secret") {
		t.Errorf("got %q", e.Message)
	}
}

// certify makes a self-signed certificate that ends after life.
func certify(t *testing.T, life time.Duration) (*rsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "portico"},
		NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: time.Now().Add(life),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, cert
}

func pemOf(t *testing.T, key any, cert *x509.Certificate) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
}

// write writes a file and returns its name.
func write(t *testing.T, name string, data []byte) string {
	t.Helper()
	if err := os.WriteFile(name, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}
