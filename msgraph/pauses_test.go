package msgraph_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

// board is where processes tell each other of pauses.
type board struct {
	mu    sync.Mutex
	ends  map[string]time.Time
	stops int
}

// Stop implements [msgraph.Pauses].
func (b *board) Stop(identity string, wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.ends == nil {
		b.ends = map[string]time.Time{}
	}
	b.ends[identity], b.stops = time.Now().Add(wait), b.stops+1
}

// Until implements [msgraph.Pauses].
func (b *board) Until(identity string) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.ends[identity]
}

// told returns how often others were told.
func (b *board) told() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stops
}

func TestAProcessPausesWhenAnotherWasTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {throttle("2"), {}}}}
		shared := &board{}
		here := newClient(t, s, msgraph.WithIdentity(identityOf), msgraph.WithPauses(shared))
		there := newClient(t, s, msgraph.WithIdentity(identityOf), msgraph.WithPauses(shared))
		var all sync.WaitGroup
		all.Go(func() { fetch(as(t, "app"), t, here, one) })
		synctest.Wait()
		begin := time.Now()
		if got := fetch(as(t, "somebody else"), t, there, "/hosts/2?$select=id")[0]; got.err != nil || time.Since(begin) != 0 {
			t.Errorf("another identity: %v after %v", got.err, time.Since(begin))
		}
		if got := fetch(as(t, "app"), t, there, "/hosts/3?$select=id")[0]; got.err != nil {
			t.Error(got.err)
		}
		if waited := time.Since(begin); waited < 2*time.Second {
			t.Errorf("the other process sent after %v", waited)
		}
		if status := there.Status(); status.Paused != 0 {
			t.Errorf("%+v", status)
		}
		all.Wait()
	})
}

// A burst of requests gets as many 429s. The others are told once, and again when the pause is prolonged.
func TestOtherProcessesAreToldOfAPauseOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second, replies: map[string][]reply{one: {throttle("60")}}}
		for _, url := range paths(2) {
			s.replies[url] = []reply{throttle("60")}
		}
		shared := &board{}
		c := newClient(t, s, msgraph.WithIdentity(identityOf), msgraph.WithPauses(shared))
		ctx := as(t, "app")
		var all sync.WaitGroup
		for _, url := range append(paths(2), one) {
			all.Go(func() { fetch(ctx, t, c, url) })
		}
		time.Sleep(10 * time.Second)
		if told := shared.told(); told != 1 {
			t.Errorf("told %d times", told)
		}
		all.Wait()
		if told := shared.told(); told != 3 { // each attempt is told to wait again
			t.Errorf("told %d times in all", told)
		}
	})
}
