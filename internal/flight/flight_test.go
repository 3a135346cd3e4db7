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

type work = func(context.Context) (string, error)

// group is a Group with one of its two methods.
type group struct {
	flight.Group[string]
	here bool // the method is DoHere
}

func (g *group) do(ctx context.Context, key string, limit time.Duration, w work) (string, bool, error) {
	if g.here {
		return g.DoHere(ctx, []byte(key), limit, w)
	}
	return g.Do(ctx, key, limit, w)
}

// both tests both methods.
func both(t *testing.T, test func(t *testing.T, g *group)) {
	for name, here := range map[string]bool{"Do": false, "DoHere": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, &group{here: here}) })
		})
	}
}

// ask calls the method in a goroutine of its own and waits until it waits.
func ask(ctx context.Context, g *group, key string, w work) <-chan outcome {
	out := make(chan outcome, 1)
	go func() {
		value, shared, err := g.do(ctx, key, time.Minute, w)
		out <- outcome{value, shared, err}
	}()
	synctest.Wait()
	return out
}

// slowly takes a second, or until its context ends.
func slowly(runs *atomic.Int32, value string) work {
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
	both(t, func(t *testing.T, g *group) {
		var runs atomic.Int32
		first := ask(t.Context(), g, "a", slowly(&runs, "one"))
		var followers []<-chan outcome
		for range 10 {
			followers = append(followers, ask(t.Context(), g, "a", slowly(&runs, "two")))
		}
		other := ask(t.Context(), g, "b", slowly(&runs, "other"))
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
	both(t, func(t *testing.T, g *group) {
		var runs atomic.Int32
		for range 2 {
			<-ask(t.Context(), g, "a", slowly(&runs, "one"))
		}
		if got := runs.Load(); got != 2 {
			t.Errorf("%d runs, want 2", got)
		}
	})
}

func TestFirstCallerLeavesWithoutHarm(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		var runs atomic.Int32
		reason := errors.New("gone home")
		ctx, cancel := context.WithCancelCause(t.Context())
		first := ask(ctx, g, "a", slowly(&runs, "one"))
		second := ask(t.Context(), g, "a", slowly(&runs, "two"))
		start, until := time.Now(), time.Duration(0)
		if g.here { // it does the work for the second
			until = time.Second
		}
		cancel(reason)
		if got := <-first; !errors.Is(got.err, reason) || time.Since(start) != until {
			t.Errorf("first caller got %v after %v, want its own cause after %v", got, time.Since(start), until)
		}
		if got := <-second; got != (outcome{"one", true, nil}) || time.Since(start) != time.Second {
			t.Errorf("second caller got %v after %v", got, time.Since(start))
		}
	})
}

func TestRunEndsWhenTheLastCallerLeaves(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		var runs atomic.Int32
		ended := make(chan error, 1)
		work := func(ctx context.Context) (string, error) {
			<-ctx.Done()
			ended <- context.Cause(ctx)
			time.Sleep(time.Second) // slow to notice
			return "", ctx.Err()
		}
		ctx, cancel := context.WithCancel(t.Context())
		first, second := ask(ctx, g, "a", work), ask(ctx, g, "a", work)
		cancel()
		<-first
		<-second
		if err := <-ended; err == nil {
			t.Error("the run was not ended")
		}
		if got := <-ask(t.Context(), g, "a", slowly(&runs, "fresh")); got != (outcome{"fresh", false, nil}) {
			t.Errorf("newcomer got %v, want a run of its own", got)
		}
	})
}

func TestAbandonedRunDoesNotTakeItsSuccessorAway(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		var runs atomic.Int32
		ctx, cancel := context.WithCancel(t.Context())
		abandoned := ask(ctx, g, "a", func(context.Context) (string, error) {
			time.Sleep(time.Second / 2) // slow to notice
			return "", nil
		})
		cancel()
		<-abandoned
		successor := ask(t.Context(), g, "a", slowly(&runs, "one"))
		time.Sleep(3 * time.Second / 4)
		if got := <-ask(t.Context(), g, "a", slowly(&runs, "two")); got != (outcome{"one", true, nil}) {
			t.Errorf("got %v, want to join the successor", got)
		}
		<-successor
	})
}

