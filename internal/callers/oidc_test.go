package callers_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"portico/internal/callers"
)

func realmClaims() claims {
	now := time.Now()
	return claims{"iss": realm, "aud": "portico", "sub": "f3a1", "exp": now.Add(time.Hour).Unix(), "scope": "openid threats", "email": "ada@example.com"}
}

func TestTokensOfAnOIDCIssuer(t *testing.T) {
	with := func(name string, value any) func() string {
		return func() string { return genuine(realmClaims().with(name, value)) }
	}
	for what, row := range map[string]struct {
		change func(*callers.OIDC)
		token  func() string
		status int
		part   string
	}{
		"a token with the scope":       {nil, func() string { return genuine(realmClaims()) }, 200, "user:" + realm + "/f3a1"},
		"scopes as a list":             {nil, with("scope", []string{"threats"}), 200, "f3a1"},
		"no key id":                    {nil, func() string { return signed(realmClaims(), jwt.SigningMethodRS256, firstKey, "") }, 200, "f3a1"},
		"roles inside an object":       {func(o *callers.OIDC) { o.ScopeClaim = "realm_access.roles" }, with("realm_access", map[string]any{"roles": []string{"threats"}}), 200, "f3a1"},
		"a claim whose name has a dot": {func(o *callers.OIDC) { o.ScopeClaim = "https://example.com/scopes" }, with("https://example.com/scopes", "threats"), 200, "f3a1"},
		"no scope needed":              {func(o *callers.OIDC) { o.Scopes = nil }, with("scope", nil), 200, "f3a1"},
		"another algorithm, if set":    {func(o *callers.OIDC) { o.Algorithms = []string{"PS256"} }, func() string { return signed(realmClaims(), jwt.SigningMethodPS256, firstKey, "first") }, 200, "f3a1"},
		"a subject that is an address": {nil, with("sub", "ada@example.com"), 200, "/sha256:"},

		"another algorithm":     {nil, func() string { return signed(realmClaims(), jwt.SigningMethodPS256, firstKey, "first") }, 401, "signature"},
		"no scope":              {nil, with("scope", nil), 403, "lacks the scope"},
		"another scope":         {nil, with("scope", "threat"), 403, "lacks the scope"},
		"a scope of wrong type": {nil, with("scope", 1), 403, "lacks the scope"},
		"an ID token":           {nil, with("typ", "ID"), 401, "not an access token"},
		"typ at+jwt":            {nil, func() string { return withHeader(realmClaims(), "typ", "at+jwt") }, 200, "f3a1"},
		"typ logout+jwt":        {nil, func() string { return withHeader(realmClaims(), "typ", "logout+jwt") }, 401, "not an access token"},
		"typ that is no text":   {nil, func() string { return withHeader(realmClaims(), "typ", 1) }, 401, "not an access token"},
		"a critical extension":  {nil, func() string { return withHeader(realmClaims(), "crit", []string{"exp"}) }, 401, "not an access token"},
		"another issuer":        {nil, with("iss", realm+"/"), 401, "issuer"},
		"another audience":      {nil, with("aud", "account"), 401, "audience"},
		"no exp":                {nil, with("exp", nil), 401, "required claim"},
		"expired":               {nil, func() string { return genuine(realmClaims().with("exp", time.Now().Add(-2*time.Minute).Unix())) }, 401, "expired"},
		"no subject":            {nil, with("sub", nil), 401, "malformed"},
		"another key":           {nil, func() string { return signed(realmClaims(), jwt.SigningMethodRS256, secondKey, "first") }, 401, "signature"},
		"another key, no id":    {nil, func() string { return signed(realmClaims(), jwt.SigningMethodRS256, secondKey, "") }, 401, "signature"},
		"alg none": {nil, func() string {
			return signed(realmClaims(), jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "first")
		}, 401, "signature"},
	} {
		t.Run(what, func(t *testing.T) {
			rules := oidcRules()
			if row.change != nil {
				row.change(&rules)
			}
			inBubble(t, callers.Options{OIDC: &rules}, newIssuer(), func(t *testing.T, g *gate) {
				w := g.send(row.token())
				if w.Code != row.status || !strings.Contains(w.Body.String(), row.part) || strings.Contains(w.Body.String(), "ada@") {
					t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, row.status, row.part)
				}
			})
		})
	}
}

func TestADiscoveryDocumentOfAnotherIssuerIsNotBelieved(t *testing.T) {
	for what, document := range map[string]any{
		"another issuer": map[string]string{"issuer": "https://evil.example", "jwks_uri": realm + "/keys"},
		"plain http":     map[string]string{"issuer": realm, "jwks_uri": "http://idp.example.com/keys"},
		"no keys":        map[string]string{"issuer": realm},
	} {
		t.Run(what, func(t *testing.T) {
			rules := oidcRules()
			g := newGate(t, callers.Options{OIDC: &rules}, discovery{document})
			defer g.Close()
			if w := g.send(genuine(realmClaims())); w.Code != http.StatusServiceUnavailable || g.Ready() == nil {
				t.Errorf("got %d", w.Code)
			}
		})
	}
}

// discovery answers with one document, and fails where keys are fetched.
type discovery struct{ document any }

func (d discovery) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/openid-configuration") {
		return nil, fmt.Errorf("%s was fetched", r.URL)
	}
	return response(http.StatusOK, d.document), nil
}
