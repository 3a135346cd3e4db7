package flight_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"portico/internal/flight"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type outcome struct {
	value  string
	shared bool
	err    error
}

// ask calls Do in a goroutine of its own and waits until it waits.
func ask(ctx context.Context, g *flight.Group[string], key string, work func(context.Context) (string, error)) <-chan outcome {
	out := make(chan outcome, 1)
	go func() {
		value, shared, err := g.Do(ctx, key, time.Minute, work)
		out <- outcome{value, shared, err}
	}()
	synctest.Wait()
	return out
}

// slowly takes a second, or until its context ends.
func slowly(runs *atomic.Int32, value string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) {
		runs.Add(1)
		select {
		case <-time.After(time.Second):
			return value, nil
		case <-ctx.Done():
			return "", context.Cause(ctx)
		}
	}
}

func TestCallersOfOneKeyShareOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		var runs atomic.Int32
		first := ask(t.Context(), &g, "a", slowly(&runs, "one"))
		var followers []<-chan outcome
		for range 10 {
			followers = append(followers, ask(t.Context(), &g, "a", slowly(&runs, "two")))
		}
		other := ask(t.Context(), &g, "b", slowly(&runs, "other"))
		if got := <-first; got != (outcome{"one", false, nil}) {
			t.Errorf("first caller got %v", got)
		}
		for _, follower := range followers {
			if got := <-follower; got != (outcome{"one", true, nil}) {
				t.Errorf("follower got %v", got)
			}
		}
		if got := <-other; got != (outcome{"other", false, nil}) {
			t.Errorf("caller of another key got %v", got)
		}
		if got := runs.Load(); got != 2 {
			t.Errorf("%d runs, want 2", got)
		}
	})
}

func TestNothingIsKeptAfterARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		var runs atomic.Int32
		for range 2 {
			<-ask(t.Context(), &g, "a", slowly(&runs, "one"))
		}
		if got := runs.Load(); got != 2 {
			t.Errorf("%d runs, want 2", got)
		}
	})
}

func TestFirstCallerLeavesWithoutHarm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		var runs atomic.Int32
		reason := errors.New("gone home")
		ctx, cancel := context.WithCancelCause(t.Context())
		first := ask(ctx, &g, "a", slowly(&runs, "one"))
		second := ask(t.Context(), &g, "a", slowly(&runs, "two"))
		start := time.Now()
		cancel(reason)
		if got := <-first; !errors.Is(got.err, reason) || time.Since(start) != 0 {
			t.Errorf("first caller got %v after %v, want its own cause at once", got, time.Since(start))
		}
		if got := <-second; got != (outcome{"one", true, nil}) {
			t.Errorf("second caller got %v", got)
		}
	})
}

func TestRunEndsWhenTheLastCallerLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		var runs atomic.Int32
		ended := make(chan error, 1)
		work := func(ctx context.Context) (string, error) {
			<-ctx.Done()
			ended <- context.Cause(ctx)
			time.Sleep(time.Second) // slow to notice
			return "", ctx.Err()
		}
		ctx, cancel := context.WithCancel(t.Context())
		first, second := ask(ctx, &g, "a", work), ask(ctx, &g, "a", work)
		cancel()
		<-first
		<-second
		if err := <-ended; err == nil {
			t.Error("the run was not ended")
		}
		if got := <-ask(t.Context(), &g, "a", slowly(&runs, "fresh")); got != (outcome{"fresh", false, nil}) {
			t.Errorf("newcomer got %v, want a run of its own", got)
		}
	})
}

func TestAbandonedRunDoesNotTakeItsSuccessorAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		var runs atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		abandoned := ask(ctx, &g, "a", func(context.Context) (string, error) {
			time.Sleep(time.Second / 2) // slow to notice
			return "", nil
		})
		cancel()
		<-abandoned
		successor := ask(t.Context(), &g, "a", slowly(&runs, "one"))
		time.Sleep(3 * time.Second / 4)
		if got := <-ask(t.Context(), &g, "a", slowly(&runs, "two")); got != (outcome{"one", true, nil}) {
			t.Errorf("got %v, want to join the successor", got)
		}
		<-successor
	})
}

func TestLimitEndsARun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		start := time.Now()
		got := <-ask(t.Context(), &g, "a", func(ctx context.Context) (string, error) {
			<-ctx.Done()
			return "", ctx.Err()
		})
		if !errors.Is(got.err, context.DeadlineExceeded) || time.Since(start) != time.Minute {
			t.Errorf("got %v after %v", got, time.Since(start))
		}
	})
}

func TestEndedContextStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var g flight.Group[string]
	_, _, err := g.Do(ctx, "a", 0, func(context.Context) (string, error) { panic("started") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestPanicReachesAllAsAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var g flight.Group[string]
		work := func(context.Context) (string, error) {
			time.Sleep(time.Second)
			panic("boom")
		}
		first, second := ask(t.Context(), &g, "a", work), ask(t.Context(), &g, "a", work)
		for _, caller := range []<-chan outcome{first, second} {
			got := <-caller
			if failure, ok := errors.AsType[*flight.Panic](got.err); !ok || failure.Value != "boom" || len(failure.Stack) == 0 {
				t.Errorf("got %v", got)
			}
		}
	})
}

func TestExitedRunIsAnError(t *testing.T) {
	var g flight.Group[string]
	_, _, err := g.Do(t.Context(), "a", 0, func(context.Context) (string, error) {
		runtime.Goexit()
		return "", nil
	})
	if err == nil {
		t.Error("no error from a run that never returned")
	}
}

func TestRunSeesTheValuesOfTheFirstCaller(t *testing.T) {
	type key struct{}
	var g flight.Group[string]
	got, _, err := g.Do(context.WithValue(t.Context(), key{}, "mine"), "a", 0, func(ctx context.Context) (string, error) {
		return ctx.Value(key{}).(string), nil
	})
	if got != "mine" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}

func BenchmarkDoAlone(b *testing.B) {
	var g flight.Group[string]
	b.ReportAllocs()
	for b.Loop() {
		g.Do(b.Context(), "a", time.Second, func(context.Context) (string, error) { return "", nil })
	}
}
