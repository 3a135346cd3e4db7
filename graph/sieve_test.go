package graph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"portico/graph/limits"
	"portico/graph/model"
	"portico/loaders"
	"portico/msgraph"
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

// filtering is a listing of ports whose banner contains a text.
func filtering(text string) listing {
	return listing{
		place: text, where: &model.HostPortFilter{BannerContains: &text},
		query: msgraph.Query{Select: msgraph.NamesOf("banners"), Page: msgraph.Page{Top: siftPage}},
	}
}

func withPorts(ctx context.Context) context.Context {
	return loaders.With(ctx, loaders.New(ctx, portPages{}, loaders.NewRefused(slog.New(slog.DiscardHandler)), 400))
}

// However many equal lists an operation has, they are filtered once, and no banner is put into lower case twice.
func TestEqualListsAreFilteredOnce(t *testing.T) {
	t.Parallel()
	ctx, s := withPorts(t.Context()), &sieve{}
	var all sync.WaitGroup
	for i := range 600 {
		all.Go(func() {
			l := filtering([]string{"port 1", "PORT 2", "nothing"}[i%3])
			l.first, l.after.Skip = 1+i%100, i%50 // whichever page is shown
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
	ctx, s := withPorts(t.Context()), &sieve{}
	other := filtering("a")
	other.query.Select = msgraph.NamesOf("banners", "status")
	elsewhere := filtering("a")
	elsewhere.place = "elsewhere"
	for _, l := range []listing{filtering("a"), other, elsewhere} {
		s.ports(ctx, l, "192.0.2.1")
	}
	if n := s.passes.Load(); n != 3 {
		t.Errorf("%d lists were worked out, want 3", n)
	}
}

// Who left is not filtered for: not one banner is read.
func TestFilteringEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, leave := context.WithCancel(withPorts(t.Context()))
	s, all := &sieve{}, &siftedPorts{}
	if err := all.read(ctx, filtering("a"), "192.0.2.1"); err != nil || len(all.kept) != 400 {
		t.Fatal(err, len(all.kept))
	}
	leave()
	if err := s.sift(ctx, filtering("a"), all); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.folded.Range(func(any, any) bool {
		t.Error("a banner was read")
		return false
	})
}

// Conditions that read alike are not equal.
func TestConditionsThatReadAlikeAreFilteredApart(t *testing.T) {
	t.Parallel()
	places := map[string]string{}
	for _, where := range []string{
		`{bannerContains: "x componentName:y"}`, `{bannerContains: "x", componentName: "y"}`, `{bannerContains: "x", componentName: null}`,
		`{status: [OPEN, CLOSED]}`, `{status: [CLOSED, OPEN]}`, `{bannerContains: "[OPEN CLOSED]"}`, `{port: [1, 2]}`, `{port: [12]}`, `{}`,
	} {
		oc, valid := parsed(`{ host(id: "a") { ports(where: ` + where + `) { nodes { banners { banner } services { isRecent } } } } }`)
		if !valid {
			t.Fatal(where)
		}
		r, err := readOperation(oc, limits.Default())
		if err != nil {
			t.Fatal(err)
		}
		for f, c := range r.calls {
			if f.Name != "ports" {
				continue
			}
			asks := asked{field: facts.field("Host", "ports"), call: c}
			l, err := r.selection(f.SelectionSet).listing(asks, newCursors(""), "a")
			if err != nil {
				t.Fatal(err)
			}
			if other, taken := places[l.place]; taken {
				t.Errorf("%s is taken for %s", where, other)
			}
			places[l.place] = where
		}
	}
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
	admit(1, false)
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
