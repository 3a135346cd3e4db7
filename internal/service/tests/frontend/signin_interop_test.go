//go:build interop

package frontend_test

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

var signInAttribute = regexp.MustCompile(`data-sign-in="([^"]*)"`)

// signInSettings are those of the playground, which an operator writes into settings.json.
func signInSettings(t *testing.T, s *servicetest.Service) map[string]any {
	t.Helper()
	response, err := http.Get(s.URL + "/")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	found := signInAttribute.FindSubmatch(text)
	if found == nil {
		t.Fatal("the playground offers no sign-in")
	}
	var settings map[string]any
	if err := json.Unmarshal([]byte(html.UnescapeString(string(found[1]))), &settings); err != nil {
		t.Fatal(err)
	}
	return settings
}

// keyOf returns the hash by which Chromium recognizes the key of the emulator's certificate.
func keyOf(t *testing.T, s *servicetest.Service) string {
	t.Helper()
	block, _ := pem.Decode(s.EmulatorServer.CertificatePEM())
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// People sign in on any page, and are back on it. Each sees what Microsoft Graph gives to them. A claims challenge leads to
// another sign-in, and tokens stay in the session storage.
func TestInteropPeopleSignInToTheFrontend(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	s := start(t, "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_IDENTITY=obo")
	servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
	ada, ben := entra.Users()[0], entra.Users()[1]
	url := served(t, s, map[string]any{"signIn": signInSettings(t, s)})
	const hash = "#/host/www2.example.com?via=host%3A192.0.2.1"
	page := playgroundtest.Visit(t, url+"/"+hash, playgroundtest.Trust(keyOf(t, s)))
	waitFor(page, "", "Sign in to see this")
	page.WaitFor("nothing of the host", `document.querySelector('main section, main .verdict') === null`)
	if loaded := strings.Join(page.Requests(), " "); strings.Contains(loaded, s.EmulatorServer.URL) {
		t.Errorf("the page sends requests to the authority before anybody signs in: %s", loaded)
	}

	choose(page, "Sign in", ada)
	waitFor(page, "Reputation", "Malicious")
	waitFor(page, "Trackers", "tracker-2")
	page.WaitFor("the page on which the sign-in began", `location.hash === '`+hash+`'`)
	var kept struct{ Session, Local, Cookies string }
	page.Read("what the page keeps", `({ Session: JSON.stringify({ ...sessionStorage }), Local: JSON.stringify({ ...localStorage }), Cookies: document.cookie })`, &kept)
	if !strings.Contains(kept.Session, "msal.") || strings.Contains(kept.Local, "msal") || strings.Contains(kept.Local, "eyJ") || kept.Cookies != "" {
		t.Errorf("the page keeps in the local storage %s, and cookies %q", kept.Local, kept.Cookies)
	}

	press(page, "button", "Sign out")
	page.WaitFor("nobody to be signed in", `[...document.querySelectorAll('button')].some(b => b.innerText.trim() === 'Sign in')`)
	page.WaitFor("nothing of the host", `document.querySelector('main section') === null`)
	s.Emulator.Fail(emulator.Fault{
		Kind: emulator.Token, Match: "jwt-bearer", Effect: emulator.EffectError, Status: http.StatusBadRequest,
		Code: "interaction_required", Message: "AADSTS50076: You must use multi-factor authentication.",
		Claims: `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`,
	})
	choose(page, "Sign in", ben)
	goTo(page, hash)
	page.WaitFor("the challenge", `[...document.querySelectorAll('button')].some(b => b.innerText.trim() === 'Sign in again')`)
	choose(page, "Sign in again", ben)
	waitFor(page, "", "You do not have access to this")
	if outside := page.OutsideRequests(); len(outside) > 0 {
		t.Errorf("the page asked elsewhere: %q", outside)
	}
}

// choose signs in as a user at the emulator, where a button of the page leads.
func choose(page *playgroundtest.Page, button string, user entra.User) {
	press(page, ".account button", button)
	page.WaitFor("the page to sign in", `document.getElementById('`+user.ID+`') !== null`)
	page.Press(user.Name, `[id="`+user.ID+`"]`)
	page.WaitFor(user.Name+" to be signed in", `document.querySelector('.account')?.innerText.includes('`+user.Name+`')`)
}
