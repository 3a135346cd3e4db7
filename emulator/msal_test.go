package emulator_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/AzureAD/microsoft-authentication-library-for-go/apps/confidential"
	mi "github.com/AzureAD/microsoft-authentication-library-for-go/apps/managedidentity"

	"portico/emulator"
	"portico/emulator/entra"
)

// Microsoft's own client library for Entra ID was not written for this emulator, so it shows that the simulation is good enough.

const graphDefault = emulator.DefaultAudience + "/.default"

func msal(t *testing.T, s *emulator.Server, cred confidential.Credential, opts ...confidential.Option) confidential.Client {
	t.Helper()
	opts = append(opts, confidential.WithHTTPClient(s.Client()), confidential.WithInstanceDiscovery(false))
	c, err := confidential.New(s.URL+"/"+emulator.DefaultTenant, emulator.DefaultClientID, cred, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// accepted fails the test unless Microsoft Graph accepts the token.
func accepted(t *testing.T, s *emulator.Server, token string) {
	t.Helper()
	resp := fetch(t, s, "GET", "/v1.0/security/threatIntelligence/hosts/contoso.com", token, "")
	if resp.status != http.StatusOK {
		t.Errorf("token refused: %d %s", resp.status, resp.body)
	}
}

func TestMSALSecret(t *testing.T) {
	_, s := started(t)
	cred, err := confidential.NewCredFromSecret(emulator.DefaultClientSecret)
	if err != nil {
		t.Fatal(err)
	}
	got, err := msal(t, s, cred).AcquireTokenByCredential(t.Context(), []string{graphDefault})
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, s, got.AccessToken)
}

func TestMSALForThisServersOwnAudience(t *testing.T) {
	_, s := started(t)
	cred, _ := confidential.NewCredFromSecret(emulator.DefaultClientSecret)
	got, err := msal(t, s, cred).AcquireTokenByCredential(t.Context(), []string{s.URL + "/.default"})
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, s, got.AccessToken)
}

func TestMSALCertificate(t *testing.T) {
	e, s := started(t)
	cert, key := certificate(t)
	cred, err := confidential.NewCredFromCert([]*x509.Certificate{cert}, key)
	if err != nil {
		t.Fatal(err)
	}
	client := msal(t, s, cred)
	if _, err = client.AcquireTokenByCredential(t.Context(), []string{graphDefault}); err == nil {
		t.Fatal("an unregistered certificate got a token")
	}
	if want := "AADSTS700213"; !strings.Contains(err.Error(), want) {
		t.Errorf("error %q does not name %s", err, want)
	}
	e.TrustCertificate(emulator.DefaultClientID, cert)
	got, err := client.AcquireTokenByCredential(t.Context(), []string{graphDefault})
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, s, got.AccessToken)
}

func TestMSALFederatedToken(t *testing.T) {
	e, s := started(t)
	subject := emulator.DefaultSubject
	cred := confidential.NewCredFromAssertionCallback(
		func(context.Context, confidential.AssertionRequestOptions) (string, error) {
			return e.FederatedToken(subject), nil
		})
	client := msal(t, s, cred)
	got, err := client.AcquireTokenByCredential(t.Context(), []string{graphDefault})
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, s, got.AccessToken)

	subject = "system:serviceaccount:default:stranger"
	if _, err := msal(t, s, cred).AcquireTokenByCredential(t.Context(), []string{graphDefault}); err == nil {
		t.Error("an unregistered subject got a token")
	}
}

func TestMSALOnBehalfOf(t *testing.T) {
	e, s := started(t)
	cred, _ := confidential.NewCredFromSecret(emulator.DefaultClientSecret)
	scopes := []string{emulator.DefaultAudience + "/ThreatIntelligence.Read.All"}
	got, err := msal(t, s, cred).AcquireTokenOnBehalfOf(t.Context(), e.UserToken("user-1"), scopes)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, s, got.AccessToken)

	for name, assertion := range map[string]string{
		"a token for somebody else": e.UserToken("user-1", entra.WithAudience("api://somebody-else")),
		"an expired token":          e.UserToken("user-1", entra.WithLifetime(-time.Minute)),
		"no token":                  "garbage",
		"an application's token":    e.AppToken(entra.WithAudience("api://" + emulator.DefaultClientID)),
	} {
		_, err := msal(t, s, cred).AcquireTokenOnBehalfOf(t.Context(), assertion, scopes)
		if err == nil || !strings.Contains(err.Error(), "invalid_grant") {
			t.Errorf("%s: want invalid_grant, got %v", name, err)
		}
	}
}

// toServer sends requests for the fixed address of the metadata endpoint to the emulator.
type toServer struct {
	host string
	next http.RoundTripper
}

func (d toServer) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.URL.Scheme, r.URL.Host, r.Host = "https", d.host, d.host
	return d.next.RoundTrip(r)
}

func TestMSALManagedIdentity(t *testing.T) {
	_, s := started(t)
	for _, name := range []string{"IDENTITY_ENDPOINT", "IDENTITY_HEADER", "MSI_ENDPOINT", "MSI_SECRET", "IMDS_ENDPOINT"} {
		t.Setenv(name, "")
	}
	client := &http.Client{Transport: toServer{strings.TrimPrefix(s.URL, "https://"), s.Client().Transport}}
	c, err := mi.New(mi.SystemAssigned(), mi.WithHTTPClient(client))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.AcquireToken(t.Context(), emulator.DefaultAudience)
	if err != nil {
		t.Fatal(err)
	}
	accepted(t, s, got.AccessToken)
}

func TestMSALRespondsToAClaimsChallenge(t *testing.T) {
	e, s := started(t)
	cred, _ := confidential.NewCredFromSecret(emulator.DefaultClientSecret)
	client := msal(t, s, cred, confidential.WithClientCapabilities([]string{"CP1"}))
	claims := `{"access_token":{"nbf":{"essential":true,"value":"1"}}}`
	if _, err := client.AcquireTokenByCredential(t.Context(), []string{graphDefault}, confidential.WithClaims(claims)); err != nil {
		t.Fatal(err)
	}
	if got := e.TokenLog()[0].Claims; !strings.Contains(got, "essential") {
		t.Errorf("claims in the token request: %q", got)
	}
}

// certificate returns a new certificate for an application, with its key.
func certificate(t *testing.T) (*x509.Certificate, *rsa.PrivateKey) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "an application"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}
