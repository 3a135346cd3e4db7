package entra

import (
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// newClaims returns the claims that every token has.
func (d *Directory) newClaims(at, audience string) jwt.MapClaims {
	now := d.now().Unix()
	return jwt.MapClaims{
		"aud": audience,
		"iss": d.issuer(at),
		"iat": now,
		"nbf": now,
		"exp": now + int64(d.lifetime/time.Second),
		"tid": d.tenant,
		"ver": "2.0",
		"uti": d.newID(),
	}
}

// appClaims returns the claims of an app-only token.
func (d *Directory) appClaims(at, clientID, audience string) jwt.MapClaims {
	claims := d.newClaims(at, audience)
	claims["appid"], claims["azp"] = clientID, clientID
	claims["oid"], claims["sub"] = clientID, clientID
	claims["idtyp"] = "app"
	if len(d.roles) > 0 {
		WithRoles(d.roles...)(claims)
	}
	return claims
}

// issuer returns the issuer that discovery names at that base URL. Empty stands for where the server listens.
func (d *Directory) issuer(at string) string {
	if at == "" {
		at = "https://login.emulator.example"
		if base := d.base.Load(); base != nil {
			at = *base
		}
	}
	return at + "/" + d.tenant + "/v2.0"
}

func (d *Directory) sign(claims jwt.MapClaims) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	key := d.keys.current()
	t.Header["kid"] = key.id
	text, err := t.SignedString(key.private)
	if err != nil {
		panic("entra: signing a token: " + err.Error()) // the claims are made here
	}
	return text
}

// claimsOf returns the claims of a token that this directory signed, expired or not.
func (d *Directory) claimsOf(token string) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	p := jwt.NewParser(jwt.WithoutClaimsValidation(), jwt.WithValidMethods([]string{"RS256"}))
	_, err := p.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		return d.keys.public(t.Header["kid"]),
			nil
	})
	return claims, err
}

func textOf(claims jwt.MapClaims, name string) string {
	text, _ := claims[name].(string)
	return text
}

func timeOf(claims jwt.MapClaims, name string) time.Time {
	seconds, _ := claims[name].(float64)
	return time.Unix(int64(seconds), 0)
}
