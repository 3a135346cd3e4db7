package callers_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"portico/internal/callers"
)

// No text but a token that was issued lets anybody in, and none makes the gate panic.
func FuzzToken(f *testing.F) {
	good := genuine(userClaims())
	for _, seed := range []string{good, good[:len(good)-1], good + "=", "a.b.c", "..", "eyJhbGciOiJub25lIn0.e30.", genuine(appClaims())} {
		f.Add(seed)
	}
	rules := entraRules()
	rules.Roles = nil
	g := newGate(f, callers.Options{Entra: &rules}, newIssuer())
	f.Cleanup(g.Close)
	for end := time.Now().Add(10 * time.Second); g.Ready() != nil && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	f.Fuzz(func(t *testing.T, token string) {
		w := g.send(token)
		if w.Code == http.StatusOK && strings.TrimSpace(token) != good {
			t.Errorf("%q may call", token)
		}
	})
}
