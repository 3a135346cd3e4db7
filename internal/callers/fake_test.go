package callers_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"go.uber.org/goleak"

	"portico/internal/callers"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	tenant      = "11111111-2222-4333-8444-555555555555"
	otherTenant = "22222222-3333-4444-8555-666666666666"
	clientID    = "66666666-7777-4888-9999-aaaaaaaaaaaa"
	callingApp  = "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff"
	user        = "dddddddd-eeee-4fff-8000-111111111111"
	authority   = "https://login.example.com"
	stsV1       = "https://sts.example.com"
	realm       = "https://idp.example.com/realms/main"
)

// The keys are made once: making one takes longer than all tests that use it.
var (
	firstKey  = newKey()
	secondKey = newKey()
)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
}

// issuer plays the key and discovery endpoints of Entra ID's tenants and of an OpenID Connect realm without a socket, so
// that tests of time run on a clock that does not wait.
type issuer struct {
	mu      sync.Mutex
	keys    map[string]map[string]crypto.PublicKey // by tenant or realm, then key id
	broken  map[string]*http.Response
	fetched map[string]int
	slow    time.Duration
}

func newIssuer() *issuer {
	published := map[string]crypto.PublicKey{"first": &firstKey.PublicKey}
	return &issuer{
		keys:   map[string]map[string]crypto.PublicKey{tenant: published, otherTenant: published, realm: published},
		broken: map[string]*http.Response{}, fetched: map[string]int{},
	}
}

func (i *issuer) RoundTrip(r *http.Request) (*http.Response, error) {
	i.mu.Lock()
	slow := i.slow
	i.mu.Unlock()
	select {
	case <-time.After(slow):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	switch r.URL.String() {
	case authority + "/" + tenant + "/discovery/v2.0/keys":
		return i.answer(tenant)
	case authority + "/" + otherTenant + "/discovery/v2.0/keys":
		return i.answer(otherTenant)
	case realm + "/keys":
		return i.answer(realm)
	case realm + "/.well-known/openid-configuration":
		return response(http.StatusOK, map[string]string{"issuer": realm, "jwks_uri": realm + "/keys"}), nil
	}
	return response(http.StatusNotFound, nil), nil
}

func (i *issuer) answer(of string) (*http.Response, error) {
	i.fetched[of]++
	if broken := i.broken[of]; broken != nil {
		if broken.StatusCode == 0 {
			return nil, io.ErrUnexpectedEOF
		}
		return broken, nil
	}
	list := []map[string]string{}
	for id, key := range i.keys[of] {
		list = append(list, jwk(id, key))
	}
	return response(http.StatusOK, map[string]any{"keys": list}), nil
}

// jwk is a key as Entra ID publishes it: without alg.
func jwk(id string, key crypto.PublicKey) map[string]string {
	encode := base64.RawURLEncoding.EncodeToString
	if public, ok := key.(ed25519.PublicKey); ok {
		return map[string]string{"kty": "OKP", "crv": "Ed25519", "kid": id, "x": encode(public)}
	}
	public := key.(*rsa.PublicKey)
	return map[string]string{
		"kty": "RSA", "use": "sig", "kid": id, "x5t": id, "issuer": authority + "/" + tenant + "/v2.0",
		"n": encode(public.N.Bytes()), "e": encode(big.NewInt(int64(public.E)).Bytes()),
	}
}

func response(status int, body any) *http.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(text))}
}

func (i *issuer) publish(of string, keys map[string]crypto.PublicKey) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.keys[of] = keys
}

// fail answers with the response from now on; nil mends it, and an empty one cuts the connection.
func (i *issuer) fail(of string, with *http.Response) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.broken[of] = with
}

func (i *issuer) fetches(of string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.fetched[of]
}

// entraRules accept users with Threats.Read and applications with Threats.Read.All, of one tenant.
func entraRules() callers.Entra {
	return callers.Entra{
		Authority: authority, IssuerV1: stsV1, IssuerV2: authority, Tenants: []string{tenant},
		Audiences: []string{clientID, "api://" + clientID}, Versions: []string{"2"},
		Scopes: []string{"Threats.Read"}, Roles: []string{"Threats.Read.All"}, RequireIDType: true,
	}
}

