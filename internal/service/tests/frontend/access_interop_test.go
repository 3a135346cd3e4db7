//go:build interop

package frontend_test

import (
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/playground/playgroundtest"
)

// views are all pages, and what they contain when they are complete.
var views = []struct{ name, hash, heading, text string }{
	{"home", "#/", "", "What do you want to know about?"},
	{"host", "#/host/www2.example.com?via=host:192.0.2.1", "Trackers", "tracker-2"},
	{"address", "#/host/192.0.2.1", "DNS timeline", "31 reverse"},
	{"failing host", "#/host/203.0.113.1", "Open ports", "You do not have access to this"},
	{"unknown host", "#/host/nobody.example", "", "not known to Microsoft"},
	{"certificate", "#/certificate/ZDU4ODkxYzVjNTg5ZmExMzJmYmRmYTg5ZmE3ZTE4YmUxNDA4NDc2Ng==", "Hosts that showed it", "Malicious"},
	{"fingerprint", "#/fingerprint/d58891c5c589fa132fbdfa89fa7e18be14084766", "Certificates", "Sample Team Server"},
	{"comparison", "#/compare/192.0.2.1/198.51.100.1", "In common", "443/tcp"},
	{"table", "#/list?of=192.0.2.1+nobody.example+CVE-1998-9001+203.0.113.1+d58891c5c589fa132fbdfa89fa7e18be14084766", "", "5 of 5 looked up"},
	{"articles", "#/articles", "", "25 articles"},
	{"article", "#/article/a0000000", "Indicators", "192.0.2.1"},
	{"profiles", "#/profiles", "", "Example Blizzard 0"},
	{"profile", "#/profile/9b01de37bf66d1760954a16dc2b52fed2a7bd4e093dfc8a4905e108e4843da80", "", "Aqua Blizzard"},
	{"vulnerability", "#/vulnerability/CVE-1998-9001", "Software with it", ""},
}

// Every page, in light and dark, has no serious finding of axe-core, and is not wider than the window, not on a phone either.
func TestInteropEveryPageIsAccessible(t *testing.T) {
	axe, err := os.ReadFile(example + "/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	s := start(t)
	for _, match := range []string{"203.0.113.1/ports", "203.0.113.1/reputation"} {
		s.Emulator.Fail(emulator.Failure(http.StatusForbidden).Matching(match).Times(-1))
	}
	page, url := open(t, s, "")
	page.WaitFor("the page", `document.querySelector('main') !== null`)
	page.Evaluate("loading axe-core", string(axe)+";true")
	for _, theme := range []string{"light", "dark"} {
		page.Do("choosing the theme", `document.documentElement.dataset.theme = `+quoted(theme))
		for _, view := range views {
			name := view.name + " in " + theme
			page.Resize(1440, 1000)
			goTo(page, view.hash)
			page.WaitFor(name, shows(view.heading, view.text))
			page.WaitFor(name+" to be complete", `document.querySelector('.skeleton') === null`)
			wantAccessible(t, page, name)
			for _, width := range []int64{1280, 390} {
				page.Resize(width, 1000)
				var wide int64
				page.Read("the width", `document.documentElement.scrollWidth`, &wide)
				if wide > width {
					t.Errorf("%s is %d pixels wide in a window of %d", name, wide, width)
				}
				keepPicture(page, fmt.Sprintf("%s-%s-%d", view.name, theme, width))
			}
		}
	}
	expectQuiet(t, page, url)
}

// wantAccessible runs axe-core in the page.
func wantAccessible(t *testing.T, page *playgroundtest.Page, name string) {
	t.Helper()
	page.Do("starting axe-core", `window.findings = undefined; axe.run(document, { resultTypes: ['violations'] }).then(
		({ violations }) => { window.findings = violations.filter(v => v.impact === 'serious' || v.impact === 'critical')
			.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(n => n.html + ' ' + (n.any[0]?.message ?? '')).join(' | ')); },
		(error) => { window.findings = [String(error)]; })`)
	page.WaitFor("axe-core on "+name, `window.findings !== undefined`)
	var findings []string
	page.Read("the findings", `window.findings`, &findings)
	for _, finding := range findings {
		t.Errorf("%s: %s", name, finding)
	}
}

var pictures = flag.String("pictures", "", "a folder to keep screenshots in")

// keepPicture keeps a screenshot, if asked to.
func keepPicture(page *playgroundtest.Page, name string) {
	if *pictures != "" {
		page.Screenshot(filepath.Join(*pictures, strings.ReplaceAll(name, " ", "-")+".png"))
	}
}

// All that a mouse can do, a keyboard can: search, open a host, follow a link, fold out a banner, leave.
func TestInteropThePageIsUsedByKeyboard(t *testing.T) {
	s := start(t)
	page, _ := open(t, s, "")
	page.WaitFor("the search box to have the focus", `document.activeElement?.tagName === 'TEXTAREA'`)
	page.Type("www2.example.com\r")
	waitFor(page, "Trackers", "tracker-2")
	page.WaitFor("the focus on the new page", `document.activeElement?.tagName === 'MAIN'`)
	page.WaitFor("all in the order of the page", `[...document.querySelectorAll('[tabindex]')].every(e => e.tabIndex <= 0)`)
	page.WaitFor("a name for each control", `[...document.querySelectorAll('a, button, input, textarea, summary')].every(e => e.textContent.trim() || e.ariaLabel || e.labels?.length)`)
	page.Evaluate("going to the certificate", `[...document.querySelectorAll('a.thing')].find(a => a.innerText === 'Sample Team Server').focus() ?? true`)
	page.Type("\r")
	page.WaitFor("the certificate", `document.querySelector('h1').innerText === 'Sample Team Server' && document.activeElement?.tagName === 'MAIN'`)
}
