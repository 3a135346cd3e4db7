package loaders_test

import (
	"context"
	"errors"
	"log/slog"
	"path"
	"testing"
	"testing/synctest"
	"time"

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
		for _, awaited := range []bool{false, true} {
			if got := l.Presence(ctx, path, false, awaited); got != want {
				t.Errorf("%s: %d, want %d", path, got, want)
			}
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
func TestNobodySeesAnAnswerThatAnotherMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unknown := &msgraph.Error{Kind: msgraph.Refused, Status: 404}
		u := &upstream{errs: map[string]error{"/late?$select=id": unknown}, delay: map[string]time.Duration{"/late?$select=id": time.Second}}
		over, end := context.WithTimeout(t.Context(), time.Second)
		defer end()
		l := loaders.New(over, u, loaders.NewRefused(slog.New(slog.DiscardHandler), path.Dir), 20)
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("late"), nil)}); err != nil {
			t.Fatal(err)
		}
		said := l.Presence(over, "/late", false, false)
		time.Sleep(time.Second)
		found, _, err := loaders.Get(context.WithoutCancel(over), l, get("late"))
		if said == loaders.Unsaid && !errors.Is(err, context.DeadlineExceeded) || said == loaders.Absent && err != nil || found != nil {
			t.Errorf("said %d, then %v, %v", said, found, err)
		}
	})
}
