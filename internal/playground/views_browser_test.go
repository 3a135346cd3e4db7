//go:build interop

package playground_test

import (
	"strings"
	"testing"

	"portico/internal/playground"
	"portico/internal/playground/playgroundtest"
)

// What strangers may write into a banner or a name: markup, a formula, and characters that reorder text.
const hostile = `{"data":{"hostPort":{"port":21,"banners":[
	{"banner":"<img src=x onerror=alert(1)><script>alert(2)</script>","lastSeenDateTime":"2023-01-01T00:00:00Z"},
	{"banner":"=HYPERLINK(\"http://image.example/\")","lastSeenDateTime":"2023-02-01T00:00:00Z"},
	{"banner":"\u202etxt.exe","lastSeenDateTime":"not a date"}],
	"host":{"id":"a.example","__typename":"Hostname"}}},
	"extensions":{"upstream":{"requests":1,"items":1,"waves":1,"estimate":1,"limit":400}}}`

const failing = `{"errors":[{"message":"The id <b>x</b> is wrong.","path":["hostPort"],
	"extensions":{"code":"BAD_ID","hint":"Did you mean a.example?"}}],"data":{"hostPort":null},
	"extensions":{"warnings":[{"message":"It is not known whether it exists.","path":["hostPort"],"code":"UNVERIFIED"}],
	"upstream":{"requests":0,"items":0,"waves":0,"estimate":0,"limit":400}}}`

func TestInteropHostileTextStaysText(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	page.OpenTab("What runs on this port?")
	page.Run()
	page.OpenView("Table")
	page.WaitFor("the markup as text", `[...document.querySelectorAll('.portico-table-view td')].some(c => c.innerText.includes('<img src=x onerror=alert(1)>'))`)
	page.WaitFor("the override as text", `[...document.querySelectorAll('.portico-table-view td')].some(c => c.innerText === '\\u{202E}txt.exe')`)
	page.Do("keeping what is saved", `const create = URL.createObjectURL;
		URL.createObjectURL = (blob) => { blob.text().then((text) => { window.saved = text; }); return create.call(URL, blob); }`)
	page.Do("saving the table", `[...document.querySelectorAll('.graphiql-toolbar button')].find(b => b.innerText === 'Save CSV').click()`)
	page.WaitFor("no formula in the file", `window.saved?.includes(`+"`\"'=HYPERLINK(\"\"http://image.example/\"\")\"`"+`)`)
	page.OpenView("Timeline")
	page.WaitFor("a bar for each date", `document.querySelectorAll('.portico-bars line').length === 2`)
	page.OpenView("Graph")
	page.WaitFor("the host", `document.querySelector('.portico-nodes button')?.innerText === 'a.example'`)
	page.OpenView("Cost")
	page.WaitFor("a word on the list of requests", `document.querySelector('.portico-drawn')?.innerText.includes('PORTICO_SHOW_COST')`)
	page.WaitFor("no element of the stranger's", `document.querySelector('img[src=x]') === null && document.querySelector('#portico script') === null`)
	expectQuiet(t, page)
}

func TestInteropErrorsAreInWords(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	page.WaitFor("no error at first", `document.querySelector('.portico-problems') === null`)
	page.OpenTab("Which certificate has this port?")
	page.Run()
	page.WaitFor("the errors and what to do", `document.querySelector('.portico-problems')?.innerText.includes('What to do: correct it')`)
	text := page.Text(".portico-problems")
	for _, want := range []string{"1 error, 1 warning", "BAD_ID", "The id <b>x</b> is wrong.", "At hostPort", "Hint: Did you mean a.example?", "UNVERIFIED", "It is not known"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in:\n%s", want, text)
		}
	}
	page.WaitFor("a row of the documentation behind the link", `(() => {
		const link = document.querySelector('.portico-problems a');
		return new URL(link.href).pathname === '/errors.html' && link.hash === '#BAD_ID';
	})()`)
	page.OpenTab("What is known about this host?")
	page.WaitFor("no error in another tab", `document.querySelector('.portico-problems') === null`)
	expectQuiet(t, page)
}

func TestInteropTheEmulatorIsAnnouncedAndARealTenantIsNot(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	if got := page.Text(".portico-banner"); got != "all is <invented>" {
		t.Errorf("the banner says %q", got)
	}
	page.WaitFor("ids of the emulator, in view", variables+`.includes('"www2.example.com"')`)
	expectQuiet(t, page)

	url, _ = serveStubAs(t, playground.Options{Endpoint: endpoint})
	page = playgroundtest.Open(t, url+"/")
	page.WaitFor("variables to fill in, in view", variables+`.includes('"host": ""')`)
	page.WaitFor("no banner and no error", `document.querySelector('.portico-banner, .portico-problems') === null`)
	expectQuiet(t, page)
}

