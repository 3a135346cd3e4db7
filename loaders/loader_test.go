package loaders_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"portico/loaders"
	"portico/msgraph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// thing is an entity that refers to others.
type thing struct {
	ID    string   `json:"id"`
	Name  *string  `json:"name"`
	Other []string `json:"other"`
}

// leads are links of a test.
type leads func(*thing) []loaders.Step

func (l leads) Follow(response any) []loaders.Step { return l(response.(*thing)) }

func get(path string, names ...string) msgraph.Request[*thing] {
	return msgraph.Request[*thing]{
		Lookup: msgraph.Lookup{Path: "/" + path, Query: msgraph.Query{Select: msgraph.NamesOf(names...)}},
		Decode: msgraph.Entity[thing],
	}
}

// upstream answers from a map of URLs and writes down what was sent together.
type upstream struct {
	mu      sync.Mutex
	sent    [][]string
	answers map[string]string        // by URL; {"id":"x"} if there is none
	errs    map[string]error         // by URL
	delay   map[string]time.Duration // by URL
}

func (u *upstream) Fetch(ctx context.Context, urls []string, done func(int, []byte, error)) {
	u.mu.Lock()
	u.sent = append(u.sent, slices.Sorted(slices.Values(urls)))
	u.mu.Unlock()
	var all sync.WaitGroup
	for i, url := range urls {
		all.Go(func() {
			select {
			case <-time.After(u.delay[url]):
			case <-ctx.Done():
				done(i, nil, context.Cause(ctx))
				return
			}
			if err := u.errs[url]; err != nil {
				done(i, nil, err)
				return
			}
			if body, ok := u.answers[url]; ok {
				done(i, []byte(body), nil)
				return
			}
			done(i, []byte(`{"id":"x"}`), nil)
		})
	}
	all.Wait()
}

func (u *upstream) wire() [][]string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.sent
}

// start makes a loader for a test, whose operation ends with the test's body.
func start(t *testing.T, u *upstream, budget int) (context.Context, *loaders.Loader) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	l := loaders.New(ctx, u, loaders.NewRefused(slog.New(slog.DiscardHandler), path.Dir, nil), budget)
	return ctx, l
}

func TestWhatIsPlannedLeavesAtOnceAndTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		ctx, l := start(t, u, 10)
		began := time.Now()
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), nil), loaders.Plan(get("b"), nil), loaders.Plan(get("c"), nil)}); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{"a", "b", "c"} {
			if _, _, err := loaders.Get(ctx, l, get(path)); err != nil {
				t.Error(err)
			}
		}
		if waited := time.Since(began); waited != 0 {
			t.Errorf("waited %s", waited)
		}
		wantWire(t, u, [][]string{{"/a?$select=id", "/b?$select=id", "/c?$select=id"}})
		if l.Waves() != 1 {
			t.Errorf("%d waves, want 1", l.Waves())
		}
	})
}

func TestEqualResourcesBecomeOneRequestWithTheUnion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		ctx, l := start(t, u, 10)
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a", "name"), nil), loaders.Plan(get("a", "other"), nil)}); err != nil {
			t.Fatal(err)
		}
		_, _, _ = loaders.Get(ctx, l, get("a", "name"))
		_, _, _ = loaders.Get(ctx, l, get("a", "name", "other"))
		wantWire(t, u, [][]string{{"/a?$select=id,name,other"}})
	})
}

func TestOnlyAWiderLookupServesANarrowerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		ctx, l := start(t, u, 10)
		for _, names := range [][]string{{"name", "other"}, {"name"}, {}, {"name", "third"}, {"third"}} {
			_, _, _ = loaders.Get(ctx, l, get("a", names...))
		}
		wantWire(t, u, [][]string{{"/a?$select=id,name,other"}, {"/a?$select=id,name,third"}})
	})
}

func TestUnplannedLookupsAreGatheredBriefly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{}
		ctx, l := start(t, u, 100)
		var all sync.WaitGroup
		for i := range 30 {
			all.Go(func() { _, _, _ = loaders.Get(ctx, l, get(fmt.Sprintf("%02d", i%15))) })
		}
		all.Wait()
		if got := u.wire(); len(got) != 1 || len(got[0]) != 15 {
			t.Errorf("sent %v", got)
		}
	})
}

