package callers_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"portico/internal/callers"
)

// v1 turns claims into those of a version 1 token.
func v1(c claims) claims {
	return c.with("ver", "1.0").with("iss", stsV1+"/"+tenant+"/").with("aud", "api://"+clientID).
		with("appid", c["azp"]).with("appidacr", c["azpacr"]).with("azp", nil).with("azpacr", nil)
}

func TestEntraTokensThatMayCall(t *testing.T) {
	for what, row := range map[string]struct {
		change func(*callers.Entra)
		token  func() string
		want   string
	}{
		"a user with the scope":                    {nil, func() string { return genuine(userClaims()) }, "user:" + tenant + "/" + user},
		"a user's token that says idtyp=user":      {nil, func() string { return genuine(userClaims().with("idtyp", "user")) }, "user:" + tenant + "/" + user},
		"a user with app roles beside the scope":   {nil, func() string { return genuine(userClaims().with("roles", []string{"Analyst"})) }, "user:" + tenant + "/" + user},
		"an application with the role":             {nil, func() string { return genuine(appClaims()) }, "app:" + tenant + "/" + callingApp},
		"several audiences":                        {nil, func() string { return genuine(userClaims().with("aud", []string{"x", clientID})) }, "user:" + tenant + "/" + user},
		"a clock that is half a minute behind":     {nil, func() string { return genuine(userClaims().with("nbf", time.Now().Add(30*time.Second).Unix())) }, "user:" + tenant + "/" + user},
		"expired half a minute ago":                {nil, func() string { return genuine(userClaims().with("exp", time.Now().Add(-30*time.Second).Unix())) }, "user:" + tenant + "/" + user},
		"a version 1 token where it is accepted":   {versions("1", "2"), func() string { return genuine(v1(userClaims())) }, "user:" + tenant + "/" + user},
		"a version 1 application":                  {versions("1"), func() string { return genuine(v1(appClaims())) }, "app:" + tenant + "/" + callingApp},
		"a second tenant that is allowed":          {func(e *callers.Entra) { e.Tenants = append(e.Tenants, otherTenant) }, func() string { return genuine(ofTenant(userClaims(), otherTenant)) }, "user:" + otherTenant + "/" + user},
		"a client on the list":                     {clients(callingApp), func() string { return genuine(userClaims()) }, "user:" + tenant + "/" + user},
		"an application without idtyp, if allowed": {func(e *callers.Entra) { e.RequireIDType = false }, func() string { return genuine(appClaims().with("idtyp", nil)) }, "app:" + tenant + "/" + callingApp},
	} {
		t.Run(what, func(t *testing.T) {
			rules := entraRules()
			if row.change != nil {
				row.change(&rules)
			}
			inBubble(t, callers.Options{Entra: &rules}, newIssuer(), func(t *testing.T, g *gate) {
				if w := g.send(row.token()); w.Code != http.StatusOK || w.Body.String() != row.want {
					t.Errorf("got %d %s, want %s", w.Code, w.Body, row.want)
				}
			})
		})
	}
}

func versions(list ...string) func(*callers.Entra) {
	return func(e *callers.Entra) { e.Versions = list }
}

func clients(list ...string) func(*callers.Entra) { return func(e *callers.Entra) { e.Clients = list } }

func ofTenant(c claims, id string) claims {
	return c.with("tid", id).with("iss", authority+"/"+id+"/v2.0")
}

const consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"

