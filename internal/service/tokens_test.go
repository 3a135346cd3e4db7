package service

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/emulator"
	"portico/emulator/entra"
)

// probe asks one of the paths that machines ask, and keeps the answer for the search at the end.
func (s *troubled) probe(t testing.TB, path string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.heard.ReadFrom(response.Body); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}

// eventually waits for a condition that time alone brings about.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * generous); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("never: %s", what)
}

func TestATokenEndpointThatIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	busy := emulator.Fault{Effect: emulator.EffectError, Status: 503, RetryAfter: "0.2"}
	for what, fault := range map[string]emulator.Fault{
		"unavailable":              busy,
		"throttled":                emulator.TooManyRequests("0.2"),
		"a refusal of the secret":  emulator.Refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided."),
		"an answer that is a page": emulator.HTML(200),
		"an answer that is torn":   emulator.RawBody(200, `{"access_token":"`+private),
		"an error without a form":  emulator.RawBody(400, private),
	} {
		rows.Run(what, func(t *testing.T) {
			s := trouble(t)
			ids := s.putPorts(t, 3)
			s.emulator.Fail(fault.On(emulator.Token).Times(-1))
			if status := s.probe(t, "/livez"); status != http.StatusOK {
				t.Errorf("/livez: %d", status)
			}
			if status := s.probe(t, "/readyz"); status != http.StatusServiceUnavailable {
				t.Errorf("/readyz: %d", status)
			}
			before := s.emulator.TokenRequests()
			for i := range 50 {
				s.say(t, listOf(ids...)+fmt.Sprint("#", i)).want(t, listed(ids, 0, 1, 2), everywhere(3, "UPSTREAM_AUTH")...)
			}
			if n := s.emulator.TokenRequests() - before; n > 5 {
				t.Errorf("50 questions cost %d token requests", n)
			}
			s.wantAsked(t) // nothing, without a token
			s.emulator.ClearFaults()
			eventually(t, "ready again", func() bool { return s.probe(t, "/readyz") == http.StatusOK })
			s.say(t, listOf(ids...)).want(t, listed(ids))
		})
	}
}

// The token at hand outlives its endpoint; with it ends the service, and says so at once.
func TestATokenEndpointThatGoesDownLater(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 1)
	s.warm(t)
	s.emulator.Fail(emulator.Fault{Kind: emulator.Token, Effect: emulator.EffectError, Status: 503, RetryAfter: "60", Count: -1})
	s.say(t, listOf(ids...)).want(t, listed(ids))
	if status := s.probe(t, "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz: %d", status)
	}
	s.emulator.Advance(2 * time.Hour)
	a := s.say(t, listOf(ids...)+"# too late")
	a.want(t, listed(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	b := s.say(t, listOf(ids...)+"# and again")
	b.want(t, listed(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	if a.took+b.took > generous {
		t.Errorf("it took %v and %v", a.took, b.took)
	}
	if status := s.probe(t, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	if n := s.emulator.TokenRequests(); n != 1 {
		t.Errorf("%d token requests, want 1: the endpoint asked for a minute", n)
	}
}

func TestATokenThatExpiresOnTheWayIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, ports := range []int{1, 20} {
		t.Run(fmt.Sprint(ports), func(t *testing.T) {
			t.Parallel()
			s := trouble(t)
			ids := s.putPorts(t, ports)
			s.warm(t)
			s.emulator.Advance(2 * time.Hour) // by the clock of Microsoft Graph alone
			s.say(t, listOf(ids...)).want(t, listed(ids))
			if n := len(s.asked()); n != 2 || s.emulator.TokenRequests() != 1 {
				t.Errorf("%d requests and %d token requests, want 2 and 1", n, s.emulator.TokenRequests())
			}
			var all sync.WaitGroup
			s.emulator.ResetLog()
			for i := range 30 {
				all.Go(func() { s.say(t, listOf(ids...)+fmt.Sprint("#", i)).want(t, listed(ids)) })
			}
			all.Wait()
			if n := len(s.asked()); s.emulator.TokenRequests() != 0 || n > 30 {
				t.Errorf("%d requests and %d token requests afterwards", n, s.emulator.TokenRequests())
			}
		})
	}
}

func TestManyWhoseTokenExpiresTogetherCostOneRenewal(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 40)
	s.warm(t)
	s.emulator.Advance(2 * time.Hour)
	s.sayEach(t, ids)
	if n := s.emulator.TokenRequests(); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}

// sayEach asks for each port in an operation of its own, all at the same time.
func (s *troubled) sayEach(t testing.TB, ids []string) {
	t.Helper()
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			s.say(t, fmt.Sprintf("{ hostPort(id: %q) { port } }", id)).want(t, fmt.Sprintf(`{"hostPort":{"port":%d}}`, i))
		})
	}
	all.Wait()
}

