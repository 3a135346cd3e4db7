package tokens_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/service/servicetest"

	"github.com/golang-jwt/jwt/v5"
)

// realmKey signs the tokens of an OpenID Connect issuer that has nothing to do with Microsoft.
var realmKey = sync.OnceValue(func() ed25519.PrivateKey {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		panic(err)
	}
	return private
})

// realmToken is an access token of that issuer.
func realmToken(subject, scope string) string {
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{
		"iss": *realmURL.Load(), "aud": "portico", "sub": subject, "scope": scope, "exp": time.Now().Add(time.Hour).Unix(),
	})
	text, err := token.SignedString(realmKey())
	if err != nil {
		panic(err)
	}
	return text
}

var realmURL atomic.Pointer[string]

// ofRealm runs the service with callers of that issuer.
func ofRealm(t testing.TB, settings ...string) *servicetest.Service {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	realmURL.Store(&server.URL)
	serve := func(path string, body any) {
		mux.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) {
			if err := json.NewEncoder(w).Encode(body); err != nil {
				t.Error(err)
			}
		})
	}
	serve("/.well-known/openid-configuration", map[string]string{"issuer": server.URL, "jwks_uri": server.URL + "/keys"})
	public := realmKey().Public().(ed25519.PublicKey)
	serve("/keys", map[string]any{"keys": []any{map[string]string{
		"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public),
	}}})
	s := servicetest.StartSmall(t, append([]string{
		"PORTICO_CALLERS=oidc", "PORTICO_OIDC_ISSUER=" + server.URL, "PORTICO_OIDC_AUDIENCES=portico", "PORTICO_OIDC_SCOPES=threats",
		"PORTICO_OIDC_ALGORITHMS=EdDSA",
	}, settings...)...)
	servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
	return s
}
