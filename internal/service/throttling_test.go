package service

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/emulator"
)

// generous is how much longer than needed anything may take on a machine that is busy with other tests.
const generous = 8 * time.Second

func TestWhatIsThrottledIsAskedAgainWhenTheTimeHasCome(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for _, row := range []struct {
		what, retryAfter string
		clock            time.Duration // how far the upstream's clock is off
		least            time.Duration
	}{
		{"in seconds", "1", 0, time.Second},
		{"in seconds with decimals", "0.249", 0, 249 * time.Millisecond},
		{"in no time", "0", 0, 100 * time.Millisecond},
		{"at a date", "date+1s", 0, time.Second},
		{"at a date by a clock ahead of ours", "date+1s", 10 * time.Minute, time.Second},
		{"at a date by a clock behind ours", "date+1s", -10 * time.Minute, time.Second},
		{"at a date as RFC 850 writes it", "rfc850+1s", 0, time.Second},
		{"at a date as C's asctime writes it", "asctime+1s", 0, time.Second},
		{"some time", "", 0, 100 * time.Millisecond},
		{"soon", "soon", 0, 100 * time.Millisecond},
		{"before now", "-5", 0, 100 * time.Millisecond},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := trouble(t)
			ids := s.putPorts(t, 1)
			s.emulator.Advance(row.clock)
			s.warm(t)
			s.emulator.Fail(emulator.TooManyRequests(row.retryAfter).WithHeader("X-Reason", private))
			a := s.say(t, listOf(ids...))
			a.want(t, listed(ids))
			s.wantAsked(t, batchOf(ids...), batchOf(ids...))
			s.wantNothingEarly(t)
			if a.took < row.least || a.took > row.least+generous {
				t.Errorf("answered after %v, want %v", a.took, row.least)
			}
		})
	}
}

// Nobody means a Retry-After of three thousand years. Whether it is believed or not, the operation ends in its time.
func TestAnAbsurdRetryAfterDoesNotOutlastTheDeadline(t *testing.T) {
	t.Parallel()
	s := trouble(t, "PORTICO_LIMIT_DEADLINE=2s")
	s.warm(t)
	s.emulator.Fail(emulator.TooManyRequests("99999999999").Times(-1))
	a := s.say(t, listOf("port-0"))
	a.want(t, listed([]string{"port-0"}, 0), "hostPorts.0: UPSTREAM_THROTTLED")
	if n := len(s.asked()); a.took > 2*time.Second+generous || n > 3 {
		t.Errorf("answered after %v and %d requests", a.took, n)
	}
}

func TestAWaitThatTheDeadlineDoesNotAllowFailsAtOnce(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for _, row := range []struct {
		what   string
		ports  int
		paused int // how many ports fail when asked for again
		fault  emulator.Fault
		null   []int
	}{
		{"alone", 1, 1, emulator.TooManyRequests("60"), []int{0}},
		{"at a date", 1, 1, emulator.TooManyRequests("date+60s"), []int{0}},
		{"one of a batch", 4, 1, emulator.TooManyRequests("60").Matching("port-2"), []int{2}},
		{"a whole batch", 4, 4, emulator.TooManyRequests("60").On(emulator.Batch), []int{0, 1, 2, 3}},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := trouble(t)
			ids := s.putPorts(t, row.ports)
			s.warm(t)
			s.emulator.Fail(row.fault)
			var errors []string
			for _, i := range row.null {
				errors = append(errors, fmt.Sprintf("hostPorts.%d: UPSTREAM_THROTTLED", i))
			}
			for round, document := range []string{listOf(ids...), listOf(ids...) + " # once more, in the pause"} {
				a := s.say(t, document)
				if a.took > generous {
					t.Errorf("failed after %v", a.took)
				}
				if round == 0 {
					a.want(t, listed(ids, row.null...), errors...)
				}
				for _, e := range a.errors {
					if seconds := e.Extensions["retryAfterSeconds"]; seconds != 60. && seconds != 59. && (round == 0 || seconds == nil) {
						t.Errorf("retryAfterSeconds is %v", seconds)
					}
				}
				if round == 1 && len(a.errors) != row.paused {
					t.Errorf("in the pause: %s", a.text)
				}
			}
			// An item that is throttled pauses itself, anything else the identity.
			if n := len(s.asked()); n != 1 && row.paused == row.ports || n > 2 || strings.Count(strings.Join(s.asked(), ""), "port-2") > 1 {
				t.Errorf("%d requests upstream, want none for what is paused", n)
			}
			s.wantNothingEarly(t)
		})
	}
}

