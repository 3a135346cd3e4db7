package emulator

import (
	"crypto"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

	// exchangeAudience is the audience of tokens that stand for an application.
	// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
	exchangeAudience = "api://AzureADTokenExchange"

	// DefaultSubject is whom [DefaultClientID] trusts tokens of the emulator's own workload issuer for.
	DefaultSubject = "system:serviceaccount:default:portico"

	// workloadIssuer is the emulator's own issuer of tokens for workloads.
	workloadIssuer = "https://workload.emulator.example"
)

// authenticate checks the credential of an application.
func (e *Emulator) authenticate(c *call, form url.Values) *entraError {
	id := form.Get("client_id")
	e.clientsMu.RLock()
	registered := e.clients[id]
	e.clientsMu.RUnlock()
	switch {
	case registered == nil:
		return &entraError{
			400, "unauthorized_client", 700016, "Application with identifier '" + id + "' was not found in the directory.", "",
		}
	case form.Has("client_assertion"):
		return e.checkAssertion(c, registered, form)
	case !form.Has("client_secret"):
		return &entraError{
			401, "invalid_client", 7000218,
			"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.", "",
		}
	case registered.secret == "" ||
		subtle.ConstantTimeCompare([]byte(form.Get("client_secret")), []byte(registered.secret)) != 1:
		return &entraError{
			401, "invalid_client", 7000215, "Invalid client secret provided. Ensure the secret being sent in the " +
				"request is the client secret value, not the client secret ID.", "",
		}
	}
	return nil
}

// checkAssertion checks a token that stands for an application: signed with its certificate, or by an issuer it trusts.
func (e *Emulator) checkAssertion(c *call, registered *client, form url.Values) *entraError {
	if form.Get("client_assertion_type") != assertionType {
		return &entraError{400, "invalid_request", 900144, "The request body must contain the following parameter: 'client_assertion_type'.", ""}
	}
	claims := jwt.MapClaims{}
	p := jwt.NewParser(jwt.WithoutClaimsValidation(), jwt.WithValidMethods([]string{"RS256", "PS256", "ES256"}))
	var isCertificate bool
	_, err := p.ParseWithClaims(form.Get("client_assertion"), claims, func(t *jwt.Token) (any, error) {
		var key crypto.PublicKey
		key, isCertificate = registered.certificateKey(t.Header)
		if isCertificate {
			return key, nil
		}
		return e.federatedKey(registered, claims)
	})
	switch {
	case errors.Is(err, errNoCredential):
		return &entraError{
			401, "invalid_client", 700213, "No matching federated identity record found for presented assertion subject '" +
				textOf(claims, "sub") + "'.", "",
		}
	case err != nil:
		return &entraError{401, "invalid_client", 700027, "The certificate with identifier used to sign the client assertion is not registered on application, or the signature is invalid.", ""}
	}
	return checkAssertionClaims(c, claims, form.Get("client_id"), isCertificate)
}

// checkAssertionClaims checks the claims of an assertion whose signature is right.
func checkAssertionClaims(c *call, claims jwt.MapClaims, clientID string, isCertificate bool) *entraError {
	const leeway = 5 * time.Minute
	if now := c.now; now.After(timeOf(claims, "exp").Add(leeway)) || now.Before(timeOf(claims, "nbf").Add(-leeway)) {
		return &entraError{401, "invalid_client", 700024, "Client assertion is not within its valid time range.", ""}
	}
	audiences, _ := claims.GetAudience()
	if !isCertificate {
		if !slices.Contains(audiences, exchangeAudience) {
			return &entraError{401, "invalid_client", 700212, "No matching federated identity record found for presented assertion audience.", ""}
		}
		return nil
	}
	here := func(aud string) bool { return strings.HasPrefix(aud, c.scheme+c.host+"/") }
	switch {
	case !slices.ContainsFunc(audiences, here):
		return &entraError{401, "invalid_client", 700023, "Client assertion audience claim does not match Realm issuer.", ""}
	case textOf(claims, "iss") != clientID || textOf(claims, "sub") != clientID:
		return &entraError{401, "invalid_client", 700021, "Client assertion application identifier doesn't match 'client_id' parameter.", ""}
	}
	return nil
}

// certificateKey finds the certificate that the header of an assertion names.
func (r *client) certificateKey(header map[string]any) (crypto.PublicKey, bool) {
	short, _ := header["x5t"].(string)
	long, _ := header["x5t#S256"].(string)
	for _, cert := range r.certificates {
		if matchesThumbprint(cert, short, long) {
			return cert.PublicKey, true
		}
	}
	return nil, false
}

func matchesThumbprint(cert *x509.Certificate, short, long string) bool {
	sum1, sum256 := sha1.Sum(cert.Raw), sha256.Sum256(cert.Raw)
	same := func(text string, sum []byte) bool {
		text = strings.TrimRight(text, "=")
		return text == base64.RawURLEncoding.EncodeToString(sum) || text == base64.RawStdEncoding.EncodeToString(sum)
	}
	return short != "" && same(short, sum1[:]) || long != "" && same(long, sum256[:])
}

var errNoCredential = errors.New("no such credential")

// federatedKey finds the key of the issuer that the application trusts for that subject.
func (e *Emulator) federatedKey(r *client, claims jwt.MapClaims) (crypto.PublicKey, error) {
	for _, f := range r.federated {
		issuer, key := f.issuer, f.key
		if issuer == "" {
			issuer, key = workloadIssuer, crypto.PublicKey(&e.key.PublicKey)
		}
		if issuer == textOf(claims, "iss") && f.subject == textOf(claims, "sub") {
			return key, nil
		}
	}
	return nil, errNoCredential
}

// FederatedToken returns a token of the emulator's own workload issuer for that subject, as a cluster would project it
// into a file. [DefaultClientID] trusts [DefaultSubject].
func (e *Emulator) FederatedToken(subject string, opts ...TokenOption) string {
	claims := e.newClaims("", exchangeAudience)
	claims["iss"], claims["sub"] = workloadIssuer, subject
	for _, opt := range opts {
		opt(claims)
	}
	return e.sign(claims)
}

// TrustCertificate registers one more certificate for an application, as an administrator would while it runs.
func (e *Emulator) TrustCertificate(clientID string, cert *x509.Certificate) {
	e.changeClient(clientID, func(c *client) { c.certificates = append(c.certificates, cert) })
}

// SetClientSecret replaces the secret of an application, as an administrator would while it runs.
func (e *Emulator) SetClientSecret(clientID, secret string) {
	e.changeClient(clientID, func(c *client) { c.secret = secret })
}

func (e *Emulator) changeClient(id string, change func(*client)) {
	e.clientsMu.Lock()
	defer e.clientsMu.Unlock()
	next := &client{}
	if old := e.clients[id]; old != nil {
		*next = *old
		next.certificates = slices.Clone(old.certificates)
	}
	change(next)
	e.clients[id] = next
}
