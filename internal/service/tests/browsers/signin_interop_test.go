//go:build interop

package browsers_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

// keyOf returns the hash by which Chromium recognizes the key of the emulator's certificate.
func keyOf(t *testing.T, s *servicetest.Service) string {
	t.Helper()
	block, _ := pem.Decode(s.EmulatorServer.CertificatePEM())
	if block == nil {
		t.Fatal("the emulator has no certificate")
	}
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

const (
	account = ".portico-account"
	again   = "Sign in again"

	// registrar is in the response to the first tab.
	registrar = `"registrar": "Example Registrar Inc."`
)

// choose signs in as a user at the emulator, where a button of the playground leads.
func choose(page *playgroundtest.Page, button string, user entra.User) {
	page.PressButton(button)
	page.WaitFor("the page to sign in", `document.getElementById('`+user.ID+`') !== null`)
	page.Press(user.Name, `[id="`+user.ID+`"]`)
	page.WaitUntilReady()
	page.WaitFor(user.Name+" to be signed in", `document.querySelector('`+account+`')?.innerText.includes('`+user.Name+`')`)
}

// Two people sign in to the playground, one after the other, and each gets what Microsoft Graph gives to them. Tokens stay in
// the session storage, are renewed silently, and a claims challenge is answered.
func TestInteropPeopleSignInToThePlayground(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	s := servicetest.Start(t, "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_IDENTITY=obo")
	servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
	ada, ben := entra.Users()[0], entra.Users()[1]
	page := playgroundtest.Open(t, s.URL+"/", playgroundtest.Trust(keyOf(t, s)))
	if loaded := page.Requests(); strings.Contains(strings.Join(loaded, " "), s.EmulatorServer.URL) {
		t.Errorf("the page sends requests to the authority before anybody signs in: %q", loaded)
	}
	page.Run()
	page.WaitForText("UNAUTHENTICATED")

	choose(page, "Sign in with Microsoft", ada)
	page.Run()
	page.WaitForText(registrar)

	grants := func(kind string) (n int) {
		for _, r := range s.Emulator.TokenLog() {
			if r.Grant == kind && r.Status == http.StatusOK {
				n++
			}
		}
		return n
	}
	before := grants("refresh_token")
	page.Evaluate("forgetting the access token", `Object.keys(sessionStorage).filter((key) => key.includes('accesstoken'))
		.map((key) => sessionStorage.removeItem(key)).length`)
	page.Run()
	servicetest.Eventually(t, "the token is renewed", func() bool { return grants("refresh_token") > before })
	page.WaitForText(registrar)
	var kept struct{ Session, Local, Cookies string }
	page.Read("what the page keeps", `({ Session: JSON.stringify({ ...sessionStorage }), Local: JSON.stringify({ ...localStorage }), Cookies: document.cookie })`, &kept)
	if !strings.Contains(kept.Session, "msal.") || strings.Contains(kept.Local, "msal") || strings.Contains(kept.Local, "eyJ") || kept.Cookies != "" {
		t.Errorf("the page keeps in the local storage %s, and cookies %q", kept.Local, kept.Cookies)
	}

	page.PressButton("Sign out")
	page.WaitFor("nobody to be signed in", `document.querySelector('`+account+`')?.innerText.includes('Sign in with Microsoft')`)
	page.WaitUntilReady()
	choose(page, "Sign in with Microsoft", ben)
	s.Emulator.Fail(emulator.Fault{
		Kind: emulator.Token, Match: "jwt-bearer", Effect: emulator.EffectError, Status: http.StatusBadRequest,
		Code: "interaction_required", Message: "AADSTS50076: You must use multi-factor authentication.",
		Claims: `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`,
	})
	page.Run()
	page.WaitFor("the challenge", `document.querySelector('`+account+`')?.innerText.includes('`+again+`')`)
	choose(page, again, ben)
	page.Run()
	page.WaitForText("UPSTREAM_FORBIDDEN")
	if shown := page.Response(); strings.Contains(shown, registrar) {
		t.Errorf("Ben sees what Ada may see:\n%s", shown)
	}
	if outside := page.OutsideRequests(); len(outside) > 0 {
		t.Errorf("the page asked elsewhere: %q", outside)
	}
	for _, complaint := range page.ConsoleErrors() {
		if !strings.Contains(complaint, "401") { // before anybody signed in, and of the challenge
			if !strings.Contains(complaint, "400") { // the refresh token without the claims
				t.Errorf("the console says %s", complaint)
			}
		}
	}
}

// Where people cannot sign in, the Headers pane shows where a token goes.
func TestInteropTheHeadersPaneShowsWhereATokenGoes(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY=passthrough")
	page := playgroundtest.Open(t, s.URL+"/")
	page.PressButton("Headers")
	page.WaitFor("the header", `document.querySelector('.graphiql-editor-tool')?.innerText.replaceAll('\u00a0', ' ').includes('"Authorization": "Bearer "')`)
	if button := page.Text(account); button != "" {
		t.Errorf("the page offers %q", button)
	}
}