func TestAThrottledPartOfABatchIsAskedAgainAlone(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for _, row := range []struct {
		what   string
		faults []emulator.Fault
		then   []int
	}{
		{"one item", []emulator.Fault{emulator.TooManyRequests("0.3").Matching("port-2")}, []int{2}},
		{"one item, without a time", []emulator.Fault{emulator.TooManyRequests("").Matching("port-2")}, []int{2}},
		{"one item, at a date", []emulator.Fault{emulator.TooManyRequests("date+1s").Matching("port-2")}, []int{2}},
		{
			"three items, with their own times",
			[]emulator.Fault{
				emulator.TooManyRequests("0.2").Matching("port-0"), emulator.TooManyRequests("1").Matching("port-3"),
				emulator.TooManyRequests("soon").Matching("port-4"),
			},
			[]int{0, 3, 4},
		},
		{"the whole batch", []emulator.Fault{emulator.TooManyRequests("0.3").On(emulator.Batch)}, []int{0, 1, 2, 3, 4, 5}},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := trouble(t)
			ids := s.putPorts(t, 6)
			s.warm(t)
			s.emulator.Fail(row.faults...)
			s.say(t, listOf(ids...)).want(t, listed(ids))
			var again []string
			for _, i := range row.then {
				again = append(again, ids[i])
			}
			first := batchOf(ids...)
			if len(again) == len(ids) {
				first = refusedBatch
			}
			s.wantAsked(t, first, batchOf(again...))
			s.wantNothingEarly(t)
		})
	}
}

// A pause is that of the identity: whoever comes meanwhile waits as well, and nobody is too early.
func TestOnePauseForAllWhoComeInIt(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 50)
	s.warm(t)
	s.emulator.Fail(emulator.TooManyRequests("1"))
	var all sync.WaitGroup
	all.Go(func() { s.say(t, `{ hostPort(id: "port-0") { status } }`).want(t, `{"hostPort":{"status":"OPEN"}}`) })
	eventually(t, "the refusal has arrived", func() bool { return strings.Contains(s.log.String(), "is sent again") })
	for i, id := range ids {
		all.Go(func() {
			s.say(t, fmt.Sprintf("{ hostPort(id: %q) { port } }", id)).want(t, fmt.Sprintf(`{"hostPort":{"port":%d}}`, i))
		})
	}
	all.Wait()
	s.wantNothingEarly(t)
	want := []string{"hostPorts/port-0", "hostPorts/port-0"} // refused, and again
	for _, id := range ids {
		want = append(want, "hostPorts/"+id)
	}
	got := s.asked()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("upstream was asked %d times: %v", len(got), got)
	}
}

// What one identity has done does not hold up another.
func TestAPauseIsOfOneIdentity(t *testing.T) {
	t.Parallel()
	s := trouble(t, "PORTICO_IDENTITY=passthrough")
	ids := s.putPorts(t, 1)
	s.emulator.Fail(emulator.TooManyRequests("60"))
	ada, bob := s.bearer("ada", permission), s.bearer("bob", permission)
	for _, row := range []struct{ who, token, want string }{
		{"ada", ada, "UPSTREAM_THROTTLED"},
		{"ada again", ada, "UPSTREAM_THROTTLED"},
		{"bob", bob, ""},
	} {
		a := s.hear(t, asking{text: listOf(ids...), authorization: row.token})
		if codes(a.answered) != row.want {
			t.Errorf("%s got %s", row.who, a.text)
		}
	}
	s.wantAsked(t, batchOf(ids...), batchOf(ids...))
	s.wantNothingEarly(t)
}
