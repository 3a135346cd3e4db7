//go:build interop

package frontend_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

// A pasted report opens the table at once. Rows come in steps, are filtered and sorted, and are saved as CSV.
func TestInteropAReportBecomesATable(t *testing.T) {
	s := start(t)
	hosts := servicetest.Addresses(s.Emulator, 44)
	s.Emulator.Fail(emulator.Failure(http.StatusForbidden).Matching("/hosts/" + hosts[0] + "/reputation").Times(-1))
	page, url := open(t, s, "")
	paste(page, "IOCs, see CVE-1998-9001:\n"+strings.ReplaceAll(strings.Join(hosts, ",\n"), ".", "[.]")+"\nnobody[.]example\nsetup.exe")
	waitFor(page, "", "46 indicators")
	waitFor(page, "", "46 of 46 looked up")
	page.WaitFor("a deep link", `location.hash.startsWith('#/list?of=')`)
	wantRows(page, 46)
	page.WaitFor("the worst first", rows+`[0].innerText.includes('Malicious')`)
	page.WaitFor("what failed last, without a verdict", rows+`[45].innerText.includes('upstream forbidden') && `+rows+`[45].querySelector('.verdict') === null`)

	press(page, "button", "Unknown")
	wantRows(page, 1)
	waitFor(page, "", "nobody.example")
	press(page, "button", "Failed")
	wantRows(page, 1)
	press(page, "button", "All")
	press(page, "th button", "Score")
	page.WaitFor("the order to be announced", `document.querySelector('th[aria-sort=descending]')?.innerText.startsWith('Score')`)
	press(page, "th button", "Score")
	page.WaitFor("the least score first", `(() => {
		const scores = `+rows+`.map(row => Number(row.children[2].innerText)).filter(Number.isFinite);
		return scores.length > 40 && scores.every((score, i) => i === 0 || score >= scores[i - 1]);
	})()`)
	page.Do("keeping what is saved", `const create = URL.createObjectURL;
		URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return create.call(URL, blob); }`)
	press(page, "button", "Save CSV")
	page.WaitFor("the file", `window.saved?.trim().split('\r\n').length === 47`)
	page.WaitFor("what is unknown and what failed", `window.saved.includes('\r\nnobody.example,host,unknown,UNKNOWN,') && window.saved.includes(',host,failed: UPSTREAM_FORBIDDEN,,')`)

	s.Emulator.ClearFaults()
	press(page, "button", "Look up the rest again")
	page.WaitFor("no failure", `[...document.querySelectorAll('button')].some(b => b.textContent.trim() === 'Failed 0')`)
	press(page, "a.thing", hosts[1])
	page.WaitFor("the host", `document.querySelector('h1').innerText === '`+hosts[1]+`'`)
	expectQuiet(t, page, url)
}

const rows = `[...document.querySelectorAll('.bulk tbody tr')]`

func wantRows(page *playgroundtest.Page, n int) {
	page.WaitFor(fmt.Sprintf("%d rows", n), fmt.Sprintf(`%s.length === %d`, rows, n))
}

// A pause that Microsoft Graph asks for is kept, and the rows come after it.
func TestInteropTheTableWaitsWhenItIsThrottled(t *testing.T) {
	s := start(t)
	s.Emulator.Fail(emulator.TooManyRequests("100").On(emulator.Batch).Times(-1))
	page, _ := open(t, s, "#/list?of=192.0.2.1+198.51.100.1")
	waitFor(page, "", "as Microsoft Graph requires")
	press(page, "button", "Stop")
	s.Emulator.ClearFaults()
	page.WaitFor("the rest to be offered", `[...document.querySelectorAll('button')].some(b => b.innerText.trim() === 'Look up the rest again')`)
}

// What strangers wrote stays text: markup, links that run scripts, and characters that reorder text.
func TestInteropTextFromStrangersStaysText(t *testing.T) {
	s := start(t)
	s.Put(t, "articles", `{"id":"hostile","title":"<img src=x onerror=alert(1)>","tags":["\u202etxt.exe"],
		"body":{"format":"html","content":"<h1>Steps</h1><script>alert(2)</script><p>One &lt;b&gt; <a href=\"javascript:alert(3)\">two</a></p>"}}`)
	s.Put(t, "vulnerabilities", `{"id":"CVE-1998-7777","references":[{"name":"bad","url":"javascript:alert(4)"},{"name":"good","url":"https://news.example/a"}]}`)
	page, url := open(t, s, "#/article/hostile")
	waitFor(page, "", "<img src=x onerror=alert(1)>")
	waitFor(page, "", `\u{202E}txt.exe`)
	waitFor(page, "", "One <b> two")
	page.WaitFor("no element of the stranger's", `document.querySelector('main img, main script, main a[href^=javascript]') === null`)
	goTo(page, "#/vulnerability/CVE-1998-7777")
	page.WaitFor("the good link alone", `[...document.querySelectorAll('.prose a')].map(a => a.href).join() === 'https://news.example/a'`)
	expectQuiet(t, page, url)
}
