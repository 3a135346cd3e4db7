package emulator

import (
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	// permission is what threat intelligence needs, as role of an application and as scope of a user.
	permission = "ThreatIntelligence.Read.All"

	// graphAppID is the application id of Microsoft Graph in every tenant.
	graphAppID = "00000003-0000-0000-c000-000000000000"

	keyID = "emulator-1"
)

// processKey is the key that every emulator of this process signs with: made at first use, gone with the process.
var processKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("emulator: making a signing key: " + err.Error()) // the size is valid
	}
	return key
})

// A grant is what a verified token says.
type grant struct {
	audience  string
	expires   time.Time
	permitted bool   // whether it allows reading threat intelligence
	identity  string // application and user
}

// maxTokens bounds the cache of verified tokens.
const maxTokens = 4096

// A tokenCache holds verified tokens, as a signature costs more than an answer.
type tokenCache struct {
	mu      sync.RWMutex
	byToken map[string]*grant
}

func (t *tokenCache) get(token string) *grant {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.byToken[token]
}

func (t *tokenCache) put(token string, g *grant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byToken == nil || len(t.byToken) >= maxTokens {
		t.byToken = map[string]*grant{}
	}
	t.byToken[strings.Clone(token)] = g
}

// authorize checks the token of a request to Microsoft Graph. The grant is returned where the token is genuine, even if
// the request is refused.
func (e *Emulator) authorize(r *http.Request, c *call) (*grant, *graphError) {
	header := first(r.Header["Authorization"])
	if header == "" {
		return nil, invalidToken("Access token is empty.")
	}
	if !hasPrefixFold(header, "Bearer ") {
		return nil, invalidToken("Access token is missing or malformed: the scheme must be Bearer.")
	}
	token := strings.TrimSpace(header[len("Bearer "):])
	g := e.tokens.get(token)
	if g == nil {
		var err error
		if g, err = e.verify(token); err != nil {
			return nil, invalidToken(reasonOf(err))
		}
		e.tokens.put(token, g)
	}
	return g, e.admit(g, c)
}

// admit checks what may change from request to request.
func (e *Emulator) admit(g *grant, c *call) *graphError {
	switch {
	case !c.now.Before(g.expires):
		return invalidToken("Lifetime validation failed, the token is expired.")
	case !e.isGraph(g.audience, c):
		return invalidToken("Access token validation failure. Invalid audience.")
	case !g.permitted:
		return errForbidden
	}
	return nil
}

// isGraph reports whether a resource names Microsoft Graph, or this server.
func (e *Emulator) isGraph(resource string, c *call) bool {
	if resource == e.audience || resource == graphAppID {
		return true
	}
	scheme, host, ok := strings.Cut(resource, "://")
	return ok && host == c.host && len(c.scheme) == len(scheme)+3 && c.scheme[:len(scheme)] == scheme
}

// verify checks the signature and reads the claims.
func (e *Emulator) verify(token string) (*grant, error) {
	claims, err := e.claimsOf(token)
	if err != nil {
		return nil, err
	}
	g := &grant{
		audience: strings.TrimSuffix(textOf(claims, "aud"), "/"),
		expires:  timeOf(claims, "exp"),
		identity: textOf(claims, "appid") + "/" + textOf(claims, "oid"),
	}
	roles, _ := claims["roles"].([]any)
	g.permitted = slices.Contains(roles, any(permission)) ||
		slices.Contains(strings.Fields(textOf(claims, "scp")), permission)
	return g, nil
}

// claimsOf returns the claims of a token that this emulator signed, expired or not.
func (e *Emulator) claimsOf(token string) (jwt.MapClaims, error) {
	claims := jwt.MapClaims{}
	p := jwt.NewParser(jwt.WithoutClaimsValidation(), jwt.WithValidMethods([]string{"RS256"}))
	_, err := p.ParseWithClaims(token, claims, func(*jwt.Token) (any, error) { return &e.key.PublicKey, nil })
	return claims, err
}

func reasonOf(err error) string {
	if errors.Is(err, jwt.ErrTokenSignatureInvalid) {
		return "Access token validation failure. Invalid signature."
	}
	return "CompactToken parsing failed with error code: 80049217"
}

func textOf(claims jwt.MapClaims, name string) string {
	text, _ := claims[name].(string)
	return text
}

func timeOf(claims jwt.MapClaims, name string) time.Time {
	seconds, _ := claims[name].(float64)
	return time.Unix(int64(seconds), 0)
}
