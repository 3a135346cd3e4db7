package callers_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/internal/callers"
	"portico/internal/quota"
	"portico/internal/telemetry"
)

const metadataURL = "http://portico.example/.well-known/oauth-protected-resource/graphql"

func TestRefusalsFollowRFC6750(t *testing.T) {
	inBubble(t, entraOptions(), newIssuer(), func(t *testing.T, g *gate) {
		for what, row := range map[string]struct {
			token   string
			headers []string
			status  int
			want    string // WWW-Authenticate
		}{
			"no token":       {"", nil, 401, `Bearer realm="portico", resource_metadata="` + metadataURL + `"`},
			"another scheme": {"", []string{"Authorization: Basic YTpi"}, 401, `Bearer realm="portico", resource_metadata="` + metadataURL + `"`},
			"a bad token": {"abc", nil, 401, `Bearer realm="portico", error="invalid_token", error_description="The access token is malformed.", ` +
				`resource_metadata="` + metadataURL + `"`},
			"the wrong scope": {genuine(userClaims().with("scp", "User.Read")), nil, 403, `Bearer realm="portico", error="insufficient_scope", ` +
				`error_description="The access token lacks the scope that this service requires.", scope="Threats.Read", resource_metadata="` + metadataURL + `"`},
			"two headers": {genuine(userClaims()), []string{"Authorization: Bearer other"}, 400, `Bearer realm="portico", error="invalid_request", ` +
				`error_description="The request has more than one Authorization header. Send one.", resource_metadata="` + metadataURL + `"`},
		} {
			w := g.send(row.token, row.headers...)
			if w.Code != row.status || w.Header().Get("WWW-Authenticate") != row.want {
				t.Errorf("%s: got %d %s\nwant %d %s", what, w.Code, w.Header().Get("WWW-Authenticate"), row.status, row.want)
			}
			code(t, w)
			if w.Header().Get("Location") != "" || w.Header().Get("Cache-Control") != "no-store" {
				t.Errorf("%s: headers: %v", what, w.Header())
			}
		}
	})
}

func TestRefusalsHaveTheMediaTypeThatTheClientAccepts(t *testing.T) {
	inBubble(t, entraOptions(), newIssuer(), func(t *testing.T, g *gate) {
		for accept, want := range map[string]string{
			"application/graphql-response+json, application/json;q=0.9": "application/graphql-response+json; charset=utf-8",
			"application/json": "application/json; charset=utf-8",
			"*/*":              "application/json; charset=utf-8",
		} {
			if got := g.send("", "Accept: "+accept).Header().Get("Content-Type"); got != want {
				t.Errorf("%s: got %s", accept, got)
			}
		}
	})
}

func TestProtectedResourceMetadata(t *testing.T) {
	o := entraOptions()
	o.PublicURL = "https://portico.example"
	inBubble(t, o, newIssuer(), func(t *testing.T, g *gate) {
		for path, resource := range map[string]string{"": "https://portico.example", "/graphql": "https://portico.example/graphql"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, callers.MetadataPath+path, nil)
			w := httptest.NewRecorder()
			g.Metadata().ServeHTTP(w, r)
			var got map[string]any
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			want := map[string]any{
				"resource": resource, "resource_name": "Portico", "authorization_servers": []any{authority + "/" + tenant + "/v2.0"},
				"scopes_supported": []any{"api://" + clientID + "/Threats.Read"}, "bearer_methods_supported": []any{"header"},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
		w := httptest.NewRecorder()
		g.Metadata().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, callers.MetadataPath+"/other", nil))
		if w.Code != http.StatusNotFound {
			t.Errorf("another resource: %d", w.Code)
		}
		if got := g.send("").Header().Get("WWW-Authenticate"); !strings.Contains(got, `resource_metadata="https://portico.example/.well-known/`) {
			t.Errorf("got %s", got)
		}
	})
}

// Only a client that announces the capability cp1 knows what to do with a claims challenge.
func TestClaimsChallengesAreForClientsThatSupportThem(t *testing.T) {
	const wanted = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
	inBubble(t, entraOptions(), newIssuer(), func(t *testing.T, g *gate) {
		for what, row := range map[string]struct {
			capabilities any
			challenged   bool
		}{
			"cp1":                  {[]string{"cp1"}, true},
			"CP1 among others":     {[]string{"proto", "CP1"}, true},
			"cp1 as a string":      {"cp1", true},
			"another capability":   {[]string{"cp10"}, false},
			"no capability at all": {nil, false},
		} {
			g.inside = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				got := g.Challenge(r.Context(), wanted)
				want := `Bearer realm="", authorization_uri="` + authority + "/" + tenant + `/oauth2/v2.0/authorize", error="insufficient_claims", claims="` +
					base64.StdEncoding.EncodeToString([]byte(wanted)) + `"`
				if row.challenged && got != want || !row.challenged && got != "" {
					t.Errorf("%s: got %q", what, got)
				}
			})
			if w := g.send(genuine(userClaims().with("xms_cc", row.capabilities))); w.Code != http.StatusOK {
				t.Errorf("%s: %d %s", what, w.Code, w.Body)
			}
		}
		if got := g.Challenge(t.Context(), wanted); got != "" {
			t.Errorf("without a caller: %q", got)
		}
	})
}

