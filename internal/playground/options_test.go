package playground_test

import (
	"net/http"
	"strings"
	"testing"

	"portico/internal/playground"
)

var entraSignIn = playground.SignIn{
	ClientID: "bbbbbbbb-cccc-4ddd-8eee-ffffffffffff", Authority: "https://login.example.com:8443/tenant",
	Issuer: "https://login.example.com:8443/tenant/v2.0", Scopes: []string{"api://portico/access_as_user"},
}

// signedIn are the usual options with a sign-in.
func signedIn(headers string) playground.Options {
	o := served
	o.SignIn, o.Headers = &entraSignIn, headers
	return o
}

// The policy admits the authority for requests, and nothing more; without a sign-in, no other host at all.
func TestThePolicyAdmitsTheAuthorityAndNothingElse(t *testing.T) {
	t.Parallel()
	policy := func(o playground.Options) string {
		return serve(playground.HandlerOf(built(), o), http.MethodGet, "/", "gzip").Header.Get("Content-Security-Policy")
	}
	without, with := policy(served), policy(signedIn(""))
	if strings.Contains(without, "://") {
		t.Errorf("without a sign-in: %s", without)
	}
	if want := strings.Replace(without, "connect-src 'self'", "connect-src 'self' https://login.example.com:8443", 1); with != want {
		t.Errorf("with a sign-in: %s", with)
	}
}

func TestThePageIsToldHowPeopleSignIn(t *testing.T) {
	t.Parallel()
	page := func(o playground.Options) string {
		return body(t, serve(playground.HandlerOf(built(), o), http.MethodGet, "/", ""))
	}
	if got := page(served); strings.Contains(got, "data-sign-in") || strings.Contains(got, "data-headers") {
		t.Errorf("by default: %s", got)
	}
	got := page(signedIn(`{"A": "<b>"}`))
	for _, want := range []string{
		`&#34;authority&#34;:&#34;https://login.example.com:8443/tenant&#34;`, `&#34;scopes&#34;:[&#34;api://portico/access_as_user&#34;]`,
		`data-headers="{&#34;A&#34;: &#34;&lt;b&gt;&#34;}"`, `data-endpoint="/graphql"`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}
