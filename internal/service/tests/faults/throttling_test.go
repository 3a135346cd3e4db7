package faults_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

func TestThrottledRequestsAreRetriedAfterTheirPause(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
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
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 1)
			s.Emulator.Advance(row.clock)
			s.FetchToken(t)
			s.Emulator.Fail(emulator.TooManyRequests(row.retryAfter).WithHeader("X-Reason", servicetest.Secret))
			a := s.Ask(t, servicetest.PortsQuery(ids...))
			a.Want(t, servicetest.PortsData(ids))
			s.WantSent(t, servicetest.PortsSent(ids...), servicetest.PortsSent(ids...))
			s.WantNothingEarly(t)
			if a.Took < row.least || a.Took > row.least+servicetest.Patience {
				t.Errorf("the response came after %v, want %v", a.Took, row.least)
			}
		})
	}
}

// Nobody means a Retry-After of three thousand years. Whether it is believed or not, the operation ends in its time.
func TestAnAbsurdRetryAfterDoesNotOutlastTheDeadline(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_LIMIT_DEADLINE=2s")
	s.FetchToken(t)
	s.Emulator.Fail(emulator.TooManyRequests("99999999999").Times(-1))
	a := s.Ask(t, servicetest.PortsQuery("port-0"))
	a.Want(t, servicetest.PortsData([]string{"port-0"}, 0), "hostPorts.0: UPSTREAM_THROTTLED")
	if n := len(s.Sent()); a.Took > 2*time.Second+servicetest.Patience || n > 3 {
		t.Errorf("the response came after %v and %d requests", a.Took, n)
	}
}

func TestAWaitThatTheDeadlineDoesNotAllowFailsAtOnce(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
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
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, row.ports)
			s.FetchToken(t)
			s.Emulator.Fail(row.fault)
			var errors []string
			for _, i := range row.null {
				errors = append(errors, fmt.Sprintf("hostPorts.%d: UPSTREAM_THROTTLED", i))
			}
			for round, document := range []string{servicetest.PortsQuery(ids...), servicetest.PortsQuery(ids...) + " # once more, in the pause"} {
				a := s.Ask(t, document)
				if a.Took > servicetest.Patience {
					t.Errorf("failed after %v", a.Took)
				}
				if round == 0 {
					a.Want(t, servicetest.PortsData(ids, row.null...), errors...)
				}
				for _, e := range a.Errors {
					if seconds := e.Extensions["retryAfterSeconds"]; seconds != 60. && seconds != 59. && (round == 0 || seconds == nil) {
						t.Errorf("retryAfterSeconds is %v", seconds)
					}
				}
				if round == 1 && len(a.Errors) != row.paused {
					t.Errorf("in the pause: %s", a.Text)
				}
			}
			// An item that is throttled pauses itself, anything else the identity.
			if n := len(s.Sent()); n != 1 && row.paused == row.ports || n > 2 || strings.Count(strings.Join(s.Sent(), ""), "port-2") > 1 {
				t.Errorf("%d requests upstream, want none for what is paused", n)
			}
			s.WantNothingEarly(t)
		})
	}
}

func TestThrottledItemsAreRetriedAlone(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
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
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 6)
			s.FetchToken(t)
			s.Emulator.Fail(row.faults...)
			s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids))
			var again []string
			for _, i := range row.then {
				again = append(again, ids[i])
			}
			first := servicetest.PortsSent(ids...)
			if len(again) == len(ids) {
				first = servicetest.RefusedBatch
			}
			s.WantSent(t, first, servicetest.PortsSent(again...))
			s.WantNothingEarly(t)
		})
	}
}

// A pause is that of the identity: whoever comes meanwhile waits as well, and nobody is too early.
func TestAPauseIsShared(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 50)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.TooManyRequests("1"))
	var all sync.WaitGroup
	all.Go(func() { s.Ask(t, `{ hostPort(id: "port-0") { status } }`).Want(t, `{"hostPort":{"status":"OPEN"}}`) })
	servicetest.Eventually(t, "the refusal has arrived", func() bool { return strings.Contains(s.Log.String(), "retrying Microsoft Graph request") })
	for i, id := range ids {
		all.Go(func() {
			s.Ask(t, fmt.Sprintf("{ hostPort(id: %q) { port } }", id)).Want(t, fmt.Sprintf(`{"hostPort":{"port":%d}}`, i))
		})
	}
	all.Wait()
	s.WantNothingEarly(t)
	want := []string{"hostPorts/port-0", "hostPorts/port-0"} // refused, and again
	for _, id := range ids {
		want = append(want, "hostPorts/"+id)
	}
	got := s.Sent()
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("upstream received %d requests: %v", len(got), got)
	}
}

// What one identity has done does not hold up another.
func TestAPauseIsOfOneIdentity(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY=passthrough")
	ids := s.PutPorts(t, 1)
	s.Emulator.Fail(emulator.TooManyRequests("60"))
	ada, bob := s.Bearer("ada", servicetest.Permission), s.Bearer("bob", servicetest.Permission)
	for _, row := range []struct{ who, token, want string }{
		{"ada", ada, "UPSTREAM_THROTTLED"},
		{"ada again", ada, "UPSTREAM_THROTTLED"},
		{"bob", bob, ""},
	} {
		a := s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: row.token})
		if a.Codes() != row.want {
			t.Errorf("%s got %s", row.who, a.Text)
		}
	}
	s.WantSent(t, servicetest.PortsSent(ids...), servicetest.PortsSent(ids...))
	s.WantNothingEarly(t)
}
