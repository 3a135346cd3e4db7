package callers

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// Entra says which access tokens of Microsoft Entra ID are accepted.
// https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
type Entra struct {
	// Authority is the base URL of Microsoft Entra ID, without a tenant.
	Authority string
	// IssuerV1 and IssuerV2 are the base URLs of the issuers in tokens of version 1 and 2; the tenant follows.
	IssuerV1, IssuerV2 string
	// Tenants are ids, in lower case. Audiences, Scopes, Roles and Clients (in lower case; none: any) are lists of which a
	// token needs one. Versions are "1" and "2".
	Tenants, Audiences, Versions, Scopes, Roles, Clients []string
	// RequireIDType accepts an application's token only with the claim idtyp=app.
	RequireIDType bool
	// UsersOnly refuses applications, whose tokens cannot be exchanged on behalf of anybody.
	UsersOnly bool
}

// entra verifies tokens of Microsoft Entra ID.
type entra struct {
	Entra
	parser  *jwt.Parser
	tenants map[string]*keySet
}

func newEntra(settings Entra, client *http.Client, log *slog.Logger) *entra {
	e := &entra{
		Entra: settings, tenants: map[string]*keySet{},
		parser: newParser([]string{jwt.SigningMethodRS256.Alg()}, settings.Audiences),
	}
	for _, tenant := range settings.Tenants {
		address := settings.Authority + "/" + tenant + "/discovery/v2.0/keys"
		e.tenants[tenant] = newKeySet(tenant, client, log, func(context.Context) (string, error) { return address, nil })
	}
	return e
}

func (e *entra) keySets() []*keySet { return slices.Collect(maps.Values(e.tenants)) }

func (e *entra) issuers() (all []string) {
	for _, tenant := range e.Tenants {
		all = append(all, e.Authority+"/"+tenant+"/v2.0")
	}
	return all
}

// scopes returns the scopes as clients request them, which is with the resource in front.
func (e *entra) scopes() (all []string) {
	resource := e.Audiences[0]
	if at := slices.IndexFunc(e.Audiences, func(a string) bool { return strings.Contains(a, "://") }); at >= 0 {
		resource = e.Audiences[at]
	}
	for _, scope := range e.Scopes {
		all = append(all, resource+"/"+scope)
	}
	return all
}

// challenge returns the challenge that asks for a token with the claims.
func (e *entra) challenge(c Caller, claims string) string {
	return claimsChallenge(e.Authority+"/"+c.Issuer+"/oauth2/v2.0/authorize", claims)
}

// entraClaims are the claims of an access token that decide about a caller.
type entraClaims struct {
	jwt.RegisteredClaims
	Tenant       string `json:"tid"`
	Version      string `json:"ver"`
	Object       string `json:"oid"`
	ClientV2     string `json:"azp"`
	ClientV1     string `json:"appid"`
	ProofV2      string `json:"azpacr"`
	ProofV1      string `json:"appidacr"`
	Scopes       string `json:"scp"`
	Roles        texts  `json:"roles"`
	IDType       string `json:"idtyp"`
	Capabilities texts  `json:"xms_cc"`
	// Those below are only in ID tokens.
	Nonce      string `json:"nonce"`
	AccessHash string `json:"at_hash"`
	CodeHash   string `json:"c_hash"`
}

func (c *entraClaims) client() string {
	if c.Version == "1.0" {
		return c.ClientV1
	}
	return c.ClientV2
}

func (c *entraClaims) proof() string {
	if c.Version == "1.0" {
		return c.ProofV1
	}
	return c.ProofV2
}

// verify returns the caller whose token it is. The error is a *refusal.
func (e *entra) verify(token string) (Caller, error) {
	var claims entraClaims
	_, err := e.parser.ParseWithClaims(token, &claims, func(t *jwt.Token) (any, error) { return e.key(t, &claims) })
	if err != nil {
		return Caller{}, refusalOf(err)
	}
	return e.admit(&claims)
}

// key returns the key for a token whose signature is not verified yet. A tenant or issuer that is not allowed is
// refused before any key is looked for.
func (e *entra) key(token *jwt.Token, claims *entraClaims) (any, error) {
	keys, known := e.tenants[claims.Tenant]
	issuer, accepted := e.issuer(claims)
	switch {
	case !known:
		return nil, unauthenticated("Tokens from this tenant are not accepted.")
	case !accepted:
		return nil, unauthenticated("The access token's version (ver) is not accepted.")
	case claims.Issuer != issuer:
		return nil, unauthenticated("The access token's issuer (iss) does not belong to its tenant and version.")
	case token.Header["kid"] == nil:
		return nil, errMalformed
	}
	return keys.key(token)
}

