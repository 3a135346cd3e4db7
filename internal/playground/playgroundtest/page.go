// Package playgroundtest opens the playground in headless Chromium and uses it as a person would: choose a tab, press
// the button, read the answer.
//
// It knows the page's elements, and it records what a page could do behind a person's back: every request, whoever in
// the browser sends it, and every complaint in the console. It knows nothing of the server that it looks at. For tests
// only.
package playgroundtest

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

const (
	// A cold browser on two busy cores under the race detector takes seconds; this is where waiting has no hope left.
	patience = 60 * time.Second
	glance   = 50 * time.Millisecond

	width  = 1440
	height = 2000 // the answer pane draws only the lines in view: tall enough for the first tab's whole answer
)

// Page is one tab of a browser that shows the playground. Its methods end the test when the page does not do its part.
type Page struct {
	t       testing.TB
	ctx     context.Context
	journal *journal
	outside *outside
}

// Open is Visit for the playground, and waits until it can be used.
func Open(t testing.TB, url string, options ...Option) *Page {
	t.Helper()
	p := Visit(t, url, options...)
	p.WaitUntilReady()
	return p
}

// Visit starts a browser of its own for the test, and goes to url. The browser is closed when the test ends.
//
// Without Chromium the test is skipped with a word on how to install it; where the environment sets CI, it fails.
func Visit(t testing.TB, url string, options ...Option) *Page {
	t.Helper()
	chromium := find(t)
	out := watchOutside(t)
	all := flags(chromium)
	for _, option := range options {
		all = append(all, chromedp.ExecAllocatorOption(option))
	}

	// The test's context ends before its cleanups run, and the browser has to be there to be closed.
	ctx, cancel := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), all...)
	t.Cleanup(cancel)
	browser, cancel := chromedp.NewContext(ctx, chromedp.WithErrorf(t.Logf))
	t.Cleanup(cancel)
	if err := chromedp.Do(browser); err != nil {
		t.Fatalf("starting %s: %v", chromium, err)
	}
	t.Cleanup(func() { quit(t, browser) })

	ctx, cancel = chromedp.NewContext(browser, through(out.server.URL))
	t.Cleanup(cancel)
	p := &Page{t: t, ctx: ctx, journal: &journal{}, outside: out}
	p.must("opening a page", chromedp.Listen(ctx, p.journal.record))
	p.Resize(width, height)
	p.do("opening "+url, chromedp.Navigate(url))
	return p
}

// WaitUntilReady returns when the playground can be used.
func (p *Page) WaitUntilReady() {
	p.t.Helper()
	p.await("the playground to be ready", `
		document.querySelector('.graphiql-execute-button') !== null &&
		document.querySelector('.graphiql-query-editor .view-line') !== null`)
}

// WaitFor returns when a JavaScript condition holds in the page.
func (p *Page) WaitFor(what, condition string) {
	p.t.Helper()
	p.await(what, condition)
}

// Type presses the keys, one after the other, wherever the focus is. "\r" is Enter.
func (p *Page) Type(keys string) {
	p.t.Helper()
	p.do("typing "+keys, chromedp.KeyEvent(keys))
}

// Press clicks the element with the CSS selector, once it is there and enabled.
func (p *Page) Press(what, selector string) {
	p.t.Helper()
	element := `document.querySelector(` + quote(selector) + `)`
	p.await(what, element+` !== null && `+element+`.disabled !== true`)
	p.do("pressing "+what, chromedp.Click(chromedp.CSS(selector)))
}

// PressButton clicks the button that shows the text.
func (p *Page) PressButton(text string) {
	p.t.Helper()
	find := `[...document.querySelectorAll('button')].find(e => e.innerText.trim() === ` + quote(text) + `)`
	p.await("the button "+text, find+` !== undefined`)
	p.evaluate("pressing "+text, find+`.click() ?? true`)
}

// Evaluate runs an expression of JavaScript in the page.
func (p *Page) Evaluate(doing, expression string) {
	p.t.Helper()
	p.evaluate(doing, expression)
}

// Read decodes the value of a JavaScript expression in the page.
func (p *Page) Read(doing, expression string, into any) {
	p.t.Helper()
	p.decode("reading "+doing, expression, into)
}

// Do runs statements of JavaScript in the page.
func (p *Page) Do(doing, script string) {
	p.t.Helper()
	p.evaluate(doing, `(() => { `+script+` })() ?? true`)
}

// OpenView chooses a view of the response by its title, such as Timeline.
func (p *Page) OpenView(title string) {
	p.t.Helper()
	tab := "#portico-view-tab-" + title
	p.press("the view "+title, tab)
	p.await("the view "+title+" to be shown",
		`document.querySelector(`+quote(tab)+`).getAttribute('aria-selected') === 'true'`)
}

// Text returns the text that the element with the CSS selector shows, "" if there is none.
func (p *Page) Text(selector string) string {
	p.t.Helper()
	var text string
	p.decode("reading "+selector, `document.querySelector(`+quote(selector)+`)?.innerText ?? ""`, &text)
	return text
}

// quit closes the browser, so that nothing of it outlives the test.
func quit(t testing.TB, ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := chromedp.Cancel(ctx); err != nil {
		t.Logf("closing Chromium: %v", err)
	}
}

// Resize gives the page a size in pixels.
func (p *Page) Resize(width, height int64) {
	p.t.Helper()
	p.do("resizing the page", chromedp.EmulateViewport(width, height))
}

// Prefer makes the browser prefer a color scheme, light or dark, which the page follows.
func (p *Page) Prefer(scheme string) {
	p.t.Helper()
	preferred := &emulation.MediaFeature{Name: "prefers-color-scheme", Value: scheme}
	media := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{preferred}}
	p.do("preferring "+scheme, chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, media)
		return err
	}))
}

