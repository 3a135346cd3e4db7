package faults_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// Every batch has five items, and the fault is that of the third.
func TestABatchResponseOfTheWrongKind(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	const bad = "UPSTREAM_BAD_RESPONSE"
	item := func(effect emulator.Effect) emulator.Fault { return emulator.ItemFault(effect) }
	for _, row := range []struct {
		what  string
		fault emulator.Fault
		want  string // the code of the third item, empty for an answer, "null" for neither
		again bool   // whether the third item is asked for once more
	}{
		{"the id in another case", item(emulator.EffectItemIDCase), "", false},
		{"the id twice", item(emulator.EffectDuplicateItem), "", true},
		{"the id missing", item(emulator.EffectMissingItem), "", true},
		{"an unexpected id", item(emulator.EffectUnaskedItem), "", false},
		{"the body in base64", item(emulator.EffectBase64Body), "", false},
		{"the body missing", item(emulator.EffectMissingBody), "", true},
		{"the status as text", item(emulator.EffectStatusAsString), "", false},
		{"a page with 200", emulator.HTML(200), "", true},
		{"a page with 500", emulator.HTML(500), bad, false},
		{"a page with 503", emulator.HTML(503), "", true},
		{"a torn body", emulator.Torn("50%"), "", true},
		{"a body that is a number", emulator.RawBody(200, `7`), "", true},
		{"a body that is a list", emulator.RawBody(200, `[]`), bad, false},
		{"a body with a member twice", emulator.RawBody(200, `{"id":"port-2","port":2,"port":3}`), bad, false},
		{"not found", emulator.Failure(404), "null", false},
		{"no access", emulator.Failure(403), "UPSTREAM_FORBIDDEN", false},
		{"a failed dependency", emulator.Failure(424), "", true},
		{"a failure", emulator.Failure(500), "", true},
		{"unavailable", emulator.Failure(503), "", true},
		{"a redirection", emulator.Redirect(302, "https://"+servicetest.Secret+"/"), bad, false},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 5)
			s.FetchToken(t)
			s.Emulator.Fail(row.fault.Matching("port-2").WithHeader("X-Reason", servicetest.Secret))
			a := s.Ask(t, servicetest.PortsQuery(ids...))
			switch row.want {
			case "":
				a.Want(t, servicetest.PortsData(ids))
			case "null":
				a.Want(t, servicetest.PortsData(ids, 2))
			default:
				a.Want(t, servicetest.PortsData(ids, 2), "hostPorts.2: "+row.want)
			}
			want := []string{servicetest.PortsSent(ids...)}
			if row.again {
				want = append(want, servicetest.PortsSent("port-2"))
			}
			s.WantSent(t, want...)
			s.WantNothingEarly(t)
			if left := s.Emulator.PendingFaults(); len(left) != 0 {
				t.Errorf("the fault did not happen: %v", left)
			}
		})
	}
}

// Items that fail in unlike ways: each by its own rule, and the second batch holds only what may succeed.
func TestABatchOfMixedFates(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 20)
	s.FetchToken(t)
	s.Emulator.Fail(
		emulator.Failure(429).WithHeader("rEtRy-AfTeR", "0.4").Matching("port-3?"),
		emulator.Failure(503).Matching("port-7?"),
		emulator.Failure(404).Matching("port-11?"),
		emulator.Failure(403).Matching("port-12?"),
		emulator.Failure(500).Matching("port-15?"),
		emulator.Failure(500).Matching("port-16?").Times(2),
	)
	a := s.Ask(t, servicetest.PortsQuery(ids...))
	a.Want(t, servicetest.PortsData(ids, 11, 12, 16), "hostPorts.12: UPSTREAM_FORBIDDEN", "hostPorts.16: UPSTREAM_FAILED")
	s.WantSent(t, servicetest.PortsSent(ids...), servicetest.PortsSent("port-3", "port-7", "port-15", "port-16"))
	if a.Took < 400*time.Millisecond {
		t.Errorf("the response came after %v: an item's Retry-After was not honored", a.Took)
	}
}

func TestItemsThatStayMissingAreGivenUp(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 6)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.ItemFault(emulator.EffectMissingItem).Times(-1))
	s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids, 0, 1, 2, 3, 4, 5), servicetest.PortsErrors(6, "UPSTREAM_BAD_RESPONSE")...)
	s.WantSent(t, servicetest.PortsSent(ids...), servicetest.PortsSent(ids...))
}

