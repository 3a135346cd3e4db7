package entra

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

	// exchangeAudience is the audience of tokens that an application sends in place of a secret.
	// https://learn.microsoft.com/entra/workload-id/workload-identity-federation
	exchangeAudience = "api://AzureADTokenExchange"

	// workloadIssuer is the directory's own issuer of tokens for workloads.
	workloadIssuer = "https://workload.emulator.example"
)

// authenticate checks the credential of an application: a secret or an assertion.
func (d *Directory) authenticate(form url.Values, at Origin, now time.Time) *Error {
	id := form.Get("client_id")
	registered := d.registered(id)
	switch {
	case registered == nil:
		return &Error{
			Status: 400, Code: "unauthorized_client", Number: 700016,
			Message: "Application with identifier '" + id + "' was not found in the directory.",
		}
	case form.Has("client_assertion"):
		return d.checkAssertion(registered, form, at, now)
	case !form.Has("client_secret"):
		return invalidClient(7000218,
			"The request body must contain the following parameter: 'client_assertion' or 'client_secret'.")
	case registered.Secret == "" ||
		subtle.ConstantTimeCompare([]byte(form.Get("client_secret")), []byte(registered.Secret)) != 1:
		return invalidClient(7000215, "Invalid client secret provided. Ensure the secret being sent in the "+
			"request is the client secret value, not the client secret ID.")
	}
	return nil
}

// checkAssertion checks a token that stands for an application. It must be signed with the key of one of the
// application's certificates, or by an issuer that the application trusts.
func (d *Directory) checkAssertion(registered *Client, form url.Values, at Origin, now time.Time) *Error {
	if form.Get("client_assertion_type") != assertionType {
		return missing("'client_assertion_type'")
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
		return d.federatedKey(registered, claims)
	})
	switch {
	case errors.Is(err, errNoCredential):
		return invalidClient(700213, "No matching federated identity record found for presented assertion subject '"+
			textOf(claims, "sub")+"'.")
	case err != nil:
		return invalidClient(700027, "The certificate with identifier used to sign the client assertion is not registered "+
			"on application, or the signature is invalid.")
	case isCertificate:
		return checkCertificateClaims(claims, form.Get("client_id"), at, now)
	default:
		return checkFederatedClaims(claims, now)
	}
}

// checkLifetime allows for clocks that differ by five minutes, as Entra ID does.
func checkLifetime(claims jwt.MapClaims, now time.Time) *Error {
	const leeway = 5 * time.Minute
	if now.After(timeOf(claims, "exp").Add(leeway)) || now.Before(timeOf(claims, "nbf").Add(-leeway)) {
		return invalidClient(700024, "Client assertion is not within its valid time range.")
	}
	return nil
}

func checkFederatedClaims(claims jwt.MapClaims, now time.Time) *Error {
	if refusal := checkLifetime(claims, now); refusal != nil {
		return refusal
	}
	if audiences, _ := claims.GetAudience(); !slices.Contains(audiences, exchangeAudience) {
		return invalidClient(700212, "No matching federated identity record found for presented assertion audience.")
	}
	return nil
}

func checkCertificateClaims(claims jwt.MapClaims, clientID string, at Origin, now time.Time) *Error {
	if refusal := checkLifetime(claims, now); refusal != nil {
		return refusal
	}
	audiences, _ := claims.GetAudience()
	here := func(aud string) bool { return strings.HasPrefix(aud, at.String()+"/") }
	switch {
	case !slices.ContainsFunc(audiences, here):
		return invalidClient(700023, "Client assertion audience claim does not match Realm issuer.")
	case textOf(claims, "iss") != clientID || textOf(claims, "sub") != clientID:
		return invalidClient(700021, "Client assertion application identifier doesn't match 'client_id' parameter.")
	}
	return nil
}

// certificateKey returns the key of the certificate whose thumbprint is in the header of an assertion.
func (c *Client) certificateKey(header map[string]any) (crypto.PublicKey, bool) {
	short, _ := header["x5t"].(string)
	long, _ := header["x5t#S256"].(string)
	for _, cert := range c.Certificates {
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

var errNoCredential = errors.New("no federated credential matches")

// federatedKey returns the key of the issuer that the application trusts for the subject in the claims.
func (d *Directory) federatedKey(c *Client, claims jwt.MapClaims) (crypto.PublicKey, error) {
	for _, f := range c.Federated {
		issuer, key := f.Issuer, f.Key
		if issuer == "" {
			issuer, key = workloadIssuer, d.keys.public(nil)
		}
		if issuer == textOf(claims, "iss") && f.Subject == textOf(claims, "sub") {
			return key, nil
		}
	}
	return nil, errNoCredential
}
