package entra_test

import (
	"net/url"
	"testing"
	"time"

	"portico/emulator/entra"
)

const (
	client   = "66666666-7777-4888-9999-aaaaaaaaaaaa"
	audience = "https://graph.microsoft.com"
)

var here = entra.Origin{Scheme: "https", Host: "127.0.0.1:9443"}

// newDirectory returns a directory with one application, whose secret is "secret", and a clock that the test moves.
func newDirectory(now *time.Time) *entra.Directory {
	return entra.New(entra.Config{
		Tenant: "tenant", Audience: audience, First: client, Roles: []string{entra.Permission}, Scope: entra.Permission,
		Lifetime: time.Hour, Now: func() time.Time { return *now }, NewID: func() string { return "id" },
		Clients: map[string]*entra.Client{client: {Secret: "secret"}},
	})
}

func TestTokenRequests(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	d := newDirectory(&now)
	form := func(pairs ...string) url.Values {
		f := url.Values{
			"grant_type": {"client_credentials"}, "client_id": {client}, "client_secret": {"secret"},
			"scope": {audience + "/.default"},
		}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	onBehalf := []string{
		"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer", "requested_token_use", "on_behalf_of",
		"assertion", d.UserToken("u"),
	}
	for name, tt := range map[string]struct {
		request entra.TokenRequest
		number  int // of the error; 0: a token
	}{
		"client credentials":          {entra.TokenRequest{Method: "POST", Form: form()}, 0},
		"on behalf of a user":         {entra.TokenRequest{Method: "POST", Form: form(onBehalf...)}, 0},
		"a scope of spaces":           {entra.TokenRequest{Method: "POST", Form: form("scope", " ")}, 1002012},
		"on behalf, a scope of space": {entra.TokenRequest{Method: "POST", Form: form(append(onBehalf, "scope", " ")...)}, 500011},
		"a body that is not a form":   {entra.TokenRequest{Method: "POST"}, 900561},
		"GET":                         {entra.TokenRequest{Method: "GET", Form: form()}, 900561},
		"a wrong secret":              {entra.TokenRequest{Method: "POST", Form: form("client_secret", "x")}, 7000215},
		"an unknown application":      {entra.TokenRequest{Method: "POST", Form: form("client_id", "x")}, 700016},
		"an unknown resource":         {entra.TokenRequest{Method: "POST", Form: form("scope", "https://x.example/.default")}, 500011},
	} {
		t.Run(name, func(t *testing.T) {
			tt.request.Tenant, tt.request.At, tt.request.Time = "tenant", here, now
			body, refusal := d.Token(tt.request)
			switch {
			case tt.number != 0 && (refusal == nil || refusal.Number != tt.number):
				t.Errorf("got %v, %+v; want error %d", body, refusal, tt.number)
			case tt.number == 0 && (refusal != nil || body["access_token"] == ""):
				t.Errorf("got %v, %+v", body, refusal)
			}
		})
	}
}

func TestAuthorize(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	d := newDirectory(&now)
	app := d.AppToken()
	for name, tt := range map[string]struct {
		header  string
		later   time.Duration
		refused bool
		forbid  bool
	}{
		"an app-only token":             {header: "Bearer " + app},
		"the scheme in lower case":      {header: "bearer " + app},
		"a token for this server":       {header: "Bearer " + d.AppToken(entra.WithAudience(here.String()))},
		"an expired token":              {header: "Bearer " + app, later: time.Hour, refused: true},
		"a token for another audience":  {header: "Bearer " + d.UserToken("u"), refused: true},
		"a token without permission":    {header: "Bearer " + d.AppToken(entra.WithRoles()), refused: true, forbid: true},
		"a token with a changed letter": {header: "Bearer " + app[:len(app)-6] + "AAAAAA", refused: true},
		"another scheme":                {header: "Basic eDp4", refused: true},
		"no header":                     {refused: true},
	} {
		t.Run(name, func(t *testing.T) {
			_, refusal := d.Authorize(tt.header, here, now.Add(tt.later))
			if (refusal != nil) != tt.refused || refusal != nil && refusal.Forbidden != tt.forbid {
				t.Errorf("got %+v", refusal)
			}
		})
	}
}

func TestKeysRollOver(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	d := newDirectory(&now)
	published := func() int { return len(d.KeySet()["keys"].([]map[string]any)) }
	good := func(token string) bool {
		_, refusal := d.Token(entra.TokenRequest{Tenant: "tenant", Method: "POST", At: here, Time: now, Form: url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"},
			"client_id": {client}, "client_secret": {"secret"}, "scope": {audience + "/.default"}, "assertion": {token},
		}})
		return refusal == nil
	}
	before := d.UserToken("u")
	d.RollKey()
	after := d.UserToken("u")
	if published() != 2 || !good(before) || !good(after) {
		t.Errorf("after rolling: %d keys, the old token is good: %v, the new one: %v", published(), good(before), good(after))
	}
	d.WithdrawKeys()
	if published() != 1 || good(before) || !good(after) {
		t.Errorf("after withdrawing: %d keys, the old token is good: %v, the new one: %v", published(), good(before), good(after))
	}
}