func TestABatchThatFailsEntirely(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	all, left, right := []int{0, 1, 2, 3, 4, 5}, []int{0, 1, 2}, []int{3, 4, 5}
	for _, row := range []struct {
		what  string
		fault emulator.Fault
		times int
		want  string // the code of all, empty for answers
		then  [][]int
	}{
		{"malformed once: in halves", emulator.Failure(400), 1, "", [][]int{left, right}},
		{"throttled once", emulator.TooManyRequests("0.2"), 1, "", [][]int{all}},
		{"unavailable once", emulator.Failure(503), 1, "", [][]int{all}},
		{"too large once: in halves", emulator.Failure(413), 1, "", [][]int{left, right}},
		{"a failed dependency without items", emulator.Failure(424), 1, "", [][]int{all}},
		{"a failure once", emulator.Failure(500), 1, "", [][]int{all}},
		{"an expired token", emulator.Failure(401), 1, "", [][]int{all}},
		{"no batches here", emulator.Failure(404), 1, "UPSTREAM_BAD_RESPONSE", nil},
		{"no access", emulator.Failure(403), 1, "UPSTREAM_FORBIDDEN", nil},
		{"a page", emulator.HTML(200), 1, "", [][]int{all}},
		{"no responses", emulator.RawBody(200, `{"value":[]}`), 1, "", [][]int{all}},
		{"responses that are an object", emulator.RawBody(200, `{"responses":{}}`), 1, "", [][]int{all}},
		{"responses that are no objects", emulator.RawBody(200, `{"responses":[1,null,"x",[]]}`), 1, "", [][]int{all}},
		{"no response", emulator.RawBody(200, `{"responses":[]}`), 1, "", [][]int{all}},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 6)
			s.FetchToken(t)
			s.Emulator.Fail(row.fault.On(emulator.Batch).Times(row.times).WithHeader("X-Reason", servicetest.Secret))
			a := s.Ask(t, servicetest.PortsQuery(ids...))
			if row.want == "" {
				a.Want(t, servicetest.PortsData(ids))
			} else {
				a.Want(t, servicetest.PortsData(ids, all...), servicetest.PortsErrors(6, row.want)...)
			}
			got := s.Sent()
			if len(got) != 1+len(row.then) {
				t.Fatalf("upstream received %v", got)
			}
			for _, half := range row.then {
				var part []string
				for _, i := range half {
					part = append(part, ids[i])
				}
				if !strings.Contains(strings.Join(got[1:], "\n"), servicetest.PortsSent(part...)) {
					t.Errorf("upstream received %v, and not %v", got, part)
				}
			}
			s.WantNothingEarly(t)
		})
	}
}

// What always makes a batch fail ends, and in few requests.
func TestABatchThatIsAlwaysRefusedEnds(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, row := range []struct {
		status int
		want   string
		most   int
	}{
		{400, "UPSTREAM_BAD_REQUEST", 3},
		{401, "UPSTREAM_AUTH", 2},
		{413, "", 31}, // halves of halves, down to lone requests, which it does not concern
		{429, "UPSTREAM_THROTTLED", 3},
		{503, "UPSTREAM_UNAVAILABLE", 3},
	} {
		rows.Run(fmt.Sprint(row.status), func(t *testing.T) {
			s := servicetest.StartSmall(t, "PORTICO_LIMIT_ERRORS=50")
			ids := s.PutPorts(t, 20)
			s.FetchToken(t)
			s.Emulator.Fail(emulator.Failure(row.status).On(emulator.Batch).Times(-1))
			a := s.Ask(t, servicetest.PortsQuery(ids...))
			for i := range ids {
				if row.want != "" && (len(a.Errors) != 20 || a.Errors[i].Extensions["code"] != row.want) {
					t.Fatalf("got %s", a.Text)
				}
			}
			if row.want == "" {
				a.Want(t, servicetest.PortsData(ids))
			}
			if n := len(s.Sent()); n > row.most {
				t.Errorf("%d requests upstream, at most %d make sense", n, row.most)
			}
		})
	}
}

func TestABatchNeverHoldsMoreThanTwenty(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 100)
	s.FetchToken(t)
	for _, row := range []struct{ ids, requests int }{{1, 1}, {2, 2}, {3, 1}, {20, 1}, {21, 2}, {22, 3}, {41, 3}, {100, 5}} {
		s.Emulator.ResetLog()
		s.Ask(t, servicetest.PortsQuery(ids[:row.ids]...)).Want(t, servicetest.PortsData(ids[:row.ids]))
		got := s.Sent()
		if len(got) != row.requests {
			t.Errorf("%d ids cost %d requests, want %d", row.ids, len(got), row.requests)
		}
		for _, one := range got {
			if n := strings.Count(one, " + ") + 1; n > 20 {
				t.Errorf("%d ids: a batch of %d", row.ids, n)
			}
		}
	}
}

