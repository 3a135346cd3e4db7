package tokens_test

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
	"portico/internal/service/servicetest"
)

func TestATokenEndpointThatIsDownAtTheStart(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	busy := emulator.Fault{Effect: emulator.EffectError, Status: 503, RetryAfter: "0.2"}
	for what, fault := range map[string]emulator.Fault{
		"unavailable":                   busy,
		"throttled":                     emulator.TooManyRequests("0.2"),
		"a refusal of the secret":       emulator.Refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided."),
		"a response that is a web page": emulator.HTML(200),
		"a truncated response":          emulator.RawBody(200, `{"access_token":"`+servicetest.Secret),
		"an error without a form":       emulator.RawBody(400, servicetest.Secret),
	} {
		rows.Run(what, func(t *testing.T) {
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 3)
			s.Emulator.Fail(fault.On(emulator.Token).Times(-1))
			if status := s.Get(t, "/livez").Status; status != http.StatusOK {
				t.Errorf("/livez: %d", status)
			}
			if status := s.Get(t, "/readyz").Status; status != http.StatusServiceUnavailable {
				t.Errorf("/readyz: %d", status)
			}
			before := s.Emulator.TokenRequests()
			var all sync.WaitGroup
			for i := range 50 { // at once: the endpoint is asked again every second
				all.Go(func() {
					s.Ask(t, servicetest.PortsQuery(ids...)+fmt.Sprint("#", i)).Want(t, servicetest.PortsData(ids, 0, 1, 2), servicetest.PortsErrors(3, "UPSTREAM_AUTH")...)
				})
			}
			all.Wait()
			if n := s.Emulator.TokenRequests() - before; n > 5 {
				t.Errorf("50 queries cost %d token requests", n)
			}
			s.WantSent(t) // nothing, without a token
			s.Emulator.ClearFaults()
			servicetest.Eventually(t, "ready again", func() bool { return s.Get(t, "/readyz").Status == http.StatusOK })
			s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids))
		})
	}
}

// The token at hand outlives its endpoint; with it ends the service, and says so at once.
func TestATokenEndpointThatGoesDownLater(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 1)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.Fault{Kind: emulator.Token, Effect: emulator.EffectError, Status: 503, RetryAfter: "60", Count: -1})
	s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids))
	if status := s.Get(t, "/readyz").Status; status != http.StatusOK {
		t.Errorf("/readyz: %d", status)
	}
	s.Emulator.Advance(2 * time.Hour)
	a := s.Ask(t, servicetest.PortsQuery(ids...)+"# too late")
	a.Want(t, servicetest.PortsData(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	b := s.Ask(t, servicetest.PortsQuery(ids...)+"# and again")
	b.Want(t, servicetest.PortsData(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	if a.Took+b.Took > servicetest.Patience {
		t.Errorf("it took %v and %v", a.Took, b.Took)
	}
	if status := s.Get(t, "/readyz").Status; status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	if n := s.Emulator.TokenRequests(); n != 1 {
		t.Errorf("%d token requests, want 1: Retry-After was a minute", n)
	}
}

func TestATokenThatExpiresOnTheWayIsRenewedOnce(t *testing.T) {
	t.Parallel()
	for _, ports := range []int{1, 20} {
		t.Run(fmt.Sprint(ports), func(t *testing.T) {
			t.Parallel()
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, ports)
			s.FetchToken(t)
			s.Emulator.Advance(2 * time.Hour) // by the clock of Microsoft Graph alone
			s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids))
			if n := len(s.Sent()); n != 2 || s.Emulator.TokenRequests() != 1 {
				t.Errorf("%d requests and %d token requests, want 2 and 1", n, s.Emulator.TokenRequests())
			}
			var all sync.WaitGroup
			s.Emulator.ResetLog()
			for i := range 30 {
				all.Go(func() {
					s.Ask(t, servicetest.PortsQuery(ids...)+fmt.Sprint("#", i)).Want(t, servicetest.PortsData(ids))
				})
			}
			all.Wait()
			if n := len(s.Sent()); s.Emulator.TokenRequests() != 0 || n > 30 {
				t.Errorf("%d requests and %d token requests afterwards", n, s.Emulator.TokenRequests())
			}
		})
	}
}