func TestLimitEndsARun(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		start := time.Now()
		got := <-ask(t.Context(), g, "a", func(ctx context.Context) (string, error) {
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
	for _, g := range []*group{{}, {here: true}} {
		_, _, err := g.do(ctx, "a", 0, func(context.Context) (string, error) { panic("started") })
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	}
}

func TestPanicReachesAllAsAnError(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		work := func(context.Context) (string, error) {
			time.Sleep(time.Second)
			panic("boom")
		}
		first, second := ask(t.Context(), g, "a", work), ask(t.Context(), g, "a", work)
		for _, caller := range []<-chan outcome{first, second} {
			got := <-caller
			if failure, ok := errors.AsType[*flight.Panic](got.err); !ok || failure.Value != "boom" || len(failure.Stack) == 0 {
				t.Errorf("got %v", got)
			}
		}
	})
}

func TestExitedRunIsAnErrorForAllWhoWait(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		exit := func(context.Context) (string, error) {
			time.Sleep(time.Second)
			runtime.Goexit()
			return "", nil
		}
		first, second := ask(t.Context(), g, "a", exit), ask(t.Context(), g, "a", exit)
		if got := <-second; got.err == nil || !got.shared {
			t.Errorf("second caller got %v", got)
		}
		if g.here { // its goroutine has ended
			return
		}
		if got := <-first; got.err == nil {
			t.Errorf("first caller got %v", got)
		}
	})
}

func TestAFollowerLeavesAtOnce(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		var runs atomic.Int32
		reason := errors.New("gone home")
		ctx, cancel := context.WithCancelCause(t.Context())
		first := ask(t.Context(), g, "a", slowly(&runs, "one"))
		second := ask(ctx, g, "a", slowly(&runs, "two"))
		start := time.Now()
		cancel(reason)
		if got := <-second; !errors.Is(got.err, reason) || time.Since(start) != 0 {
			t.Errorf("second caller got %v after %v, want its own cause at once", got, time.Since(start))
		}
		if got := <-first; got != (outcome{"one", false, nil}) {
			t.Errorf("first caller got %v", got)
		}
	})
}

func TestARunWhoseCallerLeftEndsWithTheLastFollower(t *testing.T) {
	both(t, func(t *testing.T, g *group) {
		ended := make(chan error, 1)
		w := func(ctx context.Context) (string, error) {
			<-ctx.Done()
			ended <- context.Cause(ctx)
			return "", ctx.Err()
		}
		one, leaveFirst := context.WithCancel(t.Context())
		two, leaveSecond := context.WithCancel(t.Context())
		first, second := ask(one, g, "a", w), ask(two, g, "a", w)
		leaveFirst()
		synctest.Wait()
		if len(ended) > 0 {
			t.Error("the run ended while somebody waited")
		}
		leaveSecond()
		<-ended
		for _, caller := range []<-chan outcome{first, second} {
			if got := <-caller; !errors.Is(got.err, context.Canceled) {
				t.Errorf("got %v", got)
			}
		}
	})
}

func TestRunSeesTheValuesOfTheFirstCaller(t *testing.T) {
	type key struct{}
	both(t, func(t *testing.T, g *group) {
		got, _, err := g.do(context.WithValue(t.Context(), key{}, "mine"), "a", 0, func(ctx context.Context) (string, error) {
			return ctx.Value(key{}).(string), nil
		})
		if got != "mine" || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func BenchmarkDoAlone(b *testing.B) {
	for name, g := range map[string]*group{"Do": {}, "DoHere": {here: true}} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, _ = g.do(b.Context(), "a", time.Second, func(context.Context) (string, error) { return "", nil })
			}
		})
	}
}