// Run presses the button that sends the query.
func (p *Page) Run() {
	p.t.Helper()
	p.press("the button that runs the query", "button.graphiql-execute-button")
}

// OpenTab chooses the tab with the title, which is the name of the operation in it.
func (p *Page) OpenTab(title string) {
	p.t.Helper()
	p.await("the tab "+title,
		`[...document.querySelectorAll('.graphiql-tab-button')].some(e => e.innerText.trim() === `+quote(title)+`)`)
	p.evaluate("choosing the tab "+title,
		`[...document.querySelectorAll('.graphiql-tab-button')].find(e => e.innerText.trim() === `+quote(title)+`).click() ?? true`)
	p.await("the tab "+title+" to be shown",
		`document.querySelector('.graphiql-tab-active')?.innerText.trim() === `+quote(title))
}

// Tabs returns the titles of the tabs, from left to right.
func (p *Page) Tabs() []string {
	p.t.Helper()
	var titles []string
	p.decode("reading the tabs", `[...document.querySelectorAll('.graphiql-tab-button')].map(e => e.innerText.trim())`,
		&titles)
	return titles
}

// shown is the text of the lines in view in the answer pane. The editor places its lines by style, in any order.
const shown = `[...document.querySelectorAll('.result-window .view-line')]
	.sort((a, b) => parseFloat(a.style.top) - parseFloat(b.style.top))
	.map(line => line.innerText.replaceAll('\u00a0', ' ')).join('\n')`

// Response returns what the answer pane shows: the lines in view.
func (p *Page) Response() string {
	p.t.Helper()
	var text string
	p.decode("reading the answer", shown, &text)
	return text
}

// WaitForText returns when the answer pane shows the text.
func (p *Page) WaitForText(want string) {
	p.t.Helper()
	if !p.eventually(`(` + shown + `).includes(` + quote(want) + `)`) {
		p.t.Fatalf("the answer does not show %q after %v; it shows:\n%s", want, patience, p.Response())
	}
}

// WaitForCost returns when the line under the button says this about the cost.
func (p *Page) WaitForCost(want string) {
	p.t.Helper()
	p.await("the cost "+want, `document.querySelector('.portico-cost-line')?.innerText === `+quote(want))
}

// WaitForWorkers returns when at least n of the editor's workers have started.
func (p *Page) WaitForWorkers(n int) {
	p.t.Helper()
	deadline := time.Now().Add(patience)
	for len(p.Workers()) < n {
		if time.Now().After(deadline) {
			p.t.Fatalf("only these workers started: %q, want %d", p.Workers(), n)
		}
		time.Sleep(glance)
	}
}

// Workers returns the URLs of the scripts of the workers that run now, sorted.
func (p *Page) Workers() []string {
	p.t.Helper()
	targets, err := chromedp.Targets(p.ctx)
	p.must("listing the workers", err)
	var urls []string
	for _, info := range targets {
		if strings.HasSuffix(info.Type, "worker") {
			urls = append(urls, info.URL)
		}
	}
	slices.Sort(urls)
	return urls
}

// Requests returns the requests that the page sent so far, as "METHOD URL" in the order of sending; URLs with the data
// or the blob scheme are among them.
func (p *Page) Requests() []string { return p.journal.sent() }

// OutsideRequests returns the hosts beyond this machine that the page and its workers tried to reach so far, in
// whatever way. None was reached.
func (p *Page) OutsideRequests() []string { return p.outside.hosts() }

// ConsoleErrors returns what the console shows in red so far: errors, exceptions, violations of the content security
// policy, and resources that could not be loaded.
func (p *Page) ConsoleErrors() []string { return p.journal.complaints() }

// Screenshot writes what the page shows now to a PNG file.
func (p *Page) Screenshot(file string) {
	p.t.Helper()
	png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot())
	p.must("taking a screenshot", err)
	p.must("keeping a screenshot", os.WriteFile(file, png, 0o600))
}

func (p *Page) press(what, selector string) {
	p.t.Helper()
	p.await(what, `document.querySelector(`+quote(selector)+`)?.disabled === false`)
	p.do("pressing "+what, chromedp.Click(chromedp.CSS(selector)))
}

// await polls from here, for the page's own policy forbids the evaluation in the page that chromedp's Poll needs.
func (p *Page) await(what, condition string) {
	p.t.Helper()
	if !p.eventually(condition) {
		p.t.Fatalf("waiting for %s: not so after %v; console: %q", what, patience, p.ConsoleErrors())
	}
}

func (p *Page) eventually(condition string) bool {
	p.t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(glance) {
		if p.holds(condition) {
			return true
		}
	}
	return false
}

// holds reports whether a condition holds. While the page navigates, none does.
func (p *Page) holds(condition string) bool {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](`Boolean(`+condition+`)`))
	return err == nil && string(raw) == "true"
}

func (p *Page) evaluate(doing, expression string) {
	p.t.Helper()
	var ignored any
	p.decode(doing, expression, &ignored)
}

func (p *Page) decode(doing, expression string, into any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	raw, err := chromedp.Run(ctx, chromedp.Evaluate[[]byte](expression))
	p.must(doing, err)
	p.must(doing, json.Unmarshal(raw, into))
}

func (p *Page) do(doing string, step chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	p.must(doing, chromedp.Do(ctx, step))
}

func (p *Page) must(doing string, err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", doing, err)
	}
}

// quote makes a JavaScript string literal: JSON's are a subset of them.
func quote(text string) string {
	literal, err := json.Marshal(text)
	if err != nil {
		panic(fmt.Sprintf("quoting %q: %v", text, err))
	}
	return string(literal)
}