func TestFollowUpsAreSentWhenTheLastResponseIsIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{
			answers: map[string]string{
				"/a?$select=id": `{"id":"a","other":["x"]}`,
				"/b?$select=id": `{"id":"b","other":["x","y"]}`,
				"/d?$select=id": `{"value":null}`,
			},
			errs: map[string]error{
				"/c?$select=id": &msgraph.Error{Kind: msgraph.Refused, Status: 404},
				"/e?$select=id": errors.New("failed"),
			},
			delay: map[string]time.Duration{"/b?$select=id": 50 * time.Millisecond},
		}
		ctx, l := start(t, u, 100)
		then := func(answer *thing) (steps []loaders.Step) {
			if answer == nil {
				return nil
			}
			for _, path := range answer.Other {
				steps = append(steps, loaders.Plan(get(path), nil))
			}
			return steps
		}
		var steps []loaders.Step
		for _, path := range []string{"a", "b", "c", "d", "e"} {
			steps = append(steps, loaders.Plan(get(path), leads(then)))
		}
		if err := l.Prefetch(steps); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		_, _, _ = loaders.Get(ctx, l, get("y"))
		wantWire(t, u, [][]string{
			{"/a?$select=id", "/b?$select=id", "/c?$select=id", "/d?$select=id", "/e?$select=id"},
			{"/x?$select=id", "/y?$select=id"},
		})
		if l.Waves() != 2 {
			t.Errorf("%d waves, want 2", l.Waves())
		}
	})
}

func TestAStragglerDoesNotHoldTheOthersForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/b?$select=id": time.Hour}}
		ctx, l := start(t, u, 100)
		then := func(*thing) []loaders.Step { return []loaders.Step{loaders.Plan(get("x"), nil)} }
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), leads(then)), loaders.Plan(get("b"), leads(then))}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if _, _, err := loaders.Get(ctx, l, get("x")); err != nil {
			t.Error(err)
		}
		wantWire(t, u, [][]string{{"/a?$select=id", "/b?$select=id"}, {"/x?$select=id"}})
	})
}

func TestWhatComesLateIsNotHeldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{
			answers: map[string]string{"/c?$select=id": `{"id":"c","other":["z"]}`},
			delay:   map[string]time.Duration{"/c?$select=id": 300 * time.Millisecond},
		}
		ctx, l := start(t, u, 100)
		began := time.Now()
		then := func(answer *thing) (steps []loaders.Step) {
			for _, path := range answer.Other {
				steps = append(steps, loaders.Plan(get(path), nil))
			}
			return steps
		}
		if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), leads(then)), loaders.Plan(get("b"), leads(then)), loaders.Plan(get("c"), leads(then))}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(299 * time.Millisecond)
		if _, _, err := loaders.Get(ctx, l, get("z")); err != nil || time.Since(began) > 301*time.Millisecond {
			t.Errorf("after %s: %v", time.Since(began), err)
		}
		wantWire(t, u, [][]string{{"/a?$select=id", "/b?$select=id", "/c?$select=id"}, {"/z?$select=id"}})
	})
}

func TestAPanicInAPlanCostsWhatItLeadsTo(t *testing.T) {
	u := &upstream{}
	ctx, l := start(t, u, 100)
	if err := l.Prefetch([]loaders.Step{loaders.Plan(get("a"), leads(func(*thing) []loaders.Step { panic("planned badly") }))}); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"a", "b"} {
		if got, _, err := loaders.Get(ctx, l, get(path)); err != nil || got == nil {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
}

func TestTheFirstCallersCancellationDoesNotFailItsNeighbours(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/a?$select=id": time.Second}}
		ctx, l := start(t, u, 10)
		first, cancel := context.WithCancel(ctx)
		var all sync.WaitGroup
		var firstErr, secondErr error
		all.Go(func() { _, _, firstErr = loaders.Get(first, l, get("a")) })
		all.Go(func() { time.Sleep(time.Microsecond); _, _, secondErr = loaders.Get(ctx, l, get("a")) })
		time.Sleep(100 * time.Millisecond)
		cancel()
		all.Wait()
		if !errors.Is(firstErr, context.Canceled) || secondErr != nil {
			t.Errorf("first %v, second %v", firstErr, secondErr)
		}
		wantWire(t, u, [][]string{{"/a?$select=id"}})
	})
}

func TestLookupsEndWithTheOperation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		u := &upstream{delay: map[string]time.Duration{"/a?$select=id": time.Hour}}
		ctx, cancel := context.WithTimeoutCause(t.Context(), time.Second, errors.New("the operation ended"))
		defer cancel()
		l := loaders.New(ctx, u, loaders.NewRefused(slog.New(slog.DiscardHandler), path.Dir, nil), 10)
		_ = l.Prefetch([]loaders.Step{loaders.Plan(get("a"), nil)})
		_, _, err := loaders.Get(ctx, l, get("a"))
		if err == nil || err.Error() != "the operation ended" {
			t.Errorf("got %v", err)
		}
	})
}

