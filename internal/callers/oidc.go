package callers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// OIDC says which access tokens of an OpenID Connect issuer are accepted.
type OIDC struct {
	// Issuer is exactly what tokens have as iss, and the base URL of the discovery document.
	Issuer string
	// Audiences and Scopes (none: any) are lists of which a token needs one.
	Audiences, Scopes []string
	// Algorithms are those of signatures, all asymmetric.
	Algorithms []string
	// ScopeClaim names the claim that holds scopes; a dot leads into an object.
	ScopeClaim string
}

// oidc verifies tokens of an OpenID Connect issuer.
type oidc struct {
	OIDC
	parser *jwt.Parser
	keys   *keySet
}

func newOIDC(settings OIDC, client *http.Client, log *slog.Logger) *oidc {
	o := &oidc{OIDC: settings, parser: newParser(settings.Algorithms, settings.Audiences, jwt.WithIssuer(settings.Issuer))}
	o.keys = newKeySet(settings.Issuer, client, log,
		func(ctx context.Context) (string, error) { return o.locate(ctx, client) })
	return o
}

// locate reads where the keys are from the discovery document, anew for each fetch, because issuers move them.
// https://openid.net/specs/openid-connect-discovery-1_0.html
func (o *oidc) locate(ctx context.Context, client *http.Client) (string, error) {
	var document struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	err := getJSON(ctx, client, strings.TrimSuffix(o.Issuer, "/")+"/.well-known/openid-configuration", &document)
	switch {
	case err != nil:
		return "", err
	case document.Issuer != o.Issuer:
		return "", errors.New("the issuer in the discovery document differs from PORTICO_OIDC_ISSUER")
	case strings.HasPrefix(o.Issuer, "https://") && !strings.HasPrefix(document.Keys, "https://"):
		return "", errors.New("the discovery document has no https URL for the keys")
	}
	return document.Keys, nil
}

func (o *oidc) keySets() []*keySet { return []*keySet{o.keys} }

func (o *oidc) issuers() []string { return []string{o.Issuer} }

func (o *oidc) scopes() []string { return o.Scopes }

// challenge returns nothing: claims challenges are Entra ID's.
func (o *oidc) challenge(Caller, string) string { return "" }

// verify returns the caller whose token it is. The error is a *refusal.
func (o *oidc) verify(token string) (Caller, error) {
	claims := jwt.MapClaims{}
	key := func(t *jwt.Token) (any, error) { return o.keys.key(t) }
	if _, err := o.parser.ParseWithClaims(token, claims, key); err != nil {
		return Caller{}, refusalOf(err)
	}
	expires, err := claims.GetExpirationTime()
	subject, _ := claims["sub"].(string)
	if err != nil || expires == nil || subject == "" {
		return Caller{}, errMalformed
	}
	if kind, _ := claims["typ"].(string); kind == "ID" || kind == "Refresh" { // Keycloak says so
		return Caller{}, unauthenticated("This is not an access token. Send an access token.")
	}
	accepted := func(scope string) bool { return slices.Contains(o.Scopes, scope) }
	if len(o.Scopes) > 0 && !slices.ContainsFunc(scopesIn(claims, o.ScopeClaim), accepted) {
		return Caller{}, missingScope("The access token lacks the scope that this service requires.", o.Scopes)
	}
	return Caller{Issuer: o.Issuer, ID: withoutAddress(subject), expires: expires.Time}, nil
}

// withoutAddress replaces a subject that is an e-mail address by its hash: names are logged.
func withoutAddress(subject string) string {
	if !strings.Contains(subject, "@") {
		return subject
	}
	sum := sha256.Sum256([]byte(subject))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// scopesIn returns the scopes in a claim: the one of that name, or the one to which the dots lead.
func scopesIn(claims map[string]any, name string) []string {
	value, found := claims[name]
	if head, rest, dotted := strings.Cut(name, "."); !found && dotted {
		inner, _ := claims[head].(map[string]any)
		return scopesIn(inner, rest)
	}
	switch value := value.(type) {
	case string:
		return strings.Fields(value)
	case []any:
		var all []string
		for _, one := range value {
			if text, ok := one.(string); ok {
				all = append(all, text)
			}
		}
		return all
	}
	return nil
}
