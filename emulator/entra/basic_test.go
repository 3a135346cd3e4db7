package entra_test

import (
	"encoding/base64"
	"maps"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"portico/emulator/entra"
)

// TestClientSecretBasic sends the secret in the Authorization header.
func TestClientSecretBasic(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	d := newDirectory(&now)
	d.SetClientSecret("app with: signs", "p%ss+word: é")
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	escaped := basic(url.QueryEscape("app with: signs") + ":" + url.QueryEscape("p%ss+word: é"))
	for name, tt := range map[string]struct {
		header string
		extra  url.Values
		number int // of the error; 0: a token
	}{
		"id and secret":             {basic(client + ":secret"), nil, 0},
		"the scheme in lower case":  {"b" + basic(client + ":secret")[1:], nil, 0},
		"id and secret, escaped":    {escaped, nil, 0},
		"the id in the form too":    {basic(client + ":secret"), url.Values{"client_id": {client}}, 0},
		"another id in the form":    {basic(client + ":secret"), url.Values{"client_id": {"app with: signs"}}, 7000215},
		"a secret in the form too":  {basic(client + ":secret"), url.Values{"client_secret": {"secret"}}, 7000215},
		"a wrong secret":            {basic(client + ":x"), nil, 7000215},
		"no colon":                  {basic(client), nil, 7000215},
		"an escape that is cut off": {basic(client + ":%2"), url.Values{"client_id": {client}}, 7000215},
		"not base64":                {"Basic !", nil, 900144},
		"another scheme":            {"Bearer x", nil, 900144},
	} {
		t.Run(name, func(t *testing.T) {
			form := url.Values{"grant_type": {"client_credentials"}, "scope": {audience + "/.default"}}
			maps.Copy(form, tt.extra)
			before := len(form)
			body, refusal := d.Token(entra.TokenRequest{
				Tenant: "tenant", Method: "POST", Form: entra.WithBasic(form, tt.header), At: here, Time: now,
			})
			got := 0
			if refusal != nil {
				got = refusal.Number
			}
			if got != tt.number || (got == 0) != (body["access_token"] != nil) || len(form) != before {
				t.Errorf("got %v, %+v; want error %d", body, refusal, tt.number)
			}
		})
	}
	if entra.WithBasic(nil, basic("x")) != nil {
		t.Error("a body that is not a form became one")
	}
}

// TestOnBehalfOfResponse checks what client libraries cache a token by: the scopes and the user.
func TestOnBehalfOfResponse(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	d := newDirectory(&now)
	for scope, want := range map[string]struct {
		scope   string
		idToken bool
	}{
		audience + "/.default":                             {audience + "/" + entra.Permission + " " + audience + "/.default", false},
		audience + "/.default openid profile":              {audience + "/" + entra.Permission + " " + audience + "/.default", true},
		"openid " + audience + "/" + entra.Permission:      {audience + "/" + entra.Permission, true},
		strings.ToLower(audience) + "/" + entra.Permission: {audience + "/" + entra.Permission, false},
	} {
		body, refusal := d.Token(entra.TokenRequest{Tenant: "tenant", Method: "POST", At: here, Time: now, Form: url.Values{
			"grant_type": {"urn:ietf:params:oauth:grant-type:jwt-bearer"}, "requested_token_use": {"on_behalf_of"},
			"client_id": {client}, "client_secret": {"secret"}, "scope": {scope}, "assertion": {d.UserToken("u")},
		}})
		if refusal != nil {
			t.Fatalf("%s: %+v", scope, refusal)
		}
		idToken, has := body["id_token"].(string)
		if body["scope"] != want.scope || has != want.idToken {
			t.Errorf("%s: got scope %q and id_token %q", scope, body["scope"], idToken)
		}
		claims := jwt.MapClaims{}
		if _, _, err := jwt.NewParser().ParseUnverified(idToken, claims); has && (err != nil || claims["oid"] != "u" || claims["aud"] != client) {
			t.Errorf("%s: the id_token has %v, %v", scope, claims, err)
		}
	}
}
