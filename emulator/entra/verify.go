package entra

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// A Refusal says why Microsoft Graph does not accept a token.
type Refusal struct {
	Forbidden bool // the token is genuine, but lacks the permission; otherwise it is not valid
	Message   string
}

func invalid(message string) *Refusal { return &Refusal{Message: message} }

// Authorize checks the Authorization header of a request to Microsoft Graph. If the token is genuine, it returns the
// grant, even along with a refusal.
func (d *Directory) Authorize(header string, at Origin, now time.Time) (*Grant, *Refusal) {
	const scheme = "Bearer "
	if header == "" {
		return nil, invalid("Access token is empty.")
	}
	if len(header) < len(scheme) || !strings.EqualFold(header[:len(scheme)], scheme) {
		return nil, invalid("Access token is missing or malformed: the scheme must be Bearer.")
	}
	token := strings.TrimSpace(header[len(scheme):])
	g := d.verified.get(token)
	if g == nil {
		var err error
		if g, err = d.verify(token); err != nil {
			return nil, invalid(reasonOf(err))
		}
		d.verified.put(token, g)
	}
	return g, d.admit(g, at, now)
}

// admit checks what can differ from one request with the token to the next.
func (d *Directory) admit(g *Grant, at Origin, now time.Time) *Refusal {
	switch {
	case !now.Before(g.expires):
		return invalid("Lifetime validation failed, the token is expired.")
	case !d.isGraph(g.audience, at):
		return invalid("Access token validation failure. Invalid audience.")
	case !g.permitted:
		return &Refusal{Forbidden: true}
	}
	return nil
}

// verify checks the signature and reads the claims.
func (d *Directory) verify(token string) (*Grant, error) {
	claims, err := d.claimsOf(token)
	if err != nil {
		return nil, err
	}
	g := &Grant{
		audience: strings.TrimSuffix(textOf(claims, "aud"), "/"),
		expires:  timeOf(claims, "exp"),
		Identity: textOf(claims, "appid") + "/" + textOf(claims, "oid"),
	}
	roles, _ := claims["roles"].([]any)
	g.permitted = slices.Contains(roles, any(Permission)) ||
		slices.Contains(strings.Fields(textOf(claims, "scp")), Permission)
	if user, known := userWith(textOf(claims, "oid")); known && !user.Licensed {
		g.permitted = false
	}
	return g, nil
}

func reasonOf(err error) string {
	if errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return "Access token validation failure. Invalid signature."
	}
	return "CompactToken parsing failed with error code: 80049217"
}
