package emulator

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A TokenOption changes a token that is made by hand.
type TokenOption func(claims jwt.MapClaims)

// WithAudience sets whom the token is for.
func WithAudience(uri string) TokenOption { return func(c jwt.MapClaims) { c["aud"] = uri } }

// WithScope sets the delegated permissions, space separated.
func WithScope(scope string) TokenOption { return func(c jwt.MapClaims) { c["scp"] = scope } }

// WithRoles sets the application permissions.
func WithRoles(roles ...string) TokenOption {
	return func(c jwt.MapClaims) {
		list := make([]any, len(roles))
		for i, role := range roles {
			list[i] = role
		}
		c["roles"] = list
	}
}

// WithLifetime sets how long the token is good for by the emulator's clock; negative: it is expired.
func WithLifetime(d time.Duration) TokenOption {
	return func(c jwt.MapClaims) {
		c["exp"] = c["iat"].(int64) + int64(d/time.Second)
	}
}

// WithClaim sets any other claim.
func WithClaim(name string, value any) TokenOption { return func(c jwt.MapClaims) { c[name] = value } }

// UserToken returns a token of the user with that object id, for the first registered application
// ("api://" and its id), as a caller of that application would bring it along. With WithAudience(e.Audience()) it is a
// token for Microsoft Graph, with the delegated permission unless [WithScope] says otherwise.
func (e *Emulator) UserToken(oid string, opts ...TokenOption) string {
	claims := e.newClaims("", "api://"+e.clientID)
	claims["oid"], claims["sub"] = oid, oid
	claims["appid"], claims["azp"] = callerAppID, callerAppID
	claims["idtyp"] = "user"
	claims["name"], claims["preferred_username"] = "User "+oid, oid+"@example.com"
	for _, opt := range opts {
		opt(claims)
	}
	if claims["scp"] == nil {
		claims["scp"] = "access_as_user"
		if textOf(claims, "aud") == e.audience {
			claims["scp"] = e.delegated
		}
	}
	return e.sign(claims)
}

// AppToken returns an app-only token of the first registered application for Microsoft Graph.
func (e *Emulator) AppToken(opts ...TokenOption) string {
	claims := e.appClaims("", e.clientID, e.audience)
	for _, opt := range opts {
		opt(claims)
	}
	return e.sign(claims)
}

// Audience returns the audience of tokens for Microsoft Graph.
func (e *Emulator) Audience() string { return e.audience }

// callerAppID is the application that users of [Emulator.UserToken] are signed in to.
const callerAppID = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"

// appClaims are those of an app-only token.
func (e *Emulator) appClaims(base, clientID, audience string) jwt.MapClaims {
	claims := e.newClaims(base, audience)
	claims["appid"], claims["azp"] = clientID, clientID
	claims["oid"], claims["sub"] = clientID, clientID
	claims["idtyp"] = "app"
	if len(e.roles) > 0 {
		WithRoles(e.roles...)(claims)
	}
	return claims
}

// newClaims are those that all tokens have.
func (e *Emulator) newClaims(base, audience string) jwt.MapClaims {
	now := e.Now().Unix()
	return jwt.MapClaims{
		"aud": audience,
		"iss": e.issuer(base),
		"iat": now,
		"nbf": now,
		"exp": now + int64(e.lifetime/time.Second),
		"tid": e.tenant,
		"ver": "2.0",
		"uti": e.newID(),
	}
}

// issuer is the one that discovery names at that base URL; empty: where the server listens.
func (e *Emulator) issuer(base string) string {
	if base == "" {
		base = "https://login.emulator.example"
		if started := e.base.Load(); started != nil {
			base = *started
		}
	}
	return base + "/" + e.tenant + "/v2.0"
}

func (e *Emulator) sign(claims jwt.MapClaims) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = keyID
	text, err := t.SignedString(e.key)
	if err != nil {
		panic("emulator: signing a token: " + err.Error()) // the claims are made here
	}
	return text
}