func oidcRules() callers.OIDC {
	return callers.OIDC{
		Issuer: realm, Audiences: []string{"portico"}, Algorithms: []string{"RS256"}, ScopeClaim: "scope", Scopes: []string{"threats"},
	}
}

// claims are those of a token, to be changed by a test row.
type claims map[string]any

// with returns a copy with one claim changed; nil removes it.
func (c claims) with(name string, value any) claims {
	out := claims{}
	for k, v := range c {
		out[k] = v
	}
	if out[name] = value; value == nil {
		delete(out, name)
	}
	return out
}

func userClaims() claims {
	now := time.Now()
	return claims{
		"aud": clientID, "iss": authority + "/" + tenant + "/v2.0", "tid": tenant, "ver": "2.0", "oid": user, "sub": "pairwise",
		"azp": callingApp, "azpacr": "0", "scp": "openid Threats.Read", "iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Hour).Unix(),
		"name": "Ada Lovelace", "preferred_username": "ada@example.com",
	}
}

func appClaims() claims {
	c := userClaims().with("scp", nil).with("name", nil).with("preferred_username", nil)
	return c.with("idtyp", "app").with("azpacr", "1").with("oid", "service-principal").with("sub", "service-principal").with("roles", []string{"Threats.Read.All"})
}

// signed returns a token by a method, a key and the key's id.
func signed(c claims, method jwt.SigningMethod, key any, id string) string {
	t := jwt.NewWithClaims(method, jwt.MapClaims(c))
	if t.Header["kid"] = id; id == "" {
		delete(t.Header, "kid")
	}
	text, err := t.SignedString(key)
	if err != nil {
		panic(err)
	}
	return text
}

// withHeader is a genuine token with one more member in its header.
func withHeader(c claims, name string, value any) string {
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims(c))
	t.Header["kid"], t.Header[name] = "first", value
	text, err := t.SignedString(firstKey)
	if err != nil {
		panic(err)
	}
	return text
}

func genuine(c claims) string { return signed(c, jwt.SigningMethodRS256, firstKey, "first") }

// gate is a gate with its log, and a handler behind that says who came through.
type gate struct {
	*callers.Gate
	log    *bytes.Buffer
	inside http.Handler
}

// inBubble runs a test with a gate on a clock that does not wait, once the first keys are in.
func inBubble(t *testing.T, o callers.Options, i *issuer, test func(t *testing.T, g *gate)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		g := newGate(t, o, i)
		defer g.Close()
		synctest.Wait()
		test(t, g)
	})
}

func newGate(t testing.TB, o callers.Options, transport http.RoundTripper) *gate {
	t.Helper()
	log := &bytes.Buffer{}
	o.Client, o.Log = &http.Client{Transport: transport}, slog.New(slog.NewTextHandler(log, nil))
	g, err := callers.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return &gate{Gate: g, log: log, inside: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("the Authorization header went on")
		}
		c, known := callers.Of(r.Context())
		if known {
			_, _ = io.WriteString(w, c.Name())
		}
	})}
}

// send sends a request with the token; an empty one sends none.
func (g *gate) send(token string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(context.Background(), http.MethodPost, "http://portico.example/graphql", nil)
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	g.Handler(g.inside).ServeHTTP(w, r)
	return w
}

// code returns extensions.code of the first error in a response.
func code(t *testing.T, w *httptest.ResponseRecorder) string {
	t.Helper()
	var body struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body.Errors) != 1 || body.Errors[0].Message == "" {
		t.Fatalf("the body is no GraphQL error: %s", w.Body)
	}
	return body.Errors[0].Extensions.Code
}

func newLogger(g *gate) *slog.Logger { return slog.New(slog.NewTextHandler(g.log, nil)) }

func textLogger(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }
