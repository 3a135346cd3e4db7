package callers_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"portico/internal/callers"
)

func byFirst(c claims) string  { return signed(c, jwt.SigningMethodRS256, firstKey, "first") }
func bySecond(c claims) string { return signed(c, jwt.SigningMethodRS256, secondKey, "second") }
func forged(n int) string {
	return signed(userClaims(), jwt.SigningMethodRS256, secondKey, fmt.Sprint("forged-", n))
}

var (
	bothKeys = map[string]crypto.PublicKey{"first": &firstKey.PublicKey, "second": &secondKey.PublicKey}
	newKeys  = map[string]crypto.PublicKey{"second": &secondKey.PublicKey}
)

func entraOptions() callers.Options {
	rules := entraRules()
	return callers.Options{Entra: &rules}
}

func TestANewKeyIsFoundWithoutWaitingForTheNextRefresh(t *testing.T) {
	i := newIssuer()
	inBubble(t, entraOptions(), i, func(t *testing.T, g *gate) {
		i.publish(tenant, bothKeys)
		if w := g.send(bySecond(userClaims())); w.Code != http.StatusUnauthorized {
			t.Errorf("before the refresh: %d", w.Code)
		}
		synctest.Wait()
		if w := g.send(bySecond(userClaims())); w.Code != http.StatusOK {
			t.Errorf("after the refresh: %d %s", w.Code, w.Body)
		}
	})
}

// Anybody can invent key ids. They must neither hide a new key for long, nor make Portico fetch without end.
func TestForgedKeyIDsNeitherDelayARolloverNorFloodTheIssuer(t *testing.T) {
	i := newIssuer()
	inBubble(t, entraOptions(), i, func(t *testing.T, g *gate) {
		start, before := time.Now(), i.fetches(tenant)
		for n := range 300 { // one every 100 ms
			if w := g.send(forged(n)); w.Code != http.StatusUnauthorized {
				t.Fatalf("a forged token: %d", w.Code)
			}
			synctest.Wait()
			time.Sleep(100 * time.Millisecond)
		}
		if n := i.fetches(tenant) - before; n < 5 || n > 5+3+1 {
			t.Errorf("%d fetches in %v, want the burst of 5 and one every 10 s", n, time.Since(start))
		}
		i.publish(tenant, bothKeys)
		var waited time.Duration
		for g.send(bySecond(userClaims())).Code != http.StatusOK && waited < time.Minute {
			g.send(forged(1000 + int(waited)))
			time.Sleep(time.Second)
			waited += time.Second
		}
		if waited > 11*time.Second {
			t.Errorf("the new key was found after %v", waited)
		}
	})
}

func TestNoRequestWaitsForAFetch(t *testing.T) {
	i := newIssuer()
	inBubble(t, entraOptions(), i, func(t *testing.T, g *gate) {
		i.mu.Lock()
		i.slow = 4 * time.Second
		i.mu.Unlock()
		start := time.Now()
		for n := range 20 {
			g.send(forged(n))
			if w := g.send(byFirst(userClaims().with("n", n))); w.Code != http.StatusOK {
				t.Errorf("a genuine token during a fetch: %d", w.Code)
			}
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("requests waited %v", waited)
		}
	})
}

func TestWithoutKeysRequestsGet503UntilTheFirstOnesAreIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		i := newIssuer()
		i.fail(tenant, &http.Response{})
		rules := entraRules()
		second(&rules)
		g := newGate(t, callers.Options{Entra: &rules}, i)
		defer g.Close()
		synctest.Wait()
		w := g.send(genuine(userClaims()))
		if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" || code(t, w) != "NOT_READY" {
			t.Errorf("got %d %v %s", w.Code, w.Header(), w.Body)
		}
		if err := g.Ready(); err == nil || !strings.Contains(err.Error(), tenant) || strings.Contains(err.Error(), otherTenant) {
			t.Errorf("ready: %v", err)
		}
		if w := g.send(genuine(ofTenant(userClaims(), otherTenant))); w.Code != http.StatusOK {
			t.Errorf("the tenant whose keys are in: %d", w.Code)
		}
		if w := g.send(genuine(ofTenant(userClaims(), consumers))); w.Code != http.StatusUnauthorized {
			t.Errorf("a tenant that may not call: %d", w.Code)
		}
		i.fail(tenant, nil)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if w := g.send(genuine(userClaims())); w.Code != http.StatusOK || g.Ready() != nil {
			t.Errorf("afterwards: %d, %v", w.Code, g.Ready())
		}
		if log := g.log.String(); strings.Contains(log, "login.example.com") || !strings.Contains(log, "no response from the issuer: reset") {
			t.Errorf("log: %s", log)
		}
	})
}

func TestKeysAreKeptWhenARefreshFails(t *testing.T) {
	for what, broken := range map[string]*http.Response{
		"no answer":                    {},
		"an error":                     response(http.StatusServiceUnavailable, nil),
		"a page":                       {StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader("<html>"))},
		"no keys":                      response(http.StatusOK, map[string]any{"keys": []any{}}),
		"keys that are for encryption": response(http.StatusOK, map[string]any{"keys": []any{map[string]string{"kty": "RSA", "use": "enc", "kid": "x", "n": "AQAB", "e": "AQAB"}}}),
		"a key that is too short":      response(http.StatusOK, map[string]any{"keys": []any{jwk("first", shortKey(t))}}),
		"a symmetric key":              response(http.StatusOK, map[string]any{"keys": []any{map[string]string{"kty": "oct", "kid": "first", "k": "c2VjcmV0"}}}),
		"more than a mebibyte":         {StatusCode: http.StatusOK, Body: io.NopCloser(bytes.NewReader(make([]byte, 2<<20)))},
		"a redirect":                   {StatusCode: http.StatusFound, Header: http.Header{"Location": {"https://evil.example/keys"}}, Body: http.NoBody},
	} {
		t.Run(what, func(t *testing.T) {
			i := newIssuer()
			inBubble(t, entraOptions(), i, func(t *testing.T, g *gate) {
				i.fail(tenant, broken)
				time.Sleep(time.Hour)
				synctest.Wait()
				if i.fetches(tenant) < 10 {
					t.Errorf("%d fetches in an hour", i.fetches(tenant))
				}
				if w := g.send(genuine(userClaims())); w.Code != http.StatusOK || g.Ready() != nil {
					t.Errorf("got %d %s, %v", w.Code, w.Body, g.Ready())
				}
			})
		})
	}
}

func shortKey(t *testing.T) *rsa.PublicKey {
	t.Helper()
	t.Setenv("GODEBUG", "rsa1024min=0")
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return &key.PublicKey
}

// In an emergency a key is withdrawn. What it signed must not live on among the tokens that were verified before.
func TestAWithdrawnKeyEndsItsTokens(t *testing.T) {
	i := newIssuer()
	inBubble(t, entraOptions(), i, func(t *testing.T, g *gate) {
		old := byFirst(userClaims())
		if w := g.send(old); w.Code != http.StatusOK {
			t.Fatalf("before: %d", w.Code)
		}
		i.publish(tenant, newKeys)
		time.Sleep(11 * time.Minute)
		synctest.Wait()
		if w := g.send(old); w.Code != http.StatusUnauthorized {
			t.Errorf("afterwards: %d", w.Code)
		}
		if w := g.send(bySecond(userClaims())); w.Code != http.StatusOK {
			t.Errorf("the new key: %d %s", w.Code, w.Body)
		}
	})
}

// One tenant's key must not vouch for another tenant's users.
func TestKeysOfOneTenantSignForThatTenantOnly(t *testing.T) {
	rules := entraRules()
	second(&rules)
	i := newIssuer()
	i.publish(otherTenant, newKeys)
	inBubble(t, callers.Options{Entra: &rules}, i, func(t *testing.T, g *gate) {
		if w := g.send(bySecond(userClaims())); w.Code != http.StatusUnauthorized {
			t.Errorf("the other tenant's key: %d", w.Code)
		}
		if w := g.send(bySecond(ofTenant(userClaims(), otherTenant))); w.Code != http.StatusOK {
			t.Errorf("its own: %d %s", w.Code, w.Body)
		}
	})
}

func TestVerifiedTokensAreRememberedUntilTheyExpire(t *testing.T) {
	inBubble(t, entraOptions(), newIssuer(), func(t *testing.T, g *gate) {
		token := genuine(userClaims())
		for range 59 {
			if w := g.send(token); w.Code != http.StatusOK {
				t.Fatalf("got %d", w.Code)
			}
			time.Sleep(time.Minute)
		}
		time.Sleep(3 * time.Minute)
		if w := g.send(token); w.Code != http.StatusUnauthorized || !strings.Contains(w.Body.String(), "expired") {
			t.Errorf("after its end: %d %s", w.Code, w.Body)
		}
	})
}

func TestRememberedTokensAreBounded(t *testing.T) {
	public, private, err := ed25519.GenerateKey(rand.Reader) // signs faster than RSA
	if err != nil {
		t.Fatal(err)
	}
	rules := oidcRules()
	rules.Algorithms = []string{"EdDSA"}
	i := newIssuer()
	i.publish(realm, map[string]crypto.PublicKey{"ed": public})
	inBubble(t, callers.Options{OIDC: &rules}, i, func(t *testing.T, g *gate) {
		for n := range 4200 {
			if w := g.send(signed(realmClaims().with("jti", n), jwt.SigningMethodEdDSA, private, "ed")); w.Code != http.StatusOK {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
		}
		if n := g.Remembered(); n != 4096 {
			t.Errorf("%d tokens are remembered", n)
		}
	})
}