func TestTokensThatExpireTogetherCostOneRenewal(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 40)
	s.FetchToken(t)
	s.Emulator.Advance(2 * time.Hour)
	sayEach(t, s, ids)
	if n := s.Emulator.TokenRequests(); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
}

// sayEach asks for each port in an operation of its own, all at the same time.
func sayEach(t testing.TB, s *servicetest.Service, ids []string) {
	t.Helper()
	var all sync.WaitGroup
	for i, id := range ids {
		all.Go(func() {
			s.Ask(t, fmt.Sprintf("{ hostPort(id: %q) { port } }", id)).Want(t, fmt.Sprintf(`{"hostPort":{"port":%d}}`, i))
		})
	}
	all.Wait()
}

func TestTwoHundredColdCallersCostOneTokenRequest(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 200)
	s.Emulator.Fail(emulator.Slow(300 * time.Millisecond).On(emulator.Token))
	sayEach(t, s, ids)
	if n := s.Emulator.TokenRequests(); n != 1 {
		t.Errorf("%d token requests, want 1", n)
	}
	if n := len(s.Sent()); n != 200 {
		t.Errorf("%d requests, want 200", n)
	}
}

// A token that Microsoft Graph keeps refusing is not renewed for ever.
func TestATokenThatIsAlwaysRefused(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 1)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.Refusal(401, "InvalidAuthenticationToken", "Access token validation failure.").Times(-1))
	s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	s.WantSent(t, "hostPorts/port-0", "hostPorts/port-0")
	for i := range 20 {
		s.Ask(t, servicetest.PortsQuery(ids...)+fmt.Sprint("#", i)).Want(t, servicetest.PortsData(ids, 0), "hostPorts.0: UPSTREAM_AUTH")
	}
	if n := s.Emulator.TokenRequests(); n > 5 {
		t.Errorf("21 queries cost %d token requests", n)
	}
	s.Emulator.ClearFaults()
	servicetest.Eventually(t, "an answer again", func() bool { return len(s.Ask(t, servicetest.PortsQuery(ids...)).Errors) == 0 })
}

