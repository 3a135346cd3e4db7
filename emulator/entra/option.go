package entra

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A TokenOption changes a token that is made by hand.
type TokenOption func(claims jwt.MapClaims)

// WithAudience sets the audience.
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

// WithLifetime sets the time until the token expires by the directory's clock. Negative means that it has expired.
func WithLifetime(d time.Duration) TokenOption {
	return func(c jwt.MapClaims) {
		c["exp"] = c["iat"].(int64) + int64(d/time.Second)
	}
}

// WithClaim sets any other claim.
func WithClaim(name string, value any) TokenOption { return func(c jwt.MapClaims) { c[name] = value } }
