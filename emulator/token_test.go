package emulator_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"portico/emulator"
	"portico/emulator/entra"
)

func TestTokensOfMicrosoftGraph(t *testing.T) {
	e, s := started(t)
	foreign := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{"aud": e.Audience()})
	forged, err := foreign.SignedString([]byte("secret"))
	if err != nil {
		t.Fatal(err)
	}
	const invalid = "InvalidAuthenticationToken"
	for name, row := range map[string]struct {
		token, code, message string
		status               int
	}{
		"no token":                  {"", invalid, "Access token is empty.", 401},
		"not a token":               {"garbage", invalid, "CompactToken parsing failed", 401},
		"signed with another key":   {forged, invalid, "Invalid signature", 401},
		"expired":                   {e.AppToken(entra.WithLifetime(-time.Second)), invalid, "the token is expired", 401},
		"for another audience":      {e.UserToken("u"), invalid, "Invalid audience", 401},
		"without a role":            {e.AppToken(entra.WithRoles()), "Forbidden", "does not contain valid permissions", 403},
		"with another role":         {e.AppToken(entra.WithRoles("User.Read.All")), "Forbidden", "", 403},
		"of a user":                 {e.UserToken("u", entra.WithAudience(e.Audience())), "", "", 200},
		"of a user without a scope": {e.UserToken("u", entra.WithAudience(e.Audience()), entra.WithScope("User.Read")), "Forbidden", "", 403},
		"for this server":           {e.AppToken(entra.WithAudience(s.URL)), "", "", 200},
		"for Graph by its id":       {e.AppToken(entra.WithAudience("00000003-0000-0000-c000-000000000000")), "", "", 200},
		"of an application":         {e.AppToken(), "", "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 { // the second time from the cache
				got := fetch(t, s, "GET", ti+"hosts/contoso.com", row.token, "")
				if got.status != row.status {
					t.Fatalf("%d %s", got.status, got.body)
				}
				if row.status != 200 {
					wantRefusal(t, got.body, row.code, row.message)
				}
				if want := row.status == 401; want != strings.HasPrefix(got.header.Get("WWW-Authenticate"), "Bearer ") {
					t.Errorf("WWW-Authenticate %q", got.header.Get("WWW-Authenticate"))
				}
			}
		})
	}
	if got := fetch(t, s, "POST", "/v1.0/$batch", "", batch(item("1", "hosts/contoso.com"))); got.status != 401 {
		t.Errorf("a batch without a token: %d", got.status)
	}
}

func TestTokensExpireByTheClock(t *testing.T) {
	e, s := started(t)
	token := e.AppToken()
	accepted(t, s, token)
	e.Advance(59 * time.Minute)
	accepted(t, s, token)
	e.Advance(2 * time.Minute)
	if got := fetch(t, s, "GET", ti+"hosts/contoso.com", token, ""); got.status != 401 {
		t.Errorf("after 61 minutes: %d", got.status)
	}
	accepted(t, s, e.AppToken())
}

func TestTokenEndpointRefusals(t *testing.T) {
	e, s := started(t)
	good := func(change ...string) url.Values {
		v := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {e.ClientID()}, "client_secret": {e.ClientSecret()},
			"scope": {graphDefault},
		}
		for i := 0; i < len(change); i += 2 {
			if v.Set(change[i], change[i+1]); change[i+1] == "" {
				v.Del(change[i])
			}
		}
		return v
	}
	const obo = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
	for name, row := range map[string]struct {
		tenant string
		form   url.Values
		status int
		code   string
		number int
	}{
		"a valid request":     {"", good(), 200, "", 0},
		"another tenant":      {"nowhere", good(), 400, "invalid_request", 90002},
		"a wrong secret":      {"", good("client_secret", "wrong"), 401, "invalid_client", 7000215},
		"no credential":       {"", good("client_secret", ""), 401, "invalid_client", 7000218},
		"an unknown client":   {"", good("client_id", "unknown"), 400, "unauthorized_client", 700016},
		"no scope":            {"", good("scope", ""), 400, "invalid_request", 900144},
		"a scope by name":     {"", good("scope", emulator.DefaultAudience+"/User.Read"), 400, "invalid_scope", 1002012},
		"an unknown resource": {"", good("scope", "https://nowhere.example/.default"), 400, "invalid_resource", 500011},
		"an unknown grant":    {"", good("grant_type", "password"), 400, "unsupported_grant_type", 70003},
		"an assertion that is not a token": {
			"", good("client_secret", "", "client_assertion", "garbage", "client_assertion_type", assertionType),
			401, "invalid_client", 700027,
		},
		"an expired federated token": {"", good("client_secret", "", "client_assertion_type", assertionType, "client_assertion",
			e.FederatedToken(emulator.DefaultSubject, entra.WithLifetime(-time.Hour))), 401, "invalid_client", 700024},
		"a federated token for another audience": {"", good("client_secret", "", "client_assertion_type", assertionType, "client_assertion",
			e.FederatedToken(emulator.DefaultSubject, entra.WithAudience("api://other"))), 401, "invalid_client", 700212},
		"on behalf of a user without a token": {
			"", good("grant_type", obo, "requested_token_use", "on_behalf_of", "assertion", "garbage"),
			400, "invalid_grant", 50013,
		},
		"on behalf of a user of another application": {"", good("grant_type", obo, "requested_token_use", "on_behalf_of", "assertion",
			e.UserToken("u", entra.WithAudience("api://other"))), 400, "invalid_grant", 500131},
	} {
		t.Run(name, func(t *testing.T) {
			if row.tenant == "" {
				row.tenant = e.Tenant()
			}
			got := postForm(t, s, "/"+row.tenant+"/oauth2/v2.0/token", row.form)
			if got.status != row.status {
				t.Fatalf("%d %s", got.status, got.body)
			}
			if row.status == 200 {
				return
			}
			var body struct {
				Error       string `json:"error"`
				Description string `json:"error_description"`
				Codes       []int  `json:"error_codes"`
				Correlation string `json:"correlation_id"`
			}
			if err := json.Unmarshal([]byte(got.body), &body); err != nil {
				t.Fatal(err)
			}
			if body.Error != row.code || len(body.Codes) != 1 || body.Codes[0] != row.number ||
				!strings.HasPrefix(body.Description, "AADSTS") || len(body.Correlation) != 36 {
				t.Errorf("got %+v", body)
			}
		})
	}
}

