package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"portico/graph/plan"
	"portico/loaders"
	"portico/msgraph"
	"portico/threatintel"
)

// portPages answers every lookup with a page of 100 ports with a banner each, the last of four of which has no next page.
type portPages struct{}

func (portPages) Fetch(_ context.Context, urls []string, done func(i int, body []byte, err error)) {
	for i, url := range urls {
		ports := make([]string, 100)
		for n := range ports {
			ports[n] = fmt.Sprintf(`{"id":"%d","banners":[{"banner":"HTTP/1.1 200 OK Port %d"}]}`, n, n)
		}
		next := `,"@odata.nextLink":"https://graph.example/next"`
		if strings.Contains(url, "skip=300") {
			next = ""
		}
		done(i, []byte(`{"value":[`+strings.Join(ports, ",")+`]`+next+`}`), nil)
	}
}

// listingPorts returns an operation, and the page of the ports of a host with the conditions.
func listingPorts(t *testing.T, arguments string) (*operation, plan.Page) {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(plan.Schema, `{ host(id: "192.0.2.1") { ports(`+arguments+`) { nodes { id } } } }`, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	r, err := plan.Read(doc, doc.Operations[0], nil, plan.Bounds{})
	if err != nil {
		t.Fatal(err)
	}
	host := doc.Operations[0].SelectionSet[0].(*ast.Field)
	ports := host.SelectionSet[0].(*ast.Field)
	page, err := r.Call("Host", ports, ports.SelectionSet).Page("192.0.2.1", plan.NewSealer(""))
	if err != nil {
		t.Fatal(err)
	}
	known := loaders.NewRefused(slog.New(slog.DiscardHandler), threatintel.Endpoint, nil)
	op := &operation{Reading: r}
	op.pages = pages{
		loader:   loaders.New(t.Context(), portPages{}, known, 400),
		nextPage: func(string, string) (string, bool) { return "", false },
	}
	return op, page
}

// However many equal lists an operation has, they are filtered once, and no banner is put into lower case twice.
func TestEqualListsAreFilteredOnce(t *testing.T) {
	t.Parallel()
	op, _ := listingPorts(t, "first: 1")
	var all sync.WaitGroup
	for i := range 600 {
		text := []string{"port 1", "PORT 2", "nothing"}[i%3]
		_, page := listingPorts(t, fmt.Sprintf("first: %d, where: {bannerContains: %q}", 1+i%100, text))
		page.After.Skip = i % 50 // whichever page is shown
		all.Go(func() {
			kept := op.filtered(t.Context(), page, "192.0.2.1")
			if want := []int{44, 44, 0}[i%3]; kept.err != nil || len(kept.items) != want || kept.truncated() {
				t.Errorf("%d ports, %v, want %d", len(kept.items), kept.err, want)
			}
		})
	}
	all.Wait()
	if n := op.lists.passes.Load(); n != 3 {
		t.Errorf("%d lists were worked out, want 3", n)
	}
	folded := 0
	op.lists.folded.Range(func(any, any) bool { folded++; return true })
	if folded != 400 {
		t.Errorf("%d banners are in lower case, want 400", folded)
	}
}

// Lists with other conditions, in another order, with other properties or of another owner are not equal.
func TestDifferentListsAreFilteredApart(t *testing.T) {
	t.Parallel()
	op, first := listingPorts(t, `where: {bannerContains: "a"}`)
	other := first
	other.Query.Select = msgraph.NamesOf("banners", "status")
	elsewhere := first
	elsewhere.Scope = "elsewhere"
	_, text := listingPorts(t, `where: {bannerContains: "b"}`)
	_, sorted := listingPorts(t, `where: {bannerContains: "a"}, orderBy: LAST_SEEN_ASC`)
	for _, page := range []plan.Page{first, other, elsewhere, text, sorted, first} {
		op.filtered(t.Context(), page, "192.0.2.1")
	}
	if n := op.lists.passes.Load(); n != 5 {
		t.Errorf("%d lists were worked out, want 5", n)
	}
}

// held holds back the responses for URLs with a text.
type held struct {
	portPages
	text    string
	release chan struct{}
}

func (h held) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	if strings.Contains(strings.Join(urls, " "), h.text) {
		<-h.release
	}
	h.portPages.Fetch(ctx, urls, done)
}

// The planner does not wait for a resolver that waits for a page: only the planner may be about to send that page.
func TestThePlannerDoesNotWaitForPages(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		op, page := listingPorts(t, `where: {bannerContains: "port 1"}`)
		h := held{text: "skip=200", release: make(chan struct{})}
		known := loaders.NewRefused(slog.New(slog.DiscardHandler), threatintel.Endpoint, nil)
		op.loader = loaders.New(t.Context(), h, known, 400)
		resolved := make(chan *filteredList)
		go func() { resolved <- op.filtered(t.Context(), page, "192.0.2.1") }()
		synctest.Wait()
		if left := op.filteredFrom(t.Context(), page, "192.0.2.1"); left != nil {
			t.Errorf("the planner got %v of a list whose third page is missing", left)
		}
		close(h.release)
		if all := <-resolved; all.err != nil || len(all.items) != 44 {
			t.Errorf("the resolver got %d ports, %v", len(all.items), all.err)
		}
		left, _ := op.filteredFrom(t.Context(), page, "192.0.2.1").(*msgraph.List[any])
		if left == nil || len(left.Items) != 44 || op.lists.passes.Load() != 1 {
			t.Errorf("then the planner got %v, after %d passes", left, op.lists.passes.Load())
		}
	})
}

// A list whose pages arrived before the deadline is part of the response, even if it is filtered after the deadline.
func TestFilteringDoesNotEndAtTheDeadline(t *testing.T) {
	t.Parallel()
	ctx, end := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer end()
	op, page := listingPorts(t, `where: {bannerContains: "port 1"}`)
	if read := op.filtered(t.Context(), page, "192.0.2.1"); read.err != nil {
		t.Fatal(read.err)
	}
	_, page = listingPorts(t, `where: {bannerContains: "port 2"}`) // the same pages
	if all := op.filtered(ctx, page, "192.0.2.1"); all.err != nil || len(all.items) != 44 {
		t.Errorf("%d ports, %v", len(all.items), all.err)
	}
}

// After the caller disconnects, no filter runs: not one banner is read.
func TestFilteringEndsWhenTheCallerLeaves(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	op, page := listingPorts(t, `where: {bannerContains: "a"}`)
	all := &filteredList{}
	if err := all.read(op.pages, untyped(op.pages, page, "192.0.2.1", waiting(ctx)), page); err != nil || len(all.items) != 400 {
		t.Fatal(err, len(all.items))
	}
	leave()
	if err := all.apply(ctx, op.lists.all(page.Filter.Where), page.Filter); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	op.lists.folded.Range(func(any, any) bool {
		t.Error("a banner was read")
		return false
	})
}

// A quarter of the room is kept for light operations, and an operation that is too heavy for all of it runs alone.
func TestAdmission(t *testing.T) {
	t.Parallel()
	a := &admission{most: 1000}
	admit := func(weight int, want bool) func() {
		t.Helper()
		held, err := a.enter(weight)
		if (err == nil) != want {
			t.Errorf("an operation of %d beside %d: %v", weight, a.used, err)
		}
		return func() { a.leave(held) }
	}
	alone := admit(5000, true)
	admit(51, false)
	admit(20, true)()
	alone()
	heavy := admit(700, true)
	admit(51, false)
	for range 15 {
		admit(20, true)
	}
	admit(20, false)
	heavy()
	admit(450, true)
	if a.used != 750 {
		t.Errorf("%d in use", a.used)
	}
}
