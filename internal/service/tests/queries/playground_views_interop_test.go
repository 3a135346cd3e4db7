//go:build interop

package queries_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"portico/internal/playground"
	"portico/internal/playground/playgroundtest"
	"portico/internal/service/servicetest"
)

// drawn counts in a response what the views draw of it, without their code.
type drawn struct {
	bars         int            // objects that were seen first or last at a time
	rows         map[string]int // lists, by the path without indices
	hosts, certs map[string]bool
}

var (
	deferred = regexp.MustCompile(`@defer\(label: "\w+"\)`)
	sighting = regexp.MustCompile(`^(first|last)Seen`)
	hostname = regexp.MustCompile(`^([a-z0-9_-]+\.)+[a-z-]{2,}$`)
	hasCert  = regexp.MustCompile(`[sS]slCertificate$`)
)

func count(data any) drawn {
	d := drawn{rows: map[string]int{}, hosts: map[string]bool{}, certs: map[string]bool{}}
	d.walk(data, nil, "")
	if root, _ := data.(map[string]any); len(d.rows) == 0 {
		d.rows["response"] = len(root) // the entities at the root
	}
	return d
}

// walk visits a value at a path of names, and at a place that is different for each value.
func (d *drawn) walk(value any, path []string, place string) {
	switch v := value.(type) {
	case []any:
		if slices.ContainsFunc(v, func(item any) bool { _, ok := item.(map[string]any); return ok }) {
			d.rows[strings.Join(path, ".")] += len(v)
		}
		for i, item := range v {
			d.walk(item, path, fmt.Sprint(place, "/", i))
		}
	case map[string]any:
		d.object(v, path, place)
		for _, name := range slices.Sorted(maps.Keys(v)) {
			below := path
			if len(path) == 0 || name != "nodes" && name != "edges" && name != "node" {
				below = append(slices.Clone(path), name)
			}
			d.walk(v[name], below, place+"/"+name)
		}
	}
}

