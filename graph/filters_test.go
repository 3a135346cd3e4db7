package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"portico/graph/model"
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

// filtering is a page of ports whose banner contains a text.
func filtering(text string) plan.Page {
	return plan.Page{
		Scope: plan.Scope(text), Filter: &plan.Filter{Where: &model.HostPortFilter{BannerContains: &text}},
		Query: msgraph.Query{Select: msgraph.NamesOf("banners"), Page: msgraph.Page{Top: 100}},
	}
}

func filtersOf(ctx context.Context) *filters {
	known := loaders.NewRefused(slog.New(slog.DiscardHandler), threatintel.Endpoint)
	return &filters{pages: pages{loader: loaders.New(ctx, portPages{}, known, 400)}}
}

// However many equal lists an operation has, they are filtered once, and no banner is put into lower case twice.
func TestEqualListsAreFilteredOnce(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), filtersOf(t.Context())
	var all sync.WaitGroup
	for i := range 600 {
		all.Go(func() {
			l := filtering([]string{"port 1", "PORT 2", "nothing"}[i%3])
			l.First, l.After.Skip = 1+i%100, i%50 // whichever page is shown
			kept := s.ports(ctx, l, "192.0.2.1")
			if want := []int{44, 44, 0}[i%3]; kept.err != nil || len(kept.kept) != want || kept.truncated {
				t.Errorf("%d ports, %v, want %d", len(kept.kept), kept.err, want)
			}
		})
	}
	all.Wait()
	if n := s.passes.Load(); n != 3 {
		t.Errorf("%d lists were worked out, want 3", n)
	}
	folded := 0
	s.folded.Range(func(any, any) bool { folded++; return true })
	if folded != 400 {
		t.Errorf("%d banners are in lower case, want 400", folded)
	}
}

// Lists of different hosts, conditions, orders or properties are not equal.
func TestDifferentListsAreFilteredApart(t *testing.T) {
	t.Parallel()
	ctx, s := t.Context(), filtersOf(t.Context())
	other := filtering("a")
	other.Query.Select = msgraph.NamesOf("banners", "status")
	elsewhere := filtering("a")
	elsewhere.Scope = "elsewhere"
	for _, l := range []plan.Page{filtering("a"), other, elsewhere} {
		s.ports(ctx, l, "192.0.2.1")
	}
	if n := s.passes.Load(); n != 3 {
		t.Errorf("%d lists were worked out, want 3", n)
	}
}

// After the caller disconnects, no filter runs: not one banner is read.
func TestFilteringEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(t.Context())
	s, all := filtersOf(ctx), &portList{}
	if err := all.read(ctx, s.pages, filtering("a"), "192.0.2.1"); err != nil || len(all.kept) != 400 {
		t.Fatal(err, len(all.kept))
	}
	leave()
	if err := s.apply(ctx, filtering("a").Filter, all); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.folded.Range(func(any, any) bool {
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
		leave, err := a.enter(weight)
		if (err == nil) != want {
			t.Errorf("an operation of %d beside %d: %v", weight, a.used, err)
		}
		return leave
	}
	alone := admit(5000, true)
	admit(51, false)
	admit(20, true)()
	alone()
	alone() // twice is once
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
