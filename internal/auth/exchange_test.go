package auth_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"portico/graph/code"
	"portico/internal/auth"
)

// forged returns a token with the claims that are given as JSON, not signed.
func forged(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"RS256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("made up"))
}

func TestATokenThatCannotBeExchangedIsNotSent(t *testing.T) {
	end := time.Now().Add(time.Hour).Unix()
	good := fmt.Sprintf(`"exp":%d,"aud":%q,"tid":%q`, end, clientID, tenant)
	for name, row := range map[string]struct {
		token string
		sent  bool
	}{
		"as it should be":             {forged("{" + good + "}"), true},
		"an audience with api://":     {forged(strings.ReplaceAll("{"+good+"}", `"aud":"`, `"aud":"api://`)), true},
		"one of several audiences":    {forged(strings.ReplaceAll("{"+good+"}", `"`+clientID+`"`, `["x","`+clientID+`"]`)), true},
		"not a JWT":                   {"opaque", false},
		"two parts":                   {strings.TrimSuffix(forged("{"+good+"}"), "bWFkZSB1cA"), false},
		"a JWE":                       {"a.b.c.d.e", false},
		"a payload that is not JSON":  {forged("{"), false},
		"no algorithm":                {"e30." + strings.Join(strings.Split(forged("{"+good+"}"), ".")[1:], "."), false},
		"expired":                     {forged(strings.ReplaceAll("{"+good+"}", fmt.Sprint(end), fmt.Sprint(end-7200))), false},
		"without an end":              {forged(strings.ReplaceAll("{"+good+"}", `"exp"`, `"x"`)), false},
		"not valid yet":               {forged(fmt.Sprintf(`{%s,"nbf":%d}`, good, end)), false},
		"for another audience":        {forged(strings.ReplaceAll("{"+good+"}", clientID, "00000003-0000-0000-c000-000000000000")), false},
		"for Microsoft Graph":         {forged(strings.ReplaceAll("{"+good+"}", clientID, "https://graph.microsoft.com")), false},
		"without an audience":         {forged(strings.ReplaceAll("{"+good+"}", `"aud"`, `"x"`)), false},
		"of another tenant":           {forged(strings.ReplaceAll("{"+good+"}", tenant, clientID)), false},
		"without a tenant":            {forged(strings.ReplaceAll("{"+good+"}", `"tid"`, `"x"`)), false},
		"an end that is not a number": {forged(strings.ReplaceAll("{"+good+"}", fmt.Sprint(end), `"soon"`)), false},
		"longer than any token":       {forged("{" + good + strings.Repeat(" ", 20<<10) + "}"), false},
	} {
		t.Run(name, func(t *testing.T) {
			c := &cloud{}
			_, err := ask(as(t.Context(), row.token), newSource(t, c, settings(auth.OnBehalfOf)), c)
			if row.sent != (err == nil) || row.sent != (c.tokenRequests() == 1) {
				t.Errorf("%d exchanges, %v", c.tokenRequests(), err)
			}
			if err != nil {
				wantCode(t, err, code.Unauthenticated)
			}
		})
	}
}

func invalidAssertion(int, url.Values) answer {
	return refused(400, "invalid_grant", "AADSTS50013: Assertion failed signature validation.")
}

func TestMadeUpTokensReachTheTokenEndpointRarely(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var busy, most atomic.Int32
		c := &cloud{slow: 100 * time.Millisecond, token: invalidAssertion}
		slow := trip(func() func() {
			if n := busy.Add(1); n > most.Load() {
				most.Store(n)
			}
			return func() { busy.Add(-1) }
		}, c)
		source := newSourceVia(t, slow, settings(auth.OnBehalfOf))
		attacker := from(t.Context(), "192.0.2.1:1234")
		var wg sync.WaitGroup
		for i := range 300 {
			wg.Go(func() { _, _ = ask(asUser(attacker, fmt.Sprint("made up ", i)), source, c) })
		}
		wg.Wait()
		if got := c.tokenRequests(); got > 160 || most.Load() > 8 {
			t.Errorf("%d exchanges, %d at a time", got, most.Load())
		}
		_, err := ask(asUser(attacker, "one more"), source, c)
		if e := wantCode(t, err, code.UpstreamAuth); e.RetryAfter <= 0 || e.RetryAfter > time.Minute {
			t.Errorf("got %+v", e)
		}
		c.token = nil
		for _, peer := range []string{"192.0.2.2:1234", "[2001:db8:1::1]:1"} {
			if _, err := ask(asUser(from(t.Context(), peer), "alice"), source, c); err != nil {
				t.Errorf("from %s: %v", peer, err)
			}
		}
		time.Sleep(4 * time.Minute) // the address has its refusals back
		if _, err := ask(asUser(attacker, "bob"), source, c); err != nil {
			t.Errorf("four minutes later: %v", err)
		}
	})
}

func TestAnIPv6NetworkIsOneAddress(t *testing.T) {
	c := &cloud{token: invalidAssertion}
	source := newSource(t, c, settings(auth.OnBehalfOf))
	for i := range 200 {
		peer := fmt.Sprintf("[2001:db8::%x]:443", i+1)
		_, _ = ask(asUser(from(t.Context(), peer), fmt.Sprint("made up ", i)), source, c)
	}
	if got := c.tokenRequests(); got > 152 {
		t.Errorf("%d exchanges", got)
	}
}

func TestA429PausesItsCallerFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{token: func(n int, form url.Values) answer {
			if strings.HasPrefix(nameOf(form), "throttled") {
				return answer{status: 429, header: retryAfter(600)}
			}
			return granted(n)
		}}
		source := newSource(t, c, settings(auth.OnBehalfOf))
		get := func(name string) error {
			ctx, cancel := context.WithTimeout(asUser(t.Context(), name), 5*time.Second)
			defer cancel()
			_, err := ask(ctx, source, c)
			return err
		}
		for i := range 2 {
			for range 3 { // the second and third time, nothing is sent
				if err := get(fmt.Sprint("throttled ", i)); err == nil {
					t.Error("a throttled caller got a token")
				}
			}
			if err := get(fmt.Sprint("alice ", i)); err != nil {
				t.Errorf("after %d throttled callers, another one got: %v", i+1, err)
			}
		}
		if got := c.tokenRequests(); got != 4 {
			t.Errorf("%d exchanges, want 4", got)
		}
		_ = get("throttled 2")
		if err := get("bob"); err == nil {
			t.Error("three throttled callers did not pause the others")
		}
		if got := c.tokenRequests(); got != 5 {
			t.Errorf("%d exchanges, want 5", got)
		}
		time.Sleep(11 * time.Minute)
		if err := get("bob"); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	})
}
