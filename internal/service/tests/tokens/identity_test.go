package tokens_test

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/service/servicetest"
)

func exampleQuestion(comment string) servicetest.Operation {
	return servicetest.Operation{
		Query:  fmt.Sprintf("# %s\n{ hostPort(id: %q) { port status } }", comment, servicetest.ExampleID),
		Accept: "application/json",
	}
}

func TestEqualOperationsInFlightShareOneRequestPerIdentity(t *testing.T) {
	for _, c := range []struct {
		what    string
		comment func(i int) string
		waitsIn string // the function in which a caller waits that shares the request
	}{
		{"equal operations", func(int) string { return "the same" }, "flight.(*Group[...]).DoHere("},
		{
			"other operations with equal lookups", func(i int) string { return fmt.Sprint("the operation ", i) },
			"flight.(*Inline[...]).Do(",
		},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := servicetest.Start(t, "PORTICO_IDENTITY=passthrough")
			release := make(chan struct{})
			s.Emulator.Fail(emulator.Held(release).Times(-1))
			identities := []string{s.Bearer("one", servicetest.Permission), s.Bearer("two", servicetest.Permission)}
			var all sync.WaitGroup
			for i := range 20 {
				all.Go(func() {
					q := exampleQuestion(c.comment(i))
					q.Authorization = identities[i%2]
					if a := s.Send(t, q); a.Data != `{"hostPort":{"port":21,"status":"OPEN"}}` {
						t.Errorf("got %s %v", a.Data, a.Errors)
					}
				})
			}
			servicetest.Eventually(t, "all callers wait", func() bool {
				stacks := make([]byte, 4<<20)
				return strings.Count(string(stacks[:runtime.Stack(stacks, true)]), c.waitsIn) >= 20
			})
			close(release)
			all.Wait()
			if got := len(s.Emulator.Requests()); got != 2 {
				t.Errorf("%d requests upstream, want one for each identity", got)
			}
		})
	}
}

// Whoever may not read gets nothing, however many that may ask the same at the same time.
func TestNoIdentityGetsAnothersResponse(t *testing.T) {
	s := servicetest.Start(t, "PORTICO_IDENTITY=passthrough", "PORTICO_EMULATOR_LATENCY=2ms")
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			scope, want := servicetest.Permission, ""
			if i%3 == 0 {
				scope, want = "User.Read", "UPSTREAM_FORBIDDEN"
			}
			authorization := s.Bearer(fmt.Sprint("user", i%9), scope)
			for round := range 5 {
				q := exampleQuestion(fmt.Sprint("round ", round))
				q.Authorization = authorization
				a := s.Send(t, q)
				if got := a.Codes(); got != want {
					t.Errorf("with %s: codes %q, data %s", scope, got, a.Data)
				}
			}
		})
	}
	all.Wait()
}

func TestACallerWithoutATokenLearnsWhatToSend(t *testing.T) {
	for _, identity := range []string{"passthrough", "obo"} {
		t.Run(identity, func(t *testing.T) {
			s := servicetest.Start(t, "PORTICO_IDENTITY="+identity)
			a := s.Send(t, exampleQuestion("nobody"))
			if a.Codes() != "UNAUTHENTICATED" || !strings.Contains(a.Errors[0].Message, "Authorization: Bearer") {
				t.Errorf("got %v", a.Errors)
			}
			if n := len(s.Emulator.Requests()); n != 0 {
				t.Errorf("%d requests upstream", n)
			}
		})
	}
}

func TestOnBehalfOfTheCaller(t *testing.T) {
	s := servicetest.Start(t, "PORTICO_IDENTITY=obo")
	e := s.Emulator
	q := exampleQuestion("on behalf of")
	q.Authorization = "Bearer " + e.UserToken("ada", entra.WithAudience("api://"+e.ClientID()))
	for range 3 {
		if a := s.Send(t, q); a.Codes() != "" || a.Data == "" {
			t.Errorf("got %s %v", a.Data, a.Errors)
		}
	}
	if got := e.TokenRequests(); got != 1 {
		t.Errorf("%d token requests for one caller, want 1", got)
	}
}