func TestBudget(t *testing.T) {
	then := func(*thing) []loaders.Step {
		return []loaders.Step{loaders.Plan(get("x"), nil), loaders.Plan(get("y"), nil)}
	}
	leading := loaders.Plan(get("a"), leads(then))
	leading.Expected = 1
	for _, c := range []struct {
		what    string
		budget  int
		steps   []loaders.Step
		refused bool
		sent    int
	}{
		{"what is within it is sent", 2, []loaders.Step{loaders.Plan(get("a"), nil), loaders.Plan(get("b"), nil)}, false, 2},
		{"one resource counts once", 1, []loaders.Step{loaders.Plan(get("a"), nil), loaders.Plan(get("a", "name"), nil)}, false, 1},
		{"beyond it nothing is sent", 1, []loaders.Step{loaders.Plan(get("a"), nil), loaders.Plan(get("b"), nil)}, true, 0},
		{"what is expected to follow counts", 1, []loaders.Step{leading}, true, 0},
		{"what follows unexpectedly is cut off", 2, []loaders.Step{leading}, false, 2},
	} {
		t.Run(c.what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				u := &upstream{}
				ctx, l := start(t, u, c.budget)
				err := l.Prefetch(c.steps)
				var budget *loaders.BudgetError
				if errors.As(err, &budget) != c.refused {
					t.Errorf("got %v", err)
				}
				if err == nil { // a small wave is sent by who needs it
					_, _ = l.Exists(ctx, c.steps[0].Lookup)
				}
				time.Sleep(time.Second)
				sent := 0
				for _, urls := range u.wire() {
					sent += len(urls)
				}
				if sent != c.sent {
					t.Errorf("sent %v, want %d", u.wire(), c.sent)
				}
			})
		})
	}
}

func TestNotFoundIsAResponse(t *testing.T) {
	u := &upstream{errs: map[string]error{"/a?$select=id": &msgraph.Error{Kind: msgraph.Refused, Status: 404}}}
	ctx, l := start(t, u, 10)
	got, _, err := loaders.Get(ctx, l, get("a"))
	if got != nil || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestEveryWaiterGetsTheInvalidValues(t *testing.T) {
	u := &upstream{answers: map[string]string{"/a?$select=id,name": `{"id":"a","name":5}`}}
	ctx, l := start(t, u, 10)
	want := []msgraph.Invalid{{Path: []string{"name"}, Raw: "5"}}
	for range 2 {
		_, invalid, err := loaders.Get(ctx, l, get("a", "name"))
		if diff := cmp.Diff(want, invalid); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
}

func wantWire(t *testing.T, u *upstream, want [][]string) {
	t.Helper()
	if diff := cmp.Diff(want, u.wire()); diff != "" {
		t.Error("wire (-want +got):\n", diff)
	}
}

// ordered is an upstream that keeps the order in which lookups are sent.
type ordered struct{ sent []string }

func (o *ordered) Fetch(_ context.Context, urls []string, done func(int, []byte, error)) {
	o.sent = append(o.sent, urls...)
	for i := range urls {
		done(i, []byte(`{"id":"x"}`), nil)
	}
}

// A batch waits for its slowest item, so lookups that lead to others are not mixed with those that lead nowhere. Where one
// batch is enough there is nothing to gain.
func TestLookupsThatLeadToOthersShareBatches(t *testing.T) {
	for _, row := range []struct {
		what  string
		steps int
		want  []string // the first lookups
	}{
		{"one batch", 20, []string{"/00?$select=id", "/01?$select=id", "/02?$select=id"}},
		{"two batches", 21, []string{"/01?$select=id", "/03?$select=id", "/05?$select=id"}},
	} {
		synctest.Test(t, func(t *testing.T) {
			up := &ordered{}
			var steps []loaders.Step
			for i := range row.steps {
				step := loaders.Plan(get(fmt.Sprintf("%02d", i)), nil)
				if i%2 == 1 {
					step = loaders.Plan(get(fmt.Sprintf("%02d", i)), leads(func(*thing) []loaders.Step { return nil }))
					step.Expected = 1
				}
				steps = append(steps, step)
			}
			if err := loaders.New(t.Context(), up, loaders.NewRefused(slog.New(slog.DiscardHandler), nil, nil), 100).Prefetch(steps); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if diff := cmp.Diff(row.want, up.sent[:3]); diff != "" {
				t.Errorf("%s, -want +got:\n%s", row.what, diff)
			}
		})
	}
}