const variables = `[...document.querySelectorAll('.graphiql-editor-tool .view-line')]
	.filter(line => line.getBoundingClientRect().left >= 0).map(line => line.innerText.replaceAll('\u00a0', ' ')).join('\n')`

func TestInteropTwoNewTabsFitAndMoreScroll(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	page.Resize(1440, 900)
	add := `document.querySelector('.graphiql-tab-add').click()`
	page.Do("opening a tab", add)
	page.WaitFor("ten tabs", `document.querySelectorAll('.graphiql-tab').length === 10`)
	page.Do("opening a tab", add)
	page.WaitFor("eleven tabs that fit", `document.querySelectorAll('.graphiql-tab').length === 11 && !`+overflows)
	keepPicture(t, page, "tabs")
	for range 4 {
		page.Do("opening a tab", add)
	}
	page.WaitFor("a strip that scrolls to the tab in front", `document.querySelectorAll('.graphiql-tab').length === 15 && `+overflows+` && (() => {
		const tab = document.querySelector('.graphiql-tab-active').getBoundingClientRect();
		const strip = document.querySelector('.graphiql-tabs').getBoundingClientRect();
		return tab.right <= strip.right + 1 && tab.left >= strip.left - 1;
	})()`)
	expectQuiet(t, page)
}

const overflows = `(document.querySelector('.graphiql-tabs').scrollWidth > document.querySelector('.graphiql-tabs').clientWidth + 1)`

// Views are reached with the arrow keys, and nothing that draws is loaded before one is opened.
func TestInteropViewsAreLoadedWhenAKeyOpensThem(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	page.OpenTab("What runs on this port?")
	page.Run()
	page.WaitForText(`"port": 21`)
	if got := loadedViews(page); got != "" {
		t.Errorf("loaded before a view was opened: %s", got)
	}
	for _, want := range []string{"Table", "Timeline", "Graph", "Cost", "Response"} {
		page.Do("pressing the right arrow", `document.querySelector('.portico-view-tabs [aria-selected=true]').dispatchEvent(
			new KeyboardEvent('keydown', { key: 'ArrowRight', bubbles: true }))`)
		page.WaitFor(want+" in front, with the focus", `document.activeElement.id === 'portico-view-tab-`+want+`' &&
			document.activeElement.getAttribute('aria-selected') === 'true' && document.activeElement.tabIndex === 0 &&
			document.querySelectorAll('.portico-view-tabs [tabindex="0"]').length === 1 &&
			document.getElementById('portico-view-`+want+`')?.getAttribute('aria-labelledby') === document.activeElement.id`)
	}
	page.WaitFor("names for all buttons", `[...document.querySelectorAll('button')].every(b => (b.innerText.trim() || b.getAttribute('aria-label') || b.title) !== '')`)
	if got := loadedViews(page); !strings.Contains(got, "graph-") || !strings.Contains(got, "chart-") {
		t.Errorf("loaded after the views were opened: %s", got)
	}
	expectQuiet(t, page)
}

func loadedViews(page *playgroundtest.Page) string {
	var found []string
	for _, request := range page.Requests() {
		for _, part := range []string{"/table-", "/timeline-", "/graph-", "/cost-", "/chart-", "/paste-"} {
			if strings.Contains(request, "/assets"+part) {
				found = append(found, request)
			}
		}
	}
	return strings.Join(found, " ")
}

func TestInteropTheDocsSayWhatFieldsCost(t *testing.T) {
	url, _ := serveStub(t)
	page := playgroundtest.Open(t, url+"/")
	page.Do("opening the docs", `document.querySelector('[aria-label="Show Documentation Explorer"]').click()`)
	search := func(text string) {
		page.WaitFor("the search", `document.querySelector('.portico-search input') !== null`)
		page.Do("searching", `const input = document.querySelector('.portico-search input');
			Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(input, '`+text+`');
			input.dispatchEvent(new Event('input', { bubbles: true }))`)
	}
	search("edge")
	page.WaitFor("no edge", `document.querySelector('.portico-search [role=status]')?.innerText === 'Nothing found.'`)
	search("hostPort")
	page.WaitFor("the field", `[...document.querySelectorAll('.portico-search button')].some(b => b.innerText === 'Query.hostPort')`)
	page.Do("choosing it", `[...document.querySelectorAll('.portico-search button')].find(b => b.innerText === 'Query.hostPort').click()`)
	page.WaitFor("its cost", `document.querySelector('.graphiql-doc-explorer-content').innerText.includes('Cost: one item')`)
	expectQuiet(t, page)
}

// expectQuiet expects that the page respected its policy, and asked nobody else.
func expectQuiet(t *testing.T, page *playgroundtest.Page) {
	t.Helper()
	if got := page.ConsoleErrors(); len(got) != 0 {
		t.Errorf("the console shows %q", got)
	}
	if got := page.OutsideRequests(); len(got) != 0 {
		t.Errorf("the browser asked for %q", got)
	}
}
