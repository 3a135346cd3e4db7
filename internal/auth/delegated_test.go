package auth_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"portico/graph/code"
	"portico/internal/auth"
)

// jwt returns an unsigned token that ends then.
func jwt(name string, end time.Time) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"none"}`)) + "." + part(fmt.Appendf(nil, `{"sub":%q,"exp":%d,"aud":%q,"tid":%q}`, name, end.Unix(), clientID, tenant)) + "." + part([]byte("signature"))
}

func TestCallersAreExchangedOnceEach(t *testing.T) {
	c := &cloud{}
	source := newSource(t, c, settings(auth.OnBehalfOf))
	for range 3 {
		for i, caller := range []string{"alice", "bob"} {
			got, err := ask(asUser(t.Context(), caller), source, c)
			if want := fmt.Sprintf("graph-token-%d", i+1); err != nil || got != want {
				t.Errorf("%s got %q, want %q, %v", caller, got, want, err)
			}
		}
	}
	if c.tokenRequests() != 2 || c.discoveries.Load() != 1 {
		t.Errorf("%d exchanges and %d discoveries, want 2 and 1", c.tokenRequests(), c.discoveries.Load())
	}
	form := c.form(1)
	if nameOf(form) != "bob" || form.Get("requested_token_use") != "on_behalf_of" {
		t.Errorf("form: %v", form)
	}
}

func TestDeclinedScopeIsNamed(t *testing.T) {
	c := &cloud{token: func(int, url.Values) answer {
		return answer{status: 200, body: `{"token_type":"Bearer","access_token":"x","expires_in":3600,"scope":"https://graph.example.com/User.Read"}`}
	}}
	_, err := ask(asUser(t.Context(), "alice"), newSource(t, c, settings(auth.OnBehalfOf)), c)
	if e := wantCode(t, err, code.UpstreamAuth); !strings.Contains(e.Message, "did not grant the requested scope") {
		t.Errorf("got %q", e.Message)
	}
}

func TestTokenOnBehalfOfACallerDoesNotOutliveTheCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{}
		source := newSource(t, c, settings(auth.OnBehalfOf))
		ctx := asUser(t.Context(), jwt("alice", time.Now().Add(10*time.Minute)))
		if _, err := ask(ctx, source, c); err != nil {
			t.Fatal(err)
		}
		c.token = func(int, url.Values) answer {
			return refused(400, "invalid_grant", "AADSTS500133: Assertion is not within its valid time range.")
		}
		time.Sleep(11 * time.Minute)
		_, err := ask(ctx, source, c)
		wantCode(t, err, code.Unauthenticated)
	})
}

func TestManyCallersTakeBoundedMemory(t *testing.T) {
	c := &forgetful{}
	source, err := auth.New(settings(auth.OnBehalfOf), &http.Client{Transport: c})
	if err != nil {
		t.Fatal(err)
	}
	base := source.Transport(c)
	visit := func(i int) {
		req := httptest.NewRequestWithContext(asUser(t.Context(), fmt.Sprintf("%s-%d", strings.Repeat("x", 1500), i)), http.MethodGet, graphURL, nil)
		resp, err := base.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	for i := range 2000 {
		visit(i)
	}
	before := heap()
	for i := range users {
		visit(2000 + i)
	}
	grown := int64(heap()) - int64(before)
	t.Logf("heap grew by %d KiB over %d users", grown>>10, users)
	if grown > 4<<20 {
		t.Errorf("heap grew by %d KiB over %d users", grown>>10, users)
	}
	runtime.KeepAlive(source)
}

func heap() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// forgetful answers as a cloud does, and keeps no record.
type forgetful struct{}

func (forgetful) RoundTrip(req *http.Request) (*http.Response, error) {
	c := &cloud{}
	return c.RoundTrip(req)
}

func TestMadeUpTokensPushOutNoGoodOne(t *testing.T) {
	c := &cloud{token: func(n int, form url.Values) answer {
		if nameOf(form) == "alice" {
			return granted(n)
		}
		return refused(400, "invalid_grant", "AADSTS50013: Assertion failed signature validation.")
	}}
	s := settings(auth.OnBehalfOf)
	s.Delegated = 10
	source := newSource(t, c, s)
	if _, err := ask(asUser(t.Context(), "alice"), source, c); err != nil {
		t.Fatal(err)
	}
	for i := range 50 {
		ctx := from(t.Context(), fmt.Sprintf("192.0.2.%d:1", i))
		_, err := ask(asUser(ctx, fmt.Sprint("made-up-", i)), source, c)
		wantCode(t, err, code.Unauthenticated)
	}
	if got, err := ask(asUser(t.Context(), "alice"), source, c); err != nil || got != "graph-token-1" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestIdentity(t *testing.T) {
	app, obo := newSource(t, &cloud{}, settings(auth.App)), newSource(t, &cloud{}, settings(auth.OnBehalfOf))
	alice, bob := asUser(t.Context(), "alice-token"), asUser(t.Context(), "bob-token")
	if got := app.Identity(alice); got != "app" {
		t.Errorf("the application is %q", got)
	}
	if obo.Identity(alice) == obo.Identity(bob) || obo.Identity(alice) != obo.Identity(asUser(t.Context(), "alice-token")) {
		t.Error("callers are not distinguished")
	}
	if got := obo.Identity(alice); !strings.HasPrefix(got, "token:") || strings.Contains(got, "alice") {
		t.Errorf("the caller is %q", got)
	}
	if got := obo.Identity(t.Context()); got != "nobody" {
		t.Errorf("who brought no token is %q", got)
	}
}