const challenged = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`

func TestTheServiceMeetsAClaimsChallengeOnce(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, ports := range []int{1, 5} {
		rows.Run(fmt.Sprint(ports), func(t *testing.T) {
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, ports)
			s.FetchToken(t)
			challenge := emulator.ClaimsChallenge(challenged)
			if ports > 1 {
				challenge = challenge.On(emulator.Batch)
			}
			s.Emulator.Fail(challenge)
			s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids))
			log := s.Emulator.TokenLog()
			if n := len(s.Sent()); n != 2 || len(log) != 1 || !strings.Contains(log[0].Claims, `"acrs"`) {
				t.Errorf("%d requests, and the tokens %+v", n, log)
			}
		})
	}
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.ClaimsChallenge(challenged).Times(-1))
	s.Ask(t, servicetest.PortsQuery("port-0")).Want(t, `{"hostPorts":[null]}`, "hostPorts.0: UPSTREAM_AUTH")
	if n := len(s.Sent()); n != 2 || s.Emulator.TokenRequests() != 1 {
		t.Errorf("for ever: %d requests and %d token requests, want 2 and 1", n, s.Emulator.TokenRequests())
	}
}

// Only the caller can meet a challenge to the caller.
func TestACallerGetsTheClaimsChallenge(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for identity, want := range map[string]string{"obo": "CLAIMS_CHALLENGE", "passthrough": "UNAUTHENTICATED"} {
		rows.Run(identity, func(t *testing.T) {
			s := servicetest.StartSmall(t, "PORTICO_IDENTITY="+identity)
			ids := s.PutPorts(t, 1)
			q := servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: s.Authorization(identity)}
			s.Send(t, q).Want(t, servicetest.PortsData(ids))
			s.Emulator.ResetLog()
			s.Emulator.Fail(emulator.ClaimsChallenge(challenged))
			a := s.Send(t, q)
			a.Want(t, servicetest.PortsData(ids, 0), "hostPorts.0: "+want)
			if claims := a.Errors[0].Extensions["claims"]; claims != challenged {
				t.Errorf("the claims are %v", claims)
			}
			s.WantSent(t, "hostPorts/port-0")
			if n := s.Emulator.TokenRequests(); n != 0 {
				t.Errorf("%d token requests: no token that the service can have would help", n)
			}
		})
	}
}

// What Entra ID says of a caller's proof reaches that caller, and spoils nothing for the others.
func TestOnBehalfOfARefusedCaller(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, row := range []struct {
		what  string
		fault emulator.Fault
		want  string
	}{
		{"has to sign in again", emulator.Refusal(400, "interaction_required", "AADSTS50079: Multifactor authentication is required."), "CLAIMS_CHALLENGE"},
		{"brings a refused assertion", emulator.Refusal(400, "invalid_grant", "AADSTS50013: Assertion failed signature validation."), "UNAUTHENTICATED"},
		{"has consented to nothing", emulator.Refusal(400, "invalid_grant", "AADSTS65001: The user or administrator has not consented."), "UPSTREAM_AUTH"},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := servicetest.StartSmall(t, "PORTICO_IDENTITY=obo")
			ids := s.PutPorts(t, 1)
			s.Emulator.Fail(row.fault.On(emulator.Token))
			s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: s.Authorization("obo")}).Want(t, servicetest.PortsData(ids, 0), "hostPorts.0: "+row.want)
			other := "Bearer " + s.Emulator.UserToken("bob", entra.WithAudience("api://"+s.Emulator.ClientID()))
			s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: other}).Want(t, servicetest.PortsData(ids))
		})
	}
}

func TestAForbiddenCallerLearnsWhy(t *testing.T) {
	t.Parallel()
	const reason = "The tenant has no active license for this API."
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 5)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.Refusal(403, "Forbidden", reason).WithHeader("X-Reason", servicetest.Secret).Matching("port-1").Times(2))
	for _, list := range [][]string{ids[:2], ids} {
		a := s.Ask(t, servicetest.PortsQuery(list...))
		a.Want(t, servicetest.PortsData(list, 1), "hostPorts.1: UPSTREAM_FORBIDDEN")
		if !strings.Contains(a.Errors[0].Message, reason) {
			t.Errorf("the message is %q", a.Errors[0].Message)
		}
		for _, hint := range []string{"ThreatIntelligence.Read.All", "license"} {
			if !strings.Contains(fmt.Sprint(a.Errors[0].Extensions["hint"]), hint) {
				t.Errorf("no word of %s in the hint %v", hint, a.Errors[0].Extensions["hint"])
			}
		}
	}
	s.Emulator.Fail(emulator.Refusal(403, "Forbidden", reason))
	s.Ask(t, servicetest.PortsQuery(ids[0])).Want(t, servicetest.PortsData(ids[:1], 0), "hostPorts.0: UPSTREAM_FORBIDDEN")
	if status := s.Get(t, "/readyz").Status; status != http.StatusOK {
		t.Errorf("/readyz while one request is refused: %d", status)
	}
	s.Ask(t, servicetest.PortsQuery(ids[1])).Want(t, `{"hostPorts":[{"id":"port-1","port":1}]}`)
	if status := s.Get(t, "/readyz").Status; status != http.StatusOK {
		t.Errorf("/readyz afterwards: %d", status)
	}
}

// Where the service asks as itself, what callers send as authorization is theirs: it is neither used nor exchanged nor told.
func TestTheCallersTokenStaysWithTheService(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 1)
	s.FetchToken(t)
	q := servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: "Bearer eyJ" + servicetest.Secret}
	s.Send(t, q).Want(t, servicetest.PortsData(ids))
	q.Authorization = "Basic " + servicetest.Secret
	s.Send(t, q).Want(t, servicetest.PortsData(ids))
	grants := []string{}
	for _, token := range s.Emulator.TokenLog() {
		grants = append(grants, token.Grant)
	}
	if slices.Contains(grants, "urn:ietf:params:oauth:grant-type:jwt-bearer") {
		t.Errorf("the service exchanged a token that is not for it: %v", grants)
	}
}
