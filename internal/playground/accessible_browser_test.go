//go:build interop

package playground_test

import (
	"encoding/json"
	"fmt"
	"os"
	"testing"

	"portico/internal/playground/playgroundtest"
)

// tolerated are the findings that are not Portico's to mend, each as the rule, and a CSS selector of the elements.
var tolerated = []struct{ Rule, Selector, reason string }{
	{"nested-interactive", "li.graphiql-tab[role=tab]", "GraphiQL's Tab is an element with the role tab around a button; both open the tab"},
	{"color-contrast", ".monaco-editor .view-line *", "the colors of GraphiQL's theme of the editor"},
}

// finding is one element that a rule of axe-core objects to.
type finding struct{ Rule, Impact, Selector, Why string }

// check returns what axe-core finds on the page as it is now, of the impacts that keep people out.
func check(page *playgroundtest.Page, axe string) (all []finding) {
	page.Do("loading axe-core", `if (!window.axe) { `+axe+` }`)
	known, _ := json.Marshal(tolerated) //nolint:errchkjson // strings
	page.Do("starting axe-core", `window.found = undefined;
		axe.run(document, { resultTypes: ['violations'], elementRef: true }).then((result) => { window.found = result; }, (error) => { window.found = { failed: String(error) }; })`)
	page.WaitFor("axe-core to end", `window.found !== undefined`)
	page.Read("what axe-core found", `window.found.failed ? [{ Rule: 'failed', Impact: 'critical', Why: window.found.failed }] :
		window.found.violations.flatMap(({ id, nodes }) => nodes.filter(({ element }) =>
			!`+string(known)+`.some(({ Rule, Selector }) => Rule === id && element.matches(Selector))).map((node) => ({
			Rule: id, Impact: node.impact, Selector: node.target.flat().join(' '), Why: node.failureSummary,
		}))).filter(({ Impact }) => Impact === 'serious' || Impact === 'critical')`, &all)
	return all
}

// axe-core finds nothing serious in any view, in both themes, with errors, and in what opens over the page.
func TestInteropAxeFindsNothingSerious(t *testing.T) {
	axe, err := os.ReadFile("web/node_modules/axe-core/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, scheme := range []string{"light", "dark"} {
		t.Run(scheme, func(t *testing.T) {
			url, _ := serveStub(t)
			page := playgroundtest.Visit(t, url+"/")
			page.Prefer(scheme)
			page.WaitUntilReady()
			expect := func(place string) {
				t.Helper()
				for _, f := range check(page, string(axe)) {
					t.Errorf("%s: %s (%s) %s\n%s", place, f.Rule, f.Impact, f.Selector, f.Why)
				}
			}
			expect("at first")
			page.OpenTab("What runs on this port?")
			page.Run()
			page.WaitForText(`"port": 21`)
			for _, view := range []struct{ name, drawn string }{
				{"Response", ".result-window .view-line"},
				{"Table", ".portico-table-view td"},
				{"Timeline", ".portico-bars line"},
				{"Graph", ".portico-nodes button"},
				{"Cost", ".portico-drawn"},
			} {
				page.OpenView(view.name)
				page.WaitFor(view.name, fmt.Sprintf(`document.querySelector('%s') !== null`, view.drawn))
				expect(view.name)
			}
			page.OpenTab("Which certificate has this port?")
			page.Run()
			page.WaitFor("the errors", `document.querySelector('.portico-problems') !== null`)
			expect("errors and warnings")
			page.Do("opening the docs", `document.querySelector('[aria-label="Show Documentation Explorer"]').click()`)
			page.WaitFor("the search", `document.querySelector('.portico-search input') !== null`)
			expect("the documentation")
			page.Do("choosing a type", `[...document.querySelectorAll('.graphiql-doc-explorer-type-name')].find(a => a.innerText === 'Query').click()`)
			page.WaitFor("its fields", `document.querySelector('.graphiql-doc-explorer-field-name, .graphiql-doc-explorer-argument-name') !== null`)
			expect("a type in the documentation")
			page.PressButton("Paste indicators")
			page.WaitFor("the dialog", `document.querySelector('#portico-paste') !== null`)
			expect("the dialog for indicators")
		})
	}
}