// Whatever goes wrong, and whenever: what is answered is right, and the rest is null with an error of its own. Or the
// operation is refused as a whole, because so much went wrong before that it could not end in time.
func TestFaultsNeverGiveAWrongResponse(t *testing.T) {
	t.Parallel()
	answersUnderFaults(t, 8, func(round int) bool { return round < 4 })
}

// answersUnderFaults sends queries from eight callers, each with one more fault in the queue, for as many rounds as wanted.
func answersUnderFaults(t *testing.T, seed uint64, wanted func(round int) bool) {
	t.Helper()
	s := servicetest.StartSmall(t, "PORTICO_LIMIT_DEADLINE=2s", "PORTICO_LIMIT_ERRORS=100")
	ids := s.PutPorts(t, 60)
	s.FetchToken(t)
	troubles := []emulator.Fault{
		emulator.TooManyRequests("0.1"), emulator.Failure(503), emulator.Failure(500), emulator.Failure(401), emulator.HTML(200),
		emulator.Torn("60%"), emulator.Reset(), emulator.ResetMidBody("70%"), emulator.Stall("50%"), emulator.RawBody(200, "{}"),
		emulator.ItemFault(emulator.EffectDuplicateItem), emulator.ItemFault(emulator.EffectMissingItem),
		emulator.ItemFault(emulator.EffectUnaskedItem), emulator.ItemFault(emulator.EffectBase64Body),
		emulator.Failure(400).On(emulator.Batch), emulator.Torn("80%").On(emulator.Batch), emulator.Reset().On(emulator.Batch),
		emulator.Failure(500).On(emulator.Token), emulator.Slow(30 * time.Millisecond).Times(5),
	}
	var answered, refused atomic.Int32
	var all sync.WaitGroup
	for caller := range 8 {
		dice := rand.New(rand.NewPCG(seed, uint64(caller)))
		all.Go(func() {
			for round := 0; wanted(round); round++ {
				s.Emulator.Fail(troubles[dice.IntN(len(troubles))])
				from := dice.IntN(len(ids))
				some := ids[from:min(len(ids), from+1+dice.IntN(25))]
				a := s.Ask(t, servicetest.PortsQuery(some...)+fmt.Sprint("# ", caller, " ", round))
				if a.Status == http.StatusServiceUnavailable && a.Codes() == "OVERLOADED" {
					refused.Add(1)
					time.Sleep(time.Second) // as the response demands
					continue
				}
				answered.Add(1)
				wantRightOrNull(t, s, some, a)
			}
		})
	}
	all.Wait() // some came early: they were under way when others were told to wait
	if answered.Load() <= refused.Load() {
		t.Errorf("%d operations were answered, and %d refused", answered.Load(), refused.Load())
	}
	s.Emulator.ClearFaults()
	// A refused token is replaced once a second, and a fetch of one that failed waits before it tries again.
	tries := 0
	servicetest.Eventually(t, "answered again", func() bool {
		tries++
		return len(s.Ask(t, servicetest.PortsQuery(ids...)+fmt.Sprint("# try ", tries)).Errors) == 0
	})
	s.Ask(t, servicetest.PortsQuery(ids...)+"# at the end").Want(t, servicetest.PortsData(ids))
}

func wantRightOrNull(t testing.TB, s *servicetest.Service, ids []string, a servicetest.Reply) {
	var data struct {
		HostPorts []*struct {
			ID   string
			Port int
		}
	}
	servicetest.Decode(t, a.Data, &data)
	failed := map[string]int{}
	for _, e := range a.Errors {
		failed[servicetest.PathText(e.Path)]++
	}
	if a.Status != http.StatusOK || len(data.HostPorts) != len(ids) {
		t.Errorf("%d %s", a.Status, a.Text)
		return
	}
	for i, port := range data.HostPorts {
		errors := failed[fmt.Sprintf("hostPorts.%d", i)]
		switch {
		case port == nil && errors != 1, port != nil && errors != 0:
			t.Errorf("%s: null is %t, and errors %d: %s", ids[i], port == nil, errors, a.Text)
		case port != nil && (port.ID != ids[i] || fmt.Sprintf("port-%d", port.Port) != ids[i]):
			t.Errorf("%s: got %+v", ids[i], *port)
		}
	}
}
