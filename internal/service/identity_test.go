package service

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"portico/emulator/entra"
)

// bearer is a user's token for Microsoft Graph, as a caller of a passing-through Portico brings it.
func (s *running) bearer(oid string, scope string) string {
	e := s.upstream.emulator
	return "Bearer " + e.UserToken(oid, entra.WithAudience(e.Audience()), entra.WithScope(scope))
}

const permission = "ThreatIntelligence.Read.All"

func exampleQuestion(comment string) asking {
	return asking{
		text:   fmt.Sprintf("# %s\n{ hostPort(id: %q) { port status } }", comment, exampleID),
		accept: "application/json",
	}
}

func TestEqualQuestionsInFlightCostOneRequestForEachIdentity(t *testing.T) {
	for _, c := range []struct {
		what    string
		comment func(i int) string
	}{
		{"equal operations", func(int) string { return "the same" }},
		{"other operations with equal lookups", func(i int) string { return fmt.Sprint("the operation ", i) }},
	} {
		t.Run(c.what, func(t *testing.T) {
			s := start(t, "PORTICO_IDENTITY=passthrough", "PORTICO_EMULATOR_LATENCY=300ms")
			identities := []string{s.bearer("one", permission), s.bearer("two", permission)}
			var all sync.WaitGroup
			for i := range 20 {
				all.Go(func() {
					q := exampleQuestion(c.comment(i))
					q.authorization = identities[i%2]
					if a := s.ask(t, q); a.data != `{"hostPort":{"port":21,"status":"OPEN"}}` {
						t.Errorf("got %s %v", a.data, a.errors)
					}
				})
			}
			all.Wait()
			if got := len(s.upstream.emulator.Requests()); got != 2 {
				t.Errorf("%d requests upstream, want one for each identity", got)
			}
		})
	}
}

// Whoever may not read gets nothing, however many that may ask the same at the same time.
func TestNoIdentityGetsAnothersAnswer(t *testing.T) {
	s := start(t, "PORTICO_IDENTITY=passthrough", "PORTICO_EMULATOR_LATENCY=2ms")
	var all sync.WaitGroup
	for i := range 60 {
		all.Go(func() {
			scope, want := permission, ""
			if i%3 == 0 {
				scope, want = "User.Read", "UPSTREAM_FORBIDDEN"
			}
			authorization := s.bearer(fmt.Sprint("user", i%9), scope)
			for round := range 5 {
				q := exampleQuestion(fmt.Sprint("round ", round))
				q.authorization = authorization
				a := s.ask(t, q)
				if got := codes(a); got != want {
					t.Errorf("with %s: codes %q, data %s", scope, got, a.data)
				}
			}
		})
	}
	all.Wait()
}

func TestACallerWithoutATokenIsToldWhatToSend(t *testing.T) {
	for _, identity := range []string{"passthrough", "obo"} {
		t.Run(identity, func(t *testing.T) {
			s := start(t, "PORTICO_IDENTITY="+identity)
			a := s.ask(t, exampleQuestion("nobody"))
			if codes(a) != "UNAUTHENTICATED" || !strings.Contains(a.errors[0].Message, "Authorization: Bearer") {
				t.Errorf("got %v", a.errors)
			}
			if n := len(s.upstream.emulator.Requests()); n != 0 {
				t.Errorf("%d requests upstream", n)
			}
		})
	}
}

func TestOnBehalfOfTheCaller(t *testing.T) {
	s := start(t, "PORTICO_IDENTITY=obo")
	e := s.upstream.emulator
	q := exampleQuestion("on behalf of")
	q.authorization = "Bearer " + e.UserToken("ada", entra.WithAudience("api://"+e.ClientID()))
	for range 3 {
		if a := s.ask(t, q); codes(a) != "" || a.data == "" {
			t.Errorf("got %s %v", a.data, a.errors)
		}
	}
	if got := e.TokenRequests(); got != 1 {
		t.Errorf("%d token requests for one caller, want 1", got)
	}
}

func codes(a answered) string {
	list := make([]string, len(a.errors))
	for i, e := range a.errors {
		list[i] = fmt.Sprint(e.Extensions["code"])
	}
	return strings.Join(list, " ")
}