func TestTheLogLineNamesTheCallerByIDs(t *testing.T) {
	inBubble(t, entraOptions(), newIssuer(), func(t *testing.T, g *gate) {
		handler := telemetry.Middleware(g.Handler(g.inside), newLogger(g), nil, nil, nil)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.Header.Set("Authorization", "Bearer "+genuine(userClaims()))
		handler.ServeHTTP(httptest.NewRecorder(), r)
		log := g.log.String()
		if !strings.Contains(log, "caller=user:"+tenant+"/"+user) || strings.Contains(log, "ada") || strings.Contains(log, "Lovelace") {
			t.Errorf("log: %s", log)
		}
	})
}

// Where callers are not authenticated, a token is a name for its sender, and all of it: a token with the same claims
// and another signature may be forged.
func TestUnverifiedTokensAreKeyedByTheirFullText(t *testing.T) {
	g := newGate(t, callers.Options{}, newIssuer())
	defer g.Close()
	good := genuine(userClaims())
	parts := strings.Split(good, ".")
	var names []string
	for _, token := range []string{good, parts[0] + "." + parts[1] + ".AAAA", parts[0] + "." + parts[1] + ".", good[:len(good)-1]} {
		log := &strings.Builder{}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
		r.Header.Set("Authorization", "Bearer "+token)
		telemetry.Middleware(g.Handler(g.inside), textLogger(log), nil, nil, nil).ServeHTTP(httptest.NewRecorder(), r)
		_, name, _ := strings.Cut(log.String(), "caller=token:")
		if len(strings.TrimSpace(name)) != 64 || strings.Contains(log.String(), user) {
			t.Errorf("log: %s", log)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	if len(slices.Compact(names)) != 4 {
		t.Errorf("not distinguished: %v", names)
	}
	if w := g.send(""); w.Code != http.StatusOK {
		t.Errorf("without a token: %d", w.Code)
	}
}

func TestWithoutAuthenticationTheTokenIsTakenAway(t *testing.T) {
	g := newGate(t, callers.Options{}, newIssuer())
	defer g.Close()
	for what, header := range map[string]string{
		"a bearer token": "Bearer abc.def-_~+/=", "small letters": "bearer abc", "another scheme": "Basic abc",
		"a token with a space": "Bearer abc def", "no token": "Bearer ",
	} {
		if w := g.send("", "Authorization: "+header); w.Code != http.StatusOK { // the handler behind checks the header
			t.Errorf("%s: %d", what, w.Code)
		}
	}
	w := g.send("one", "Authorization: Bearer two")
	if w.Code != http.StatusBadRequest || code(t, w) != "BAD_REQUEST" || w.Header().Get("WWW-Authenticate") != "" {
		t.Errorf("two Authorization headers: %d %v", w.Code, w.Header())
	}
	w = httptest.NewRecorder()
	g.Metadata().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, callers.MetadataPath, nil))
	if w.Code != http.StatusNotFound {
		t.Errorf("metadata: %d", w.Code)
	}
}

// Whoever tries tokens is slowed down, and whoever shares the address is not.
func TestRefusedTokensAreCountedByAddress(t *testing.T) {
	o := entraOptions()
	synctest.Test(t, func(t *testing.T) {
		o.Refused = quota.NewMemory(10)
		g := newGate(t, o, newIssuer())
		defer g.Close()
		synctest.Wait()
		from := func(address, token string) *httptest.ResponseRecorder {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
			r.RemoteAddr = address
			r.Header.Set("Authorization", "Bearer "+token)
			w := httptest.NewRecorder()
			g.Handler(g.inside).ServeHTTP(w, r)
			return w
		}
		for n := range 10 {
			if w := from("[2001:db8::1]:4711", forged(n)); w.Code != http.StatusUnauthorized {
				t.Errorf("%d: %d", n, w.Code)
			}
		}
		w := from("[2001:db8::ffff]:1", forged(11))
		if w.Code != http.StatusTooManyRequests || code(t, w) != "RATE_LIMITED" || w.Header().Get("Retry-After") != "6" {
			t.Errorf("the eleventh, of the same network: %d %v", w.Code, w.Header())
		}
		if w := from("[2001:db8::1]:4711", genuine(userClaims())); w.Code != http.StatusOK {
			t.Errorf("a good token of the same address: %d %s", w.Code, w.Body)
		}
		if w := from("192.0.2.1:4711", forged(12)); w.Code != http.StatusUnauthorized {
			t.Errorf("another address: %d", w.Code)
		}
		time.Sleep(6 * time.Second)
		if w := from("[2001:db8::1]:4711", forged(13)); w.Code != http.StatusUnauthorized {
			t.Errorf("after the wait: %d", w.Code)
		}
	})
}