func TestEntraTokensThatMayNotCall(t *testing.T) {
	hmac := func(key []byte) func() string {
		return func() string { return signed(userClaims(), jwt.SigningMethodHS256, key, "first") }
	}
	der, err := x509.MarshalPKIXPublicKey(&firstKey.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	token := func(c func() claims) func() string { return func() string { return genuine(c()) } }
	with := func(name string, value any) func() string {
		return func() string { return genuine(userClaims().with(name, value)) }
	}
	noIDType := func(e *callers.Entra) { e.RequireIDType = false }
	for what, row := range map[string]struct {
		change func(*callers.Entra)
		token  func() string
		status int
		part   string // of the message
	}{
		"alg none": {nil, func() string {
			return signed(userClaims(), jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "first")
		}, 401, "signature"},
		"HS256 with the public key as PEM": {nil, hmac(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})), 401, "signature"},
		"HS256 with the public key as DER": {nil, hmac(der), 401, "signature"},
		"HS256 with the modulus":           {nil, hmac(firstKey.N.Bytes()), 401, "signature"},
		"RS512 with the right key":         {nil, func() string { return signed(userClaims(), jwt.SigningMethodRS512, firstKey, "first") }, 401, "signature"},
		"PS256 with the right key":         {nil, func() string { return signed(userClaims(), jwt.SigningMethodPS256, firstKey, "first") }, 401, "signature"},
		"another key under a known id":     {nil, func() string { return signed(userClaims(), jwt.SigningMethodRS256, secondKey, "first") }, 401, "signature"},
		"another key under its own id":     {nil, func() string { return signed(userClaims(), jwt.SigningMethodRS256, secondKey, "forged") }, 401, "does not publish"},
		"no key id":                        {nil, func() string { return signed(userClaims(), jwt.SigningMethodRS256, firstKey, "") }, 401, "malformed"},
		"a changed payload": {nil, func() string {
			parts := strings.Split(genuine(userClaims()), ".")
			other := strings.Split(genuine(userClaims().with("oid", "somebody-else")), ".")
			return parts[0] + "." + other[1] + "." + parts[2]
		}, 401, "signature"},
		"a signature that is cut": {nil, func() string { t := genuine(userClaims()); return t[:len(t)-4] }, 401, "access token"},
		"no signature":            {nil, func() string { t := genuine(userClaims()); return t[:strings.LastIndex(t, ".")+1] }, 401, "signature"},
		"not a JWT":               {nil, func() string { return "abc" }, 401, "malformed"},
		"an opaque token":         {nil, func() string { return "0.AXoAabc-def_" }, 401, "malformed"},
		"a payload that is no JSON": {nil, func() string {
			return "eyJhbGciOiJSUzI1NiJ9." + base64.RawURLEncoding.EncodeToString([]byte("x")) + ".eA"
		}, 401, "malformed"},
		"a token of 20,000 bytes": {nil, with("groups", strings.Repeat("x", 20_000)), 401, "malformed"},

		"expired two minutes ago":              {nil, func() string { return genuine(userClaims().with("exp", time.Now().Add(-2*time.Minute).Unix())) }, 401, "expired"},
		"no exp":                               {nil, with("exp", nil), 401, "required claim"},
		"exp as text":                          {nil, with("exp", "tomorrow"), 401, "malformed"},
		"not valid for two minutes":            {nil, func() string { return genuine(userClaims().with("nbf", time.Now().Add(2*time.Minute).Unix())) }, 401, "not valid yet"},
		"for Microsoft Graph":                  {nil, with("aud", "https://graph.microsoft.com"), 401, "audience"},
		"for Microsoft Graph, by its id":       {nil, with("aud", "00000003-0000-0000-c000-000000000000"), 401, "audience"},
		"for another API":                      {nil, with("aud", callingApp), 401, "audience"},
		"for an audience that begins so":       {nil, with("aud", clientID+".example"), 401, "audience"},
		"no audience":                          {nil, with("aud", nil), 401, "required claim"},
		"another tenant":                       {nil, token(func() claims { return ofTenant(userClaims(), otherTenant) }), 401, "tenant"},
		"the consumers' tenant":                {nil, token(func() claims { return ofTenant(userClaims(), consumers) }), 401, "tenant"},
		"no tenant":                            {nil, with("tid", nil), 401, "tenant"},
		"a tenant that is a path":              {nil, with("tid", "../"+tenant), 401, "tenant"},
		"another tenant's tid":                 {second, token(func() claims { return userClaims().with("tid", otherTenant) }), 401, "issuer"},
		"another tenant's iss":                 {second, with("iss", authority+"/"+otherTenant+"/v2.0"), 401, "issuer"},
		"an issuer that ends so":               {nil, with("iss", "https://evil.example/"+tenant+"/v2.0"), 401, "issuer"},
		"an issuer with a slash more":          {nil, with("iss", authority+"/"+tenant+"/v2.0/"), 401, "issuer"},
		"the common issuer":                    {nil, with("iss", authority+"/common/v2.0"), 401, "issuer"},
		"the issuer's template":                {nil, with("iss", authority+"/{tenantid}/v2.0"), 401, "issuer"},
		"no issuer":                            {nil, with("iss", nil), 401, "issuer"},
		"a version that is not accepted":       {nil, token(func() claims { return v1(userClaims()) }), 401, "version"},
		"version 2 where 1 is accepted":        {versions("1"), token(userClaims), 401, "version"},
		"version 1 with version 2's iss":       {versions("1", "2"), with("ver", "1.0"), 401, "issuer"},
		"version 2 with version 1's iss":       {versions("1", "2"), token(func() claims { return v1(userClaims()).with("ver", "2.0") }), 401, "issuer"},
		"no version":                           {versions("1", "2"), with("ver", nil), 401, "version"},
		"an ID token":                          {nil, token(idToken), 401, "neither"},
		"an ID token with a nonce":             {nil, token(func() claims { return idToken().with("nonce", "n") }), 401, "ID token"},
		"an ID token with app roles":           {nil, token(func() claims { return idToken().with("roles", []string{"Threats.Read.All"}) }), 401, "neither"},
		"the same where idtyp is not required": {noIDType, token(func() claims { return idToken().with("roles", []string{"Threats.Read.All"}) }), 401, "neither"},
		"roles in a user's token, no scope":    {nil, token(func() claims { return userClaims().with("scp", nil).with("roles", []string{"Threats.Read.All"}) }), 401, "neither"},
		"roles in a user's token, another scope": {nil, token(func() claims {
			return userClaims().with("scp", "openid").with("roles", []string{"Threats.Read.All"})
		}), 403, "lacks the scope"},
		"an application without idtyp":           {nil, token(func() claims { return appClaims().with("idtyp", nil) }), 401, "neither"},
		"an application's role in small letters": {nil, token(func() claims { return appClaims().with("roles", []string{"threats.read.all"}) }), 403, "lacks the app role"},
		"an application without a role":          {nil, token(func() claims { return appClaims().with("roles", nil) }), 403, "lacks the app role"},
		"an application that claims a scope":     {nil, token(func() claims { return appClaims().with("scp", "Threats.Read") }), 401, "neither"},
		"a device's token":                       {nil, token(func() claims { return userClaims().with("idtyp", "device") }), 401, "neither"},
		"a user without the scope":               {nil, with("scp", "User.Read"), 403, "lacks the scope"},
		"a scope that begins so":                 {nil, with("scp", "Threats.Read.Everything"), 403, "lacks the scope"},
		"a user without an object id":            {nil, with("oid", nil), 401, "malformed"},
		"a client that is not on the list":       {clients(clientID), token(userClaims), 403, "client application"},
		"a user where only applications may":     {func(e *callers.Entra) { e.Scopes = nil }, token(userClaims), 403, "Users are not allowed"},
		"an application where only users may":    {func(e *callers.Entra) { e.Roles = nil }, token(appClaims), 403, "Applications are not allowed"},
		"an application, on behalf of users":     {func(e *callers.Entra) { e.UsersOnly = true }, token(appClaims), 403, "on behalf of users"},
	} {
		t.Run(what, func(t *testing.T) {
			rules := entraRules()
			if row.change != nil {
				row.change(&rules)
			}
			i := newIssuer()
			inBubble(t, callers.Options{Entra: &rules}, i, func(t *testing.T, g *gate) {
				text := row.token()
				for range 2 { // the second time, a token that was wrongly remembered would pass
					w := g.send(text)
					if w.Code != row.status || !strings.Contains(w.Body.String(), row.part) {
						t.Errorf("got %d %s, want %d with %q", w.Code, w.Body, row.status, row.part)
					}
					want := map[int]string{401: "UNAUTHENTICATED", 403: "FORBIDDEN"}[row.status]
					if got := code(t, w); got != want {
						t.Errorf("code %s, want %s", got, want)
					}
					if body := w.Body.String() + w.Header().Get("WWW-Authenticate"); strings.Contains(body, "eyJ") || strings.Contains(body, "ada@") {
						t.Errorf("the response repeats the token: %s", body)
					}
				}
				if strings.Contains(g.log.String(), "eyJ") {
					t.Errorf("the log holds a token: %s", g.log)
				}
			})
		})
	}
}

func second(e *callers.Entra) { e.Tenants = append(e.Tenants, otherTenant) }

// idToken is what a client gets about its user when client and API share one registration: same issuer, keys and audience.
func idToken() claims { return userClaims().with("scp", nil).with("azp", nil).with("azpacr", nil) }
