package msgraph_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

// operation returns the context of an operation of its own.
func operation(ctx context.Context) context.Context {
	ctx, _ = msgraph.WithTrace(ctx)
	return ctx
}

func TestASmallOperationDoesNotQueueBehindLargeOnes(t *testing.T) {
	for _, heavy := range []int{1, 8, 32} {
		t.Run(fmt.Sprint(heavy, " large operations"), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{latency: time.Second}
				c := newClient(t, s)
				var wg sync.WaitGroup
				for range heavy {
					wg.Go(func() { fetch(operation(t.Context()), t, c, paths(400)...) }) // 20 batches
				}
				time.Sleep(1500 * time.Millisecond)
				start := time.Now()
				fetch(operation(t.Context()), t, c, paths(3)...)
				// A round is one batch of each large operation; 16 are sent in a second. Its own batch takes one more.
				if took, round := time.Since(start), time.Duration(heavy)*time.Second/16; took > round+1500*time.Millisecond {
					t.Errorf("took %v, and a round takes %v", took, round)
				}
				wg.Wait()
				if took, want := time.Since(start)+1500*time.Millisecond, time.Duration(heavy*20/16+1)*time.Second; took > want+time.Second {
					t.Errorf("all took %v, want about %v: slots stayed empty", took, want)
				}
			})
		})
	}
}

func TestOperationsAreServedInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(1, 1))
		start := time.Now()
		ends := make([]time.Duration, 3)
		var wg sync.WaitGroup
		for i, items := range []int{100, 60, 100} { // 5, 3 and 5 batches
			wg.Go(func() {
				fetch(operation(t.Context()), t, c, paths(items)...)
				ends[i] = time.Since(start)
			})
			synctest.Wait()
		}
		wg.Wait()
		// The first gets the free slot at once, then they alternate.
		if ends[1] > 9*time.Second || ends[0] < ends[1] || ends[2] != 13*time.Second {
			t.Errorf("ended after %v", ends)
		}
	})
}

func TestIdentitiesAreServedInTurnBeforeTheirOperations(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(1, 1), msgraph.WithIdentity(identityOf))
		var wg sync.WaitGroup
		for range 20 { // many operations of one identity
			wg.Go(func() { fetch(operation(as(t, "greedy")), t, c, paths(20)...) })
		}
		synctest.Wait()
		start := time.Now()
		var modest time.Duration
		wg.Go(func() {
			fetch(operation(as(t, "modest")), t, c, paths(60)...) // 3 batches
			modest = time.Since(start)
		})
		wg.Wait()
		if modest > 7*time.Second {
			t.Errorf("an identity with one operation waited %v behind one with 20", modest)
		}
	})
}

func TestOperationsThatGiveUpLeaveTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(1, 1))
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
				defer cancel()
				fetch(operation(ctx), t, c, paths(100)...)
			})
		}
		wg.Wait()
		start := time.Now()
		fetch(operation(t.Context()), t, c, paths(20)...)
		if took := time.Since(start); took != time.Second {
			t.Errorf("took %v on an idle client, want 1 s", took)
		}
	})
}

// An endless stream of small operations, twice as many as can be served, leaves one slot in four.
func TestSmallOperationsDoNotStarveALargeOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(1, 1))
		ctx, end := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			for ctx.Err() == nil {
				wg.Go(func() { fetch(operation(ctx), t, c, paths(3)...) })
				time.Sleep(500 * time.Millisecond)
			}
		})
		time.Sleep(10 * time.Second)
		start := time.Now()
		fetch(operation(t.Context()), t, c, paths(200)...) // 10 batches
		if took := time.Since(start); took > 50*time.Second {
			t.Errorf("took %v, want about four times its time alone", took)
		}
		end()
		wg.Wait()
	})
}

func TestSingleGetsShareTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		c := newClient(t, s, msgraph.WithInFlight(2, 2))
		start := time.Now()
		var wg sync.WaitGroup
		for _, url := range paths(6) {
			wg.Go(func() { fetch(operation(t.Context()), t, c, url) })
		}
		wg.Wait()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("6 GETs, 2 at a time, took %v", took)
		}
	})
}

func TestAPausedIdentityKeepsNoSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second, replies: map[string][]reply{one: {throttle("10"), {}}}}
		c := newClient(t, s, msgraph.WithInFlight(1, 1), msgraph.WithIdentity(identityOf))
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { fetch(operation(as(t, "throttled")), t, c, paths(3)...) })
		}
		wg.Go(func() { fetch(as(t, "throttled"), t, c, one) })
		time.Sleep(30 * time.Second)
		start := time.Now()
		fetch(as(t, "another"), t, c, paths(3)...)
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("another identity waited %v", took)
		}
		wg.Wait()
	})
}

func TestAfterAPauseRequestsAreReleasedInARamp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {throttle("5"), {}}}}
		c := newClient(t, s, msgraph.WithInFlight(256, 256), msgraph.WithSharing(false))
		fetched := make(chan struct{})
		go func() { fetch(t.Context(), t, c, one); close(fetched) }()
		synctest.Wait()
		pauseEnds := time.Now().Add(5 * time.Second)
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() { fetch(operation(t.Context()), t, c, fmt.Sprintf("/hosts/r%d?$select=id", i)) })
		}
		wg.Wait()
		<-fetched
		var early, half, all int
		for _, at := range s.when[1:] {
			switch after := at.Sub(pauseEnds); {
			case after < 0:
				t.Errorf("sent %v before the end of the pause", -after)
			case after <= 50*time.Millisecond:
				early++
				fallthrough
			case after <= 350*time.Millisecond:
				half++
				fallthrough
			case after <= 1200*time.Millisecond:
				all++
			}
		}
		if early > 10 || half > 60 || all != 101 {
			t.Errorf("%d left within 50 ms of the end of the pause, %d within 350 ms, %d within 1.2 s", early, half, all)
		}
	})
}

func TestAPauseIsOneWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &service{replies: map[string][]reply{"/$batch": {throttle("5"), {}}}}
		c := newClient(t, s, msgraph.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		var wg sync.WaitGroup
		for i := range 50 {
			wg.Go(func() { fetch(operation(t.Context()), t, c, paths(1+2*(i%2))...) })
		}
		time.Sleep(time.Second)
		if got := c.Status(); got.Paused != 1 || got.Pause <= 3*time.Second {
			t.Errorf("%+v", got)
		}
		wg.Wait()
		if lines := strings.Count(log.String(), "level=WARN"); lines != 1 || !strings.Contains(log.String(), "pause_seconds=5") {
			t.Errorf("%d warnings:\n%s", lines, &log)
		}
		if got := c.Status(); got.Paused != 0 {
			t.Errorf("%+v", got)
		}
	})
}
