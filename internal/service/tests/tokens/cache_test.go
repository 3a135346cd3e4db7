package tokens_test

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"portico/emulator/entra"
	"portico/internal/service/servicetest"
)

// forge returns a token with the claims of another and a signature that is not its own.
func forge(authorization string) string {
	token := strings.TrimPrefix(authorization, "Bearer ")
	at := strings.LastIndexByte(token, '.')
	return "Bearer " + token[:at+1] + base64.RawURLEncoding.EncodeToString([]byte("forged signature"))
}

// Each token is a caller of its own where only Microsoft Graph can verify it: what one requested, no other is served,
// least of all one with the same claims that is forged.
func TestTheCacheServesNoTokenWhatAnotherRequested(t *testing.T) {
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY=passthrough", "PORTICO_CACHE=memory")
	ada, bob := s.Bearer("ada", servicetest.Permission), s.Bearer("bob", servicetest.Permission)
	q := exampleQuestion("cached")
	for _, step := range []struct {
		who, token, code string
		hits             int
	}{
		{"ada for the first time", ada, "", 0},
		{"ada again", ada, "", 1},
		{"bob for the first time", bob, "", 0},
		{"a forged token of ada", forge(ada), "UNAUTHENTICATED", 0},
		{"the forged token again", forge(ada), "UNAUTHENTICATED", 0},
		{"no token", "", "UNAUTHENTICATED", 0},
		{"one who may not read", s.Bearer("ada", "User.Read"), "UPSTREAM_FORBIDDEN", 0},
		{"ada after that", ada, "", 1},
		{"bob again", bob, "", 1},
	} {
		q.Authorization = step.token
		if a := s.Send(t, q); a.Codes() != step.code || a.Cost.CacheHits != step.hits {
			t.Errorf("%s: codes %q, %d hits, want %q, %d", step.who, a.Codes(), a.Cost.CacheHits, step.code, step.hits)
		}
	}
}

// A verified caller is the same with each of its tokens.
func TestTheCacheKnowsAVerifiedCallerByTenantAndObject(t *testing.T) {
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY=obo", "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_CACHE=memory")
	token := func(user string) string {
		return "Bearer " + s.Emulator.UserToken(user, entra.WithAudience(s.Emulator.ClientID()), entra.WithScope("access_as_user"))
	}
	servicetest.Eventually(t, "callers' keys are loaded", func() bool { return s.CallersReady() == nil })
	for i, step := range []struct {
		token, code string
		hits        int
	}{
		{token("ada"), "", 0},
		{token("ada"), "", 1},
		{token("bob"), "", 0},
		{forge(token("ada")), "UNAUTHENTICATED", 0},
	} {
		q := exampleQuestion(fmt.Sprint("step ", i))
		q.Authorization = step.token
		if a := s.Send(t, q); a.Codes() != step.code || a.Cost.CacheHits != step.hits {
			t.Errorf("step %d: codes %q, %d hits, want %q, %d: %s", i, a.Codes(), a.Cost.CacheHits, step.code, step.hits, a.Text)
		}
	}
}

// The application asks for everybody.
func TestTheCacheOfTheApplicationIsForAllCallers(t *testing.T) {
	s := servicetest.StartSmall(t, "PORTICO_CACHE=memory")
	s.Send(t, exampleQuestion("one"))
	if a := s.Send(t, exampleQuestion("another")); a.Cost.CacheHits != 1 {
		t.Errorf("%d hits", a.Cost.CacheHits)
	}
}

// Whatever callers send in whatever order, one who may not read gets nothing, and a forged token gets nothing.
func TestNoTokenIsServedFromTheCacheBeforeMicrosoftGraphAcceptedIt(t *testing.T) {
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY=passthrough", "PORTICO_CACHE=memory")
	dice := rand.New(rand.NewPCG(1, 9))
	type caller struct {
		token, code string
		asked       map[string]bool
	}
	var all []*caller
	for i := range 4 {
		good := s.Bearer(fmt.Sprint("user", i), servicetest.Permission)
		all = append(all, &caller{good, "", map[string]bool{}}, &caller{forge(good), "UNAUTHENTICATED", nil},
			&caller{s.Bearer(fmt.Sprint("user", i), "User.Read"), "UPSTREAM_FORBIDDEN", nil})
	}
	fields := []string{"port", "status", "port status", "protocol timesObserved"}
	for range 300 {
		c := all[dice.IntN(len(all))]
		selection := fields[dice.IntN(len(fields))]
		q := servicetest.Operation{
			Query:  fmt.Sprintf("{ hostPort(id: %q) { %s } }", servicetest.ExampleID, selection),
			Accept: "application/json", Authorization: c.token,
		}
		a := s.Send(t, q)
		if a.Codes() != c.code || c.code != "" && (a.Cost.CacheHits != 0 || strings.Contains(a.Data, "21")) {
			t.Fatalf("%s: want %q", a.Text, c.code)
		}
		if c.code != "" {
			continue
		}
		known := true
		for name := range strings.FieldsSeq(selection) {
			known = known && c.asked[name]
			c.asked[name] = true
		}
		if (a.Cost.CacheHits == 1) != known {
			t.Fatalf("%s: %d hits, and it was requested before: %v", selection, a.Cost.CacheHits, known)
		}
	}
}