// issuer returns the only issuer that the tenant's tokens of the version may have; false if the version is not
// accepted.
func (e *entra) issuer(claims *entraClaims) (issuer string, accepted bool) {
	switch {
	case claims.Version == "1.0" && slices.Contains(e.Versions, "1"):
		return e.IssuerV1 + "/" + claims.Tenant + "/", true
	case claims.Version == "2.0" && slices.Contains(e.Versions, "2"):
		return e.IssuerV2 + "/" + claims.Tenant + "/v2.0", true
	}
	return "", false
}

// admit decides about a token that is genuine, current, and for this service.
func (e *entra) admit(c *entraClaims) (Caller, error) {
	caller := Caller{Issuer: c.Tenant, Challenges: c.Capabilities.hasFold("cp1"), expires: c.ExpiresAt.Time}
	switch {
	case c.Nonce != "" || c.AccessHash != "" || c.CodeHash != "":
		return Caller{}, unauthenticated("This is an ID token. Send an access token.")
	case len(e.Clients) > 0 && !slices.Contains(e.Clients, strings.ToLower(c.client())):
		return Caller{}, forbidden("The client application that requested the access token is not allowed to call.")
	case e.isApplication(c):
		caller.Application, caller.ID = true, c.client()
		return caller, e.admitApplication(c)
	case c.Scopes != "" && (c.IDType == "" || c.IDType == "user"):
		caller.ID = c.Object
		return caller, e.admitUser(c)
	}
	return Caller{}, unauthenticated("The access token is neither a user's (scp) " +
		"nor an application's (idtyp=app, an optional claim of the app registration).")
}

// isApplication reports whether a token was issued to an application for itself. Roles prove nothing, since users have
// app roles too, and ID tokens hold them.
func (e *entra) isApplication(c *entraClaims) bool {
	switch {
	case c.Scopes != "":
		return false
	case c.IDType == "app":
		return true
	case c.IDType != "" || e.RequireIDType:
		return false
	}
	return c.Object != "" && c.Object == c.Subject && (c.proof() == "1" || c.proof() == "2")
}

func (e *entra) admitApplication(c *entraClaims) error {
	switch {
	case c.client() == "":
		return errMalformed
	case e.UsersOnly:
		return forbidden("Portico acts on behalf of users, so it requires a user's access token, not an application's.")
	case len(e.Roles) == 0:
		return forbidden("Applications are not allowed to call.")
	case !slices.ContainsFunc(e.Roles, c.Roles.has):
		return missingScope("The application lacks the app role that this service requires.", e.Roles)
	}
	return nil
}

func (e *entra) admitUser(c *entraClaims) error {
	accepted := func(scope string) bool { return slices.Contains(e.Scopes, scope) }
	switch {
	case c.Object == "" || c.client() == "":
		return errMalformed
	case len(e.Scopes) == 0:
		return forbidden("Users are not allowed to call.")
	case !slices.ContainsFunc(strings.Fields(c.Scopes), accepted):
		return missingScope("The access token lacks the scope that this service requires.", e.Scopes)
	}
	return nil
}

// texts is a claim that is a list of strings, or a single one.
type texts []string

// UnmarshalJSON implements [json.Unmarshaler].
func (t *texts) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		var one string
		err := json.Unmarshal(data, &one)
		*t = texts{one}
		return err
	}
	return json.Unmarshal(data, (*[]string)(t))
}

func (t texts) has(text string) bool { return slices.Contains(t, text) }

func (t texts) hasFold(text string) bool {
	return slices.ContainsFunc(t, func(one string) bool { return strings.EqualFold(one, text) })
}

// refusalOf words why a token was not accepted.
func refusalOf(err error) *refusal {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused
	}
	for _, reason := range []struct {
		is      error
		message string
	}{
		{jwt.ErrTokenMalformed, errMalformed.message},
		{jwt.ErrTokenSignatureInvalid, "The access token's signature is not valid."},
		{jwt.ErrTokenExpired, "The access token has expired."},
		{jwt.ErrTokenNotValidYet, "The access token is not valid yet."},
		{jwt.ErrTokenRequiredClaimMissing, "The access token lacks a required claim."},
		{jwt.ErrTokenInvalidAudience, "The access token is for another audience (aud)."},
		{jwt.ErrTokenInvalidIssuer, "The access token is from another issuer (iss)."},
	} {
		if errors.Is(err, reason.is) {
			return unauthenticated(reason.message)
		}
	}
	return errMalformed
}
