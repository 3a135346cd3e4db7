//go:build interop

package frontend_test

import (
	"net/http"
	"testing"

	"portico/emulator"
	"portico/internal/playground/playgroundtest"
)

// Each part that cannot be shown says why, and the other parts are there. None of these states looks like an all-clear.
func TestInteropEachStateOfAPartIsShown(t *testing.T) {
	s := start(t)
	for match, fault := range map[string]emulator.Fault{
		"/ports":           emulator.Failure(http.StatusForbidden),
		"/passiveDns":      emulator.TooManyRequests("7200"),
		"/sslCertificates": {Effect: emulator.EffectHTML, Status: http.StatusBadGateway},
		"/subdomains":      {Effect: emulator.EffectPatch, Property: "value.0.firstSeenDateTime", Text: `"soon"`},
	} {
		s.Emulator.Fail(fault.Matching("www2.example.com" + match).Times(-1))
	}
	if err := s.Emulator.PutList("hosts/www2.example.com/trackers"); err != nil {
		t.Fatal(err)
	}
	page, _ := open(t, s, "#/host/www2.example.com")
	for part, text := range map[string]string{
		"Reputation": "Malicious", "Open ports": "You do not have access to this", "DNS timeline": "Too many requests",
		"Certificates": "Not available at the moment", "Trackers": "None seen",
		"Subdomains": "1 value of the subdomains could not be read", "WHOIS": "What changed",
	} {
		waitFor(page, part, text)
	}
	page.WaitFor("the pause", `[...document.querySelectorAll('button')].some(b => b.disabled && /^Try again in (1 h|2 h)/.test(b.innerText.trim()))`)
	page.WaitFor("nothing that looks unknown", `document.querySelector('main .unknown') === null`)

	s.Emulator.ClearFaults()
	press(page, "button:not(:disabled)", "Try again")
	waitFor(page, "Open ports", "10, newest first")
	waitFor(page, "Certificates", "Sample Team Server")
}

// An unknown host is no harmless host, and neither is one whose reputation is unknown or could not be fetched.
func TestInteropAnUnknownHostNeverLooksHarmless(t *testing.T) {
	s := start(t)
	page, url := open(t, s, "#/host/nobody.example")
	waitFor(page, "", "nobody.example is not known to Microsoft")
	waitFor(page, "", "Unknown does not mean harmless")
	wantVerdict(page, "Unknown")

	goTo(page, "#/host/8.8.8.8") // its reputation is unknown, with the score 0
	waitFor(page, "Reputation", "Unknown does not mean harmless")
	wantVerdict(page, "Unknown")
	page.WaitFor("no score", `document.querySelector('.score, .score-ring') === null`)

	s.Emulator.Fail(emulator.Failure(http.StatusForbidden).Matching("contoso.com/reputation").Times(-1))
	goTo(page, "#/host/contoso.com")
	waitFor(page, "Reputation", "You do not have access to this")
	page.WaitFor("no verdict", `document.querySelector('.verdict') === null`)
	expectQuiet(t, page, url)
}

func wantVerdict(page *playgroundtest.Page, verdict string) {
	page.WaitFor("the verdict "+verdict, `[...document.querySelectorAll('.verdict')].every(v => v.innerText.trim() === '`+verdict+`') && document.querySelector('.verdict') !== null`)
}

// What was shown stays, with its time, if it cannot be renewed. Without anything to show, the page says what happened.
func TestInteropDataThatCannotBeRenewedIsMarkedAsStale(t *testing.T) {
	s := start(t)
	page, _ := open(t, s, "#/host/www2.example.com")
	waitFor(page, "Trackers", "tracker-2")
	page.WaitFor("all parts", `document.querySelector('.skeleton') === null`)
	goTo(page, "#/articles")
	waitFor(page, "", "25 articles")

	s.Emulator.Fail(emulator.TooManyRequests("7200").Matching("www2.example.com/trackers").Times(-1))
	goTo(page, "#/host/www2.example.com")
	waitFor(page, "Trackers", "the trackers could not be renewed, and newer findings may be missing. UPSTREAM_THROTTLED")
	waitFor(page, "Trackers", "tracker-2")
	page.WaitFor("no other mark", `document.querySelectorAll('main [role=alert]').length === 0`)
	goTo(page, "#/articles")
	waitFor(page, "", "25 articles")

	s.Emulator.Fail(emulator.TooManyRequests("7200").Times(-1))
	goTo(page, "#/host/www2.example.com")
	page.WaitFor("the warning", `/Data of \d\d:\d\d/.test(document.querySelector('main [role=alert]')?.innerText)`)
	waitFor(page, "", "UPSTREAM_THROTTLED")
	waitFor(page, "Trackers", "tracker-2")
	waitFor(page, "Reputation", "Malicious")

	goTo(page, "#/host/192.0.2.1")
	page.WaitFor("the problem", `document.querySelector('main [role=alert]')?.innerText.includes('Too many requests')`)
	page.WaitFor("nothing else", `document.querySelector('main section, main .verdict') === null`)
}