func TestTwoHundredColdCallersCostOneTokenRequest(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 200)
	s.emulator.Fail(emulator.Slow(300 * time.Millisecond).On(emulator.Token))
	s.sayEach(t, ids)
	if n := s.emulator.TokenRequests(); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	if n := len(s.asked()); n != 200 {
		t.Errorf("%d requests, want 200", n)
	}
}

// A token that Microsoft Graph keeps refusing is not renewed for ever.
func TestATokenThatIsAlwaysRefused(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 1)
	s.warm(t)
	s.emulator.Fail(emulator.Refusal(401, "InvalidAuthenticationToken", "Access token validation failure.").Times(-1))
	s.say(t, listOf(ids...)).want(t, listed(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	s.wantAsked(t, "hostPorts/port-0", "hostPorts/port-0")
	for i := range 20 {
		s.say(t, listOf(ids...)+fmt.Sprint("#", i)).want(t, listed(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	}
	if n := s.emulator.TokenRequests(); n > 5 {
		t.Errorf("21 questions cost %d token requests", n)
	}
	s.emulator.ClearFaults()
	eventually(t, "an answer again", func() bool { return len(s.say(t, listOf(ids...)).errors) == 0 })
}

const challenged = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`

func TestTheServiceMeetsAClaimsChallengeOnce(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for _, ports := range []int{1, 5} {
		rows.Run(fmt.Sprint(ports), func(t *testing.T) {
			s := trouble(t)
			ids := s.putPorts(t, ports)
			s.warm(t)
			challenge := emulator.ClaimsChallenge(challenged)
			if ports > 1 {
				challenge = challenge.On(emulator.Batch)
			}
			s.emulator.Fail(challenge)
			s.say(t, listOf(ids...)).want(t, listed(ids))
			log := s.emulator.TokenLog()
			if n := len(s.asked()); n != 2 || len(log) != 1 || !strings.Contains(log[0].Claims, `"acrs"`) {
				t.Errorf("%d requests, and the tokens %+v", n, log)
			}
		})
	}
	s := trouble(t)
	s.warm(t)
	s.emulator.Fail(emulator.ClaimsChallenge(challenged).Times(-1))
	s.say(t, listOf("port-0")).want(t, `{"hostPorts":[null]}`, "hostPorts.0: UPSTREAM_AUTH")
	if n := len(s.asked()); n != 2 || s.emulator.TokenRequests() != 1 {
		t.Errorf("for ever: %d requests and %d token requests, want 2 and 1", n, s.emulator.TokenRequests())
	}
}

// Only the caller can meet a challenge to the caller.
func TestACallerIsToldOfAClaimsChallenge(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for identity, want := range map[string]string{"obo": "CLAIMS_CHALLENGE", "passthrough": "UNAUTHENTICATED"} {
		rows.Run(identity, func(t *testing.T) {
			s := trouble(t, "PORTICO_IDENTITY="+identity)
			ids := s.putPorts(t, 1)
			q := asking{text: listOf(ids...), authorization: s.callers(identity)}
			s.hear(t, q).want(t, listed(ids))
			s.emulator.ResetLog()
			s.emulator.Fail(emulator.ClaimsChallenge(challenged))
			a := s.hear(t, q)
			a.want(t, listed(ids, 0), "hostPorts.0: "+want)
			if claims := a.errors[0].Extensions["claims"]; claims != challenged {
				t.Errorf("the claims are %v", claims)
			}
			s.wantAsked(t, "hostPorts/port-0")
			if n := s.emulator.TokenRequests(); n != 0 {
				t.Errorf("%d token requests: no token that the service can have would help", n)
			}
		})
	}
}

// callers is the header of a user of a service that asks as that identity.
func (s *troubled) callers(identity string) string {
	if identity == "passthrough" {
		return s.bearer("ada", permission)
	}
	return "Bearer " + s.emulator.UserToken("ada", entra.WithAudience("api://"+s.emulator.ClientID()))
}

// What Entra ID says of a caller's proof reaches that caller, and spoils nothing for the others.
func TestOnBehalfOfACallerWhomEntraRefuses(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for _, row := range []struct {
		what  string
		fault emulator.Fault
		want  string
	}{
		{"has to sign in again", emulator.Refusal(400, "interaction_required", "AADSTS50079: Multifactor authentication is required."), "CLAIMS_CHALLENGE"},
		{"brings a proof that is no good", emulator.Refusal(400, "invalid_grant", "AADSTS50013: Assertion failed signature validation."), "UNAUTHENTICATED"},
		{"has consented to nothing", emulator.Refusal(400, "invalid_grant", "AADSTS65001: The user or administrator has not consented."), "UPSTREAM_AUTH"},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := trouble(t, "PORTICO_IDENTITY=obo")
			ids := s.putPorts(t, 1)
			s.emulator.Fail(row.fault.On(emulator.Token))
			s.hear(t, asking{text: listOf(ids...), authorization: s.callers("obo")}).want(t, listed(ids, 0), "hostPorts.0: "+row.want)
			other := "Bearer " + s.emulator.UserToken("bob", entra.WithAudience("api://"+s.emulator.ClientID()))
			s.hear(t, asking{text: listOf(ids...), authorization: other}).want(t, listed(ids))
		})
	}
}

func TestWhoMayNotReadIsToldWhy(t *testing.T) {
	t.Parallel()
	const reason = "The tenant has no active licence for this API."
	s := trouble(t)
	ids := s.putPorts(t, 5)
	s.warm(t)
	s.emulator.Fail(emulator.Refusal(403, "Forbidden", reason).WithHeader("X-Reason", private).Matching("port-1").Times(2))
	for _, list := range [][]string{ids[:2], ids} {
		a := s.say(t, listOf(list...))
		a.want(t, listed(list, 1), "hostPorts.1: UPSTREAM_FORBIDDEN")
		if !strings.Contains(a.errors[0].Message, reason) {
			t.Errorf("the message is %q", a.errors[0].Message)
		}
		for _, hint := range []string{"ThreatIntelligence.Read.All", "licence"} {
			if !strings.Contains(fmt.Sprint(a.errors[0].Extensions["hint"]), hint) {
				t.Errorf("no word of %s in the hint %v", hint, a.errors[0].Extensions["hint"])
			}
		}
	}
	s.emulator.Fail(emulator.Refusal(403, "Forbidden", reason))
	s.say(t, listOf(ids[0])).want(t, listed(ids[:1], 0), "hostPorts.0: UPSTREAM_FORBIDDEN")
	if status := s.probe(t, "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz while one request is refused: %d", status)
	}
	s.say(t, listOf(ids[1])).want(t, `{"hostPorts":[{"id":"port-1","port":1}]}`)
	if status := s.probe(t, "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz afterwards: %d", status)
	}
}

// Where the service asks as itself, what callers send as authorization is theirs: it is neither used nor exchanged nor told.
func TestTheCallersTokenStaysWithTheService(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 1)
	s.warm(t)
	q := asking{text: listOf(ids...), authorization: "Bearer eyJ" + private}
	s.hear(t, q).want(t, listed(ids))
	q.authorization = "Basic " + private
	s.hear(t, q).want(t, listed(ids))
	grants := []string{}
	for _, token := range s.emulator.TokenLog() {
		grants = append(grants, token.Grant)
	}
	if slices.Contains(grants, "urn:ietf:params:oauth:grant-type:jwt-bearer") {
		t.Errorf("the service exchanged a token that is not for it: %v", grants)
	}
}