func postForm(t *testing.T, s *emulator.Server, path string, form url.Values) response {
	t.Helper()
	return fetch(t, s, "POST", path, "", form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

func TestOnBehalfOfCarriesTheUser(t *testing.T) {
	e, s := started(t)
	got := postForm(t, s, "/"+e.Tenant()+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"},
		"client_id": {e.ClientID()}, "client_secret": {e.ClientSecret()}, "assertion": {e.UserToken("user-7")},
		"scope": {e.Audience() + "/ThreatIntelligence.Read.All openid"},
	})
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil || got.status != 200 {
		t.Fatalf("%d %s", got.status, got.body)
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(body.Token, claims); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"oid": "user-7", "scp": "ThreatIntelligence.Read.All", "aud": e.Audience(), "tid": e.Tenant(),
		"appid": e.ClientID(), "roles": nil, "iss": s.URL + "/" + e.Tenant() + "/v2.0",
	} {
		if claims[name] != want {
			t.Errorf("claim %s is %v, want %v", name, claims[name], want)
		}
	}
	accepted(t, s, body.Token)
}

func TestDiscovery(t *testing.T) {
	e, s := started(t)
	for _, path := range []string{
		"/" + e.Tenant() + "/v2.0/.well-known/openid-configuration", "/common/v2.0/.well-known/openid-configuration",
		"/" + e.Tenant() + "/discovery/v2.0/keys", "/common/discovery/instance?api-version=1.1",
	} {
		if got := fetch(t, s, "GET", path, "", ""); got.status != http.StatusOK || !strings.HasPrefix(got.body, "{") {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := fetch(t, s, "GET", "/nowhere/v2.0/.well-known/openid-configuration", "", ""); got.status != 400 {
		t.Errorf("another tenant: %d", got.status)
	}
}

func TestManagedIdentityRefusals(t *testing.T) {
	_, s := started(t)
	const at = "/metadata/identity/oauth2/token"
	good := "?api-version=2018-02-01&resource=" + url.QueryEscape(emulator.DefaultAudience)
	for name, row := range map[string]struct {
		query, header string
		status        int
	}{
		"a valid request":     {good, "true", 200},
		"a slash at the end":  {"/" + good, "true", 200},
		"two slashes":         {"//" + good, "true", 404},
		"no Metadata header":  {good, "", 400},
		"no resource":         {"?api-version=2018-02-01", "true", 400},
		"no api-version":      {"?resource=" + emulator.DefaultAudience, "true", 400},
		"an unknown identity": {good + "&client_id=unknown", "true", 400},
		"an unknown resource": {"?api-version=2018-02-01&resource=https://nowhere.example", "true", 400},
	} {
		if got := fetch(t, s, "GET", at+row.query, "", "", "Metadata", row.header); got.status != row.status {
			t.Errorf("%s: %d %s", name, got.status, got.body)
		}
	}
}

func TestTwoClientsAndNoConsent(t *testing.T) {
	e, s := started(t, emulator.WithClient("one", "first"), emulator.WithClient("two", "second"), emulator.WithGrantedRoles())
	if e.ClientID() != "one" || e.ClientSecret() != "first" {
		t.Errorf("first client is %s", e.ClientID())
	}
	got := postForm(t, s, "/"+e.Tenant()+"/oauth2/v2.0/token", url.Values{
		"grant_type": {"client_credentials"}, "client_id": {"two"}, "client_secret": {"second"}, "scope": {graphDefault},
	})
	var body struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal([]byte(got.body), &body); err != nil {
		t.Fatal(err)
	}
	if got := fetch(t, s, "GET", ti+"hosts/contoso.com", body.Token, ""); got.status != 403 {
		t.Errorf("without consent: %d", got.status)
	}
}
