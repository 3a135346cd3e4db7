package loaders_test

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/loaders"
	"portico/msgraph"
)

// What the responses of a path say, whatever its queries are. Asking for it sends nothing.
func TestPresence(t *testing.T) {
	unknown, failed := &msgraph.Error{Kind: msgraph.Refused, Status: 404}, &msgraph.Error{Kind: msgraph.Unavailable, Status: 503}
	u := &upstream{errs: map[string]error{
		"/unknown?$select=id":       unknown,
		"/failed?$select=id":        failed,
		"/mixed?$select=id":         unknown,
		"/unsure?$select=id":        failed,
		"/unsure?$select=id&$top=1": unknown,
	}, answers: map[string]string{"/broken?$select=id": `{"id":`}}
	ctx, l := start(t, u, 20)
	page := func(path string) msgraph.Request[*thing] {
		request := get(path)
		request.Query.Page.Top = 1
		return request
	}
	for _, request := range []msgraph.Request[*thing]{
		get("known"), get("unknown"), get("failed"), get("mixed"), page("mixed"), get("unsure"), page("unsure"), get("broken"),
	} {
		_, _, _ = loaders.Get(ctx, l, request)
	}
	sent := len(u.wire())
	for path, want := range map[string]loaders.Presence{
		"/known": loaders.Present, "/unknown": loaders.Absent, "/failed": loaders.Unsaid, "/mixed": loaders.Present,
		"/unsure": loaders.Absent, "/broken": loaders.Unsaid, "/never": loaders.Unsaid,
	} {
		if got := l.Presence(ctx, path); got != want {
			t.Errorf("%s: %d, want %d", path, got, want)
		}
	}
	if len(u.wire()) != sent {
		t.Errorf("sent %v", u.wire())
	}
}

// To find out whether something exists costs one request at most, which the budget counts.
func TestExists(t *testing.T) {
	u := &upstream{errs: map[string]error{"/unknown?$select=id": &msgraph.Error{Kind: msgraph.Refused, Status: 404}}}
	ctx, l := start(t, u, 2)
	for range 2 {
		for path, want := range map[string]bool{"known": true, "unknown": false} {
			if got, err := l.Exists(ctx, get(path).Lookup); got != want || err != nil {
				t.Errorf("%s: %t, %v", path, got, err)
			}
		}
	}
	if len(u.wire()) != 2 {
		t.Errorf("sent %v", u.wire())
	}
	var spent *loaders.BudgetError
	if _, err := l.Exists(ctx, get("another").Lookup); !errors.As(err, &spent) {
		t.Errorf("beyond the budget: %v", err)
	}
}

// When the operation ends, all that ask for one lookup see the same: what is missing then is an error for all of them,
// even if it arrives a moment later.
func TestAllWaitersGetTheSameResponse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unknown := &msgraph.Error{Kind: msgraph.Refused, Status: 404}
		u := &upstream{errs: map[string]error{"/late?$select=id": unknown}, delay: map[string]time.Duration{"/late?$select=id": time.Second}}
		over, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		l := loaders.New(over, u, loaders.NewRefused(slog.New(slog.DiscardHandler), path.Dir, nil), 20)
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("late"), nil)}); err != nil {
			t.Fatal(err)
		}
		said := l.Presence(over, "/late")
		time.Sleep(time.Second)
		found, _, err := loaders.Get(context.WithoutCancel(over), l, get("late"))
		if said == loaders.Unsaid && !errors.Is(err, context.DeadlineExceeded) || said == loaders.Absent && err != nil || found != nil {
			t.Errorf("said %d, then %v, %v", said, found, err)
		}
	})
}

// What the responses below a path say, of lists and of single entities. What is only similar to the path is not below it.
func TestBelow(t *testing.T) {
	u := &upstream{errs: map[string]error{
		"/a/unknown?$select=id": &msgraph.Error{Kind: msgraph.Refused, Status: 404},
		"/a/failed?$select=id":  errors.New("failed"),
	}, answers: map[string]string{"/a/list?$select=id": `{"value":[]}`}}
	ctx, l := start(t, u, 20)
	var steps []loaders.Step
	for _, path := range []string{"a/list", "a/unknown", "a/failed", "ab/one"} {
		step := loaders.Plan(get(path), nil)
		step.List = path == "a/list"
		steps = append(steps, step)
	}
	if err := l.Prefetch(steps); err != nil {
		t.Fatal(err)
	}
	var lists, singles []loaders.Presence
	l.Below(ctx, "/a", func(list bool, said loaders.Presence) {
		if list {
			lists = append(lists, said)
		} else {
			singles = append(singles, said)
		}
	})
	slices.Sort(singles)
	if diff := cmp.Diff([]loaders.Presence{loaders.Present}, lists) +
		cmp.Diff([]loaders.Presence{loaders.Unsaid, loaders.Absent}, singles); diff != "" {
		t.Error(diff)
	}
}

// A response, or its failure, may lead to a lookup by what it says of its resource.
func TestWhatAResponseSaysLeadsOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{errs: map[string]error{"/a?$select=id": &msgraph.Error{Kind: msgraph.Refused, Status: 404}}}
		ctx, l := start(t, u, 20)
		step := loaders.Plan(get("a"), nil)
		step.Settled = func(said loaders.Presence) []loaders.Step {
			if said != loaders.Absent {
				t.Errorf("said %d", said)
			}
			return []loaders.Step{loaders.Plan(get("b"), nil)}
		}
		if err := l.Prefetch([]loaders.Step{step}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := loaders.Get(ctx, l, get("b")); err != nil {
			t.Error(err)
		}
		wantWire(t, u, [][]string{{"/a?$select=id"}, {"/b?$select=id"}})
		if n := l.Unplanned(); n != 0 {
			t.Errorf("%d lookups were not planned", n)
		}
		if _, _, err := loaders.Get(ctx, l, get("c")); err != nil || l.Unplanned() != 1 {
			t.Errorf("%v, %d lookups were not planned, want 1", err, l.Unplanned())
		}
	})
}

// Whether something exists does not depend on a response elsewhere that rarely leads anywhere.
func TestPresenceDoesNotWaitForWhatIsRare(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/slow?$select=id": 100 * time.Millisecond}}
		ctx, l := start(t, u, 10)
		rare := loaders.Plan(get("slow"), leads(func(*thing) []loaders.Step { return nil }))
		rare.Rare = true
		below := loaders.Plan(get("a/b"), leads(func(*thing) []loaders.Step { return nil }))
		began := time.Now()
		if err := l.Prefetch([]loaders.Step{below, rare, loaders.Plan(get("c"), nil)}); err != nil {
			t.Fatal(err)
		}
		var found []loaders.Presence
		l.Below(ctx, "/a", func(_ bool, said loaders.Presence) { found = append(found, said) })
		if diff := cmp.Diff([]loaders.Presence{loaders.Present}, found); diff != "" || time.Since(began) != 0 {
			t.Errorf("after %s: %s", time.Since(began), diff)
		}
		if _, _, err := loaders.Get(ctx, l, get("slow")); err != nil {
			t.Error(err)
		}
	})
}