func (d *drawn) object(v map[string]any, path []string, place string) {
	for name, value := range v {
		text, _ := value.(string)
		if _, err := time.Parse(time.RFC3339, text); sighting.MatchString(name) && err == nil {
			d.bars++
			break
		}
	}
	id, _ := v["id"].(string)
	if _, err := netip.ParseAddr(id); err == nil || hostname.MatchString(id) {
		d.hosts[id] = true
	}
	_, hashed := v["sha1"]
	if hashed || len(path) > 0 && hasCert.MatchString(path[len(path)-1]) {
		d.certs[fmt.Sprint(v["id"], v["sha1"], place[:len(place)*bit(v["id"] == nil && v["sha1"] == nil)])] = true
	}
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

// The views draw what is in the response: of the documents, and of the question that people see first.
func TestInteropTheViewsDrawTheResponses(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	s := servicetest.Start(t)
	page := playgroundtest.Open(t, s.URL+"/")
	for _, tab := range playground.Tabs() {
		q := servicetest.Operation{Query: deferred.ReplaceAllString(tab.Query, "")}
		if err := json.Unmarshal([]byte(tab.Variables), &q.Variables); err != nil {
			t.Fatal(err)
		}
		var data any
		if err := json.Unmarshal([]byte(s.Send(t, q).Data), &data); err != nil {
			t.Fatal(err)
		}
		title, _, _ := strings.Cut(strings.TrimPrefix(tab.Query, "# "), "\n")
		page.OpenTab(title)
		page.OpenView("Response")
		page.Run()
		want := count(data)
		checkTable(page, tab.Name, want)
		checkTimeline(page, tab.Name, want)
		checkGraph(page, tab.Name, want)
		checkCost(page, tab.Name)
	}
	if errors := page.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
	if outside := page.OutsideRequests(); len(outside) > 0 {
		t.Errorf("the page asked elsewhere: %q", outside)
	}
}

func checkTable(page *playgroundtest.Page, name string, want drawn) {
	page.OpenView("Table")
	lists := []string{}
	for list, rows := range want.rows {
		lists = append(lists, fmt.Sprintf("%s (%d)", list, rows))
	}
	slices.Sort(lists)
	literal, _ := json.Marshal(lists) //nolint:errchkjson // strings
	page.WaitFor(fmt.Sprintf("%s: the lists %s", name, literal),
		`JSON.stringify([...document.querySelectorAll('.portico-table-view option')].map(o => o.innerText).sort()) === `+quoted(string(literal)))
	most := slices.Max(slices.Collect(maps.Values(want.rows)))
	page.WaitFor(fmt.Sprintf("%s: %d rows", name, most), fmt.Sprintf(`document.querySelectorAll('.portico-table-view tbody tr').length === %d`, most))
}

func checkTimeline(page *playgroundtest.Page, name string, want drawn) {
	page.OpenView("Timeline")
	page.WaitFor(fmt.Sprintf("%s: %d bars", name, want.bars), fmt.Sprintf(`
		document.querySelectorAll('.portico-chart .portico-bars line').length === %[1]d &&
		(%[1]d === 0 || document.querySelectorAll('.portico-drawn details tbody tr').length === %[1]d)`, want.bars))
}

func checkGraph(page *playgroundtest.Page, name string, want drawn) {
	page.OpenView("Graph")
	listed := func(titles string) string {
		return `[...document.querySelectorAll('.portico-graph-view h3')].filter(h => ` + titles +
			`.includes(h.innerText.trim())).reduce((n, h) => n + h.nextElementSibling.children.length, 0)`
	}
	page.WaitFor(fmt.Sprintf("%s: %d hosts and %d certificates", name, len(want.hosts), len(want.certs)), fmt.Sprintf(
		`%s === %d && %s === %d`, listed(`['Addresses', 'DNS names']`), len(want.hosts), listed(`['Certificates']`), len(want.certs)))
	page.WaitFor(name+": as many nodes in the picture as in the list",
		`Number(document.querySelector('.portico-canvas [role=img]')?.dataset.nodes ?? 0) === document.querySelectorAll('.portico-nodes li').length`)
}

// checkCost compares the picture with the line under the button, because deferred parts share requests as they happen to arrive.
func checkCost(page *playgroundtest.Page, name string) {
	page.OpenView("Cost")
	page.WaitFor(name+": a bar for each request", `
		document.querySelectorAll('.portico-chart .portico-bars line').length > 0 &&
		document.querySelectorAll('.portico-chart .portico-bars line').length ===
			Number(/ in ([\d,]+) requests?,/.exec(document.querySelector('.portico-cost-line').innerText)[1]) &&
		document.querySelectorAll('.portico-requests > tbody > tr').length === document.querySelectorAll('.portico-chart .portico-bars line').length`)
	page.WaitFor(name+": an item for each lookup", `
		[...document.querySelectorAll('.portico-requests > tbody > tr')].reduce((n, row) => n + Math.max(1, row.querySelectorAll('li').length), 0) ===
			Number(/: ([\d,]+) items?/.exec(document.querySelector('.portico-cost-line').innerText)[1])`)
}

func quoted(text string) string {
	literal, _ := json.Marshal(text) //nolint:errchkjson // a string
	return string(literal)
}

// A click on a node opens the next question about it, which runs.
func TestInteropANodeLeadsToTheNextQuestion(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	page := playgroundtest.Open(t, servicetest.Start(t).URL+"/")
	page.Run()
	page.OpenView("Graph")
	for _, title := range []string{"Addresses", "Certificates"} {
		page.WaitFor("a node under "+title, button(title)+` !== undefined`)
		page.Do("choosing the node", button(title)+`.click()`)
		page.WaitFor("a tab about the node", `document.querySelector('.graphiql-tab:last-of-type').classList.contains('graphiql-tab-active')`)
		page.WaitFor("no response yet", `document.querySelector('.portico-nodes') === null`)
		page.Run()
		page.WaitFor("a node of the same kind, and what it leads to", button(title)+` !== undefined && document.querySelectorAll('.portico-nodes li').length > 1`)
		page.WaitFor("no error", `document.querySelector('.portico-problems') === null`)
		page.OpenTab("What is known about this host?")
		page.WaitFor("the first tab to be empty or drawn", `document.querySelector('.graphiql-tab:first-of-type').classList.contains('graphiql-tab-active')`)
		page.Run()
	}
}

func button(title string) string {
	return `([...document.querySelectorAll('.portico-graph-view h3')].find(h => h.innerText.trim() === '` + title +
		`')?.nextElementSibling.querySelector('button') ?? undefined)`
}

// Pasted indicators run in pages of 100, and their responses are one.
func TestInteropPastedIndicatorsRunInPages(t *testing.T) {
	playgroundtest.RequireBuilt(t)
	page := playgroundtest.Open(t, servicetest.Start(t).URL+"/")
	text := "seen: hxxp://www2[.]example[.]com/x, CVE-2021-44228, 0120969880b016dc2c73e3a7d973812729b5cdbd\n"
	for i := range 248 {
		text += fmt.Sprintf("unknown%d[.]example[.]org\n", i)
	}
	page.Do("opening the dialog", `[...document.querySelectorAll('.portico-button')].find(b => b.innerText === 'Paste indicators').click()`)
	page.WaitFor("the dialog", `document.querySelector('#portico-paste') !== null`)
	page.Do("pasting", `const area = document.querySelector('#portico-paste');
		Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(area, `+quoted(text)+`);
		area.dispatchEvent(new Event('input', { bubbles: true }))`)
	page.WaitFor("what was found", `document.querySelector('.portico-dialog').innerText.includes('Found 249 host names, 1 CVE, 1 fingerprint.')`)
	page.Do("opening the query", `document.querySelector('.portico-primary').click()`)
	page.WaitFor("the bar of pages", `document.querySelector('.portico-pages')?.innerText.includes('0 of 4 pages')`)
	page.Do("running all pages", `document.querySelector('.portico-pages button').click()`)
	page.WaitFor("all pages to run", `document.querySelector('.portico-pages').innerText.includes('4 of 4 pages') && document.querySelector('.portico-pages progress').value === 4`)
	page.OpenView("Table")
	page.WaitFor("249 hosts", `document.querySelectorAll('.portico-table-view tbody tr').length === 249`)
	page.WaitFor("the id of an unknown host", `document.querySelector('.portico-table-view').innerText.includes('unknown247.example.org')`)
	page.WaitFor("the vulnerability and the certificate", `
		['vulnerabilities (1)', 'certificate1 (1)'].every(list => [...document.querySelectorAll('option')].some(o => o.innerText === list))`)
	if errors := page.ConsoleErrors(); len(errors) > 0 {
		t.Errorf("the console says %q", errors)
	}
}
