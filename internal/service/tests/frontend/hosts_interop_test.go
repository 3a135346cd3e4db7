//go:build interop

package frontend_test

import (
	"net/http"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/playground/playgroundtest"
)

// A person pastes a defanged URL. What the host is comes first, each other part when Microsoft Graph has it, and from there the
// person goes on to a certificate, and from that to another host.
func TestInteropAHostIsLookedUpAndPivotedFrom(t *testing.T) {
	s := start(t)
	page, url := open(t, s, "")
	arrives := make(chan struct{})
	s.Emulator.Fail(emulator.Fault{Kind: emulator.Batch, Until: arrives}) // all that is deferred
	paste(page, "see hxxps://www2[.]example[.]com/index.html")
	page.Do("searching", `document.querySelector('form[role=search]').requestSubmit()`)

	waitFor(page, "Reputation", "Malicious")
	waitFor(page, "Reputation", "Team server")
	waitFor(page, "Owner and sightings", "Example Holder 2")
	for _, part := range []string{"Open ports", "Certificates", "DNS timeline", "WHOIS", "Subdomains", "Trackers"} {
		page.WaitFor("a skeleton of "+part, `[...document.querySelectorAll('section')].find(s => s.querySelector('h2')?.innerText === '`+part+`')?.querySelector('.skeleton') !== null`)
	}
	close(arrives)
	for part, text := range map[string]string{
		"Open ports": "443/tcp Example Web Server 2.4.1", "Certificates": "Sample Team Server self-signed", "DNS timeline": "A 192.0.2.1",
		"WHOIS": "Registrar Example Registrar 3 Inc. → Example Registrar 2 Inc.", "Subdomains": "login.www2.example.com", "Trackers": "tracker-2",
	} {
		waitFor(page, part, text)
	}
	page.WaitFor("no skeleton", `document.querySelector('.skeleton') === null`)
	wantSorted(t, page)
	wantDrawn(t, page)

	press(page, "a.thing", "Sample Team Server")
	page.WaitFor("the certificate", `document.querySelector('h1').innerText === 'Sample Team Server'`)
	waitFor(page, "Hosts that showed it", "www2.example.com Malicious 92")
	page.WaitFor("the trail", trail+` === 'Search / www2.example.com / Sample Team Server'`)
	page.Evaluate("choosing another host", `[...document.querySelectorAll('td a.thing')].find(a => a.innerText !== 'www2.example.com').click() ?? true`)
	waitFor(page, "Open ports", "50050/tcp Sample Team Server 4.4")
	press(page, ".actions button", "Compare")
	page.WaitFor("the host before as a suggestion", `document.getElementById('compare-with').value === 'www2.example.com'`)
	press(page, ".actions button", "Cancel")
	page.WaitFor("the longer trail", trail+`.startsWith('Search / www2.example.com / certificate')`)
	press(page, "nav[aria-label=Trail] a", "www2.example.com")
	page.WaitFor("the first host", `document.querySelector('h1').innerText === 'www2.example.com' && `+trail+` === 'Search / www2.example.com'`)
	waitFor(page, "Trackers", "tracker-2")
	expectQuiet(t, page, url)
	wantNamed(t, page)
}

const trail = `[...document.querySelectorAll('nav[aria-label=Trail] li')].map(e => e.innerText.trim()).join(' / ')`

// wantSorted checks that the open ports are in the order of their last sighting.
func wantSorted(t *testing.T, page *playgroundtest.Page) {
	t.Helper()
	var times []string
	page.Read("the ports", `[...[...document.querySelectorAll('section')].find(s => s.innerText.startsWith('Open ports')).querySelectorAll('tbody tr')]
		.map(row => row.querySelectorAll('time')[1].dateTime)`, &times)
	if len(times) != 10 {
		t.Errorf("%d ports, want 10", len(times))
	}
	for i := 1; i < len(times); i++ {
		if times[i] > times[i-1] {
			t.Errorf("a port that was seen on %s is below one that was seen on %s", times[i], times[i-1])
		}
	}
}

// wantDrawn checks that the graph has what the page says: the host, 2 certificates, 4 hosts of DNS records, 3 subdomains.
func wantDrawn(t *testing.T, page *playgroundtest.Page) {
	t.Helper()
	page.WaitFor("the graph", `document.querySelector('[data-nodes]')?.dataset.nodes === '10' && document.querySelector('[data-nodes] canvas') !== null`)
	var listed int
	page.Read("the list of nodes", `document.querySelectorAll('details.nodes li').length`, &listed)
	if listed != 9 {
		t.Errorf("%d other nodes are listed, want 9", listed)
	}
}

// wantNamed checks that no document was sent as text.
func wantNamed(t *testing.T, page *playgroundtest.Page) {
	t.Helper()
	sent := 0
	for _, request := range page.Requests() {
		if strings.HasPrefix(request, http.MethodPost) && strings.HasSuffix(request, "/graphql") {
			sent++
		}
	}
	if sent == 0 || sent > 5 {
		t.Errorf("%d operations for four pages: %q", sent, page.Requests())
	}
}

// Each page is reached by its URL alone.
func TestInteropDeepLinksOpenEachPage(t *testing.T) {
	s := start(t)
	page, url := open(t, s, "#/compare/192.0.2.1/198.51.100.1")
	waitFor(page, "In common", "fleet.chain.example")
	waitFor(page, "In common", "443/tcp")
	waitFor(page, "Side by side", "AS64496")
	for hash, want := range map[string][2]string{
		"#/fingerprint/d58891c5c589fa132fbdfa89fa7e18be14084766": {"Certificates", "Sample Team Server"},
		"#/vulnerability/CVE-1998-9001":                          {"Severity", "low"},
		"#/articles":                                             {"", "25 articles"},
		"#/profiles":                                             {"", "Example Blizzard 0"},
		"#/profile/9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80": {"", "Aqua Blizzard"},
		"#/host/192.0.2.1?via=host:www2.example.com":                                 {"DNS timeline", "0 forward, 31 reverse"},
		"#/nowhere": {"", "There is no such page"},
	} {
		goTo(page, hash)
		waitFor(page, want[0], want[1])
	}
	goTo(page, "#/host/192.0.2.1")
	press(page, "button.more", "Show more reverse records")
	page.WaitFor("all records", `[...document.querySelectorAll('section')].find(s => s.innerText.startsWith('DNS')).querySelectorAll('tbody tr').length === 31`)
	expectQuiet(t, page, url)
}
