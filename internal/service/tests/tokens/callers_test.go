package tokens_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/service/servicetest"
)

// guarded runs the service with callers authenticated by the emulator's Entra ID, once it has the keys.
func guarded(t testing.TB, settings ...string) *servicetest.Service {
	t.Helper()
	s := servicetest.StartSmall(t, append([]string{
		"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_ENTRA_ROLES=Threats.Read.All",
	}, settings...)...)
	servicetest.Eventually(t, "the keys are loaded", func() bool { return s.CallersReady() == nil })
	return s
}

// user is the header of a user with a token for Portico.
func user(s *servicetest.Service, oid string, options ...entra.TokenOption) string {
	return "Bearer " + s.Emulator.UserToken(oid, options...)
}

// application is the header of an application with a token for Portico.
func application(s *servicetest.Service, options ...entra.TokenOption) string {
	return "Bearer " + s.Emulator.AppToken(append([]entra.TokenOption{
		entra.WithAudience("api://" + s.Emulator.ClientID()), entra.WithRoles("Threats.Read.All"),
	}, options...)...)
}

func TestCallersOfEntra(t *testing.T) {
	t.Parallel()
	s := guarded(t)
	ids := s.PutPorts(t, 1)
	for _, row := range []struct {
		what, authorization string
		status              int
		code                string
	}{
		{"a user", user(s, "ada"), 200, ""},
		{"an application", application(s), 200, ""},
		{"no token", "", 401, "UNAUTHENTICATED"},
		{"a token of nobody", "Bearer abc", 401, "UNAUTHENTICATED"},
		{"a token for Microsoft Graph", "Bearer " + s.Emulator.AppToken(), 401, "UNAUTHENTICATED"},
		{"a user without the scope", user(s, "ada", entra.WithScope("other")), 403, "FORBIDDEN"},
		{"an application without the role", application(s, entra.WithRoles("Other")), 403, "FORBIDDEN"},
		{"an expired token", user(s, "ada", entra.WithLifetime(-5*time.Minute)), 401, "UNAUTHENTICATED"},
		{"another tenant", user(s, "ada", entra.WithClaim("tid", "99999999-2222-4333-8444-555555555555")), 401, "UNAUTHENTICATED"},
	} {
		t.Run(row.what, func(t *testing.T) {
			a := s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: row.authorization})
			if a.Status != row.status || a.Codes() != row.code {
				t.Errorf("got %d %s", a.Status, a.Text)
			}
			challenge := a.Header.Get("WWW-Authenticate")
			if (row.status != 200) != strings.Contains(challenge, `resource_metadata="`+s.URL+"/.well-known/oauth-protected-resource") {
				t.Errorf("WWW-Authenticate: %s", challenge)
			}
		})
	}
	for path, want := range map[string][]int{
		"/.well-known/oauth-protected-resource": {http.StatusOK},
		"/":                                     {http.StatusOK, http.StatusServiceUnavailable}, // the playground, built or not
	} {
		response, err := http.Get(s.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if !slices.Contains(want, response.StatusCode) {
			t.Errorf("%s without a token: %d", path, response.StatusCode)
		}
	}
	for _, want := range []string{"caller=user:" + s.Emulator.Tenant() + "/ada", "caller=app:" + s.Emulator.Tenant() + "/" + s.Emulator.ClientID()} {
		if !strings.Contains(s.Log.String(), want) {
			t.Errorf("the log has no %s", want)
		}
	}
	if strings.Contains(s.Log.String(), "ada@example.com") {
		t.Error("the log has an e-mail address")
	}
}

// Whatever the identity and the caller, an answer is only ever made from what that caller may read. The question is the
// same for all, so that everything that can be shared is tempting.
func TestNoCallerGetsAnothersResponse(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	graphToken := func(s *servicetest.Service, oid, scope string) string {
		return "Bearer " + s.Emulator.UserToken(oid, entra.WithAudience(s.Emulator.Audience()), entra.WithScope(scope))
	}
	for what, mode := range map[string]struct {
		settings []string
		start    func(testing.TB, ...string) *servicetest.Service
		// may and mayNot return the headers of a caller whose query is answered, and of one whose query is not.
		may, mayNot func(s *servicetest.Service, n int) string
	}{
		"none, app": {
			nil, servicetest.StartSmall,
			func(*servicetest.Service, int) string { return "" }, nil,
		},
		"none, passthrough": {
			[]string{"PORTICO_IDENTITY=passthrough"},
			servicetest.StartSmall,
			func(s *servicetest.Service, n int) string {
				return graphToken(s, fmt.Sprint("user", n), servicetest.Permission)
			},
			func(s *servicetest.Service, n int) string { return graphToken(s, fmt.Sprint("user", n), "User.Read") },
		},
		"none, obo": {
			[]string{"PORTICO_IDENTITY=obo"},
			servicetest.StartSmall,
			func(s *servicetest.Service, n int) string { return user(s, fmt.Sprint("user", n)) },
			func(s *servicetest.Service, n int) string { return tampered(user(s, fmt.Sprint("user", n))) },
		},
		"entra, app": {
			nil, guarded,
			func(s *servicetest.Service, n int) string {
				if n%2 == 0 {
					return application(s)
				}
				return user(s, fmt.Sprint("user", n))
			},
			func(s *servicetest.Service, n int) string {
				return [...]string{
					"", tampered(user(s, fmt.Sprint("user", n))), user(s, fmt.Sprint("user", n), entra.WithScope("other")),
					application(s, entra.WithRoles("Other")), graphToken(s, fmt.Sprint("user", n), servicetest.Permission),
				}[n%5]
			},
		},
		"oidc, app": {
			nil,
			ofRealm,
			func(_ *servicetest.Service, n int) string {
				return "Bearer " + realmToken(fmt.Sprint("user", n), "threats")
			},
			func(s *servicetest.Service, n int) string {
				return [...]string{
					"", tampered("Bearer " + realmToken(fmt.Sprint("user", n), "threats")), "Bearer " + realmToken("x", "other"), user(s, "ada"),
				}[n%4]
			},
		},
		"entra, obo": {
			[]string{"PORTICO_IDENTITY=obo"},
			guarded,
			func(s *servicetest.Service, n int) string { return user(s, fmt.Sprint("user", n)) },
			func(s *servicetest.Service, n int) string {
				return [...]string{"", tampered(user(s, fmt.Sprint("user", n))), application(s), user(s, "x", entra.WithScope("other"))}[n%4]
			},
		},
	} {
		rows.Run(what, func(t *testing.T) {
			s := mode.start(t, append([]string{
				"PORTICO_EMULATOR_LATENCY=1ms",
				"PORTICO_LIMIT_DEADLINE=2m", // a busy machine must not fail the test
			}, mode.settings...)...)
			ids := s.PutPorts(t, 3)
			may, mayNot := oncePerCaller(s, mode.may), oncePerCaller(s, mode.mayNot)
			var all sync.WaitGroup
			for n := range 20 {
				dice := rand.New(rand.NewPCG(uint64(n), 7))
				all.Go(func() {
					for range 6 {
						refused := mode.mayNot != nil && dice.IntN(2) == 0
						header := may
						if refused {
							header = mayNot
						}
						q := servicetest.Operation{Query: servicetest.PortsQuery(ids...) + fmt.Sprint("#", dice.IntN(3)), Authorization: header[dice.IntN(len(header))]()}
						a := s.Send(t, q)
						if got := strings.Contains(a.Data, `"port":1`); got == refused {
							t.Errorf("refused %v: %d %s", refused, a.Status, a.Text)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// oncePerCaller returns functions that each return the header of one of 20 callers, and sign its token once.
func oncePerCaller(s *servicetest.Service, header func(*servicetest.Service, int) string) (headers [20]func() string) {
	for n := range headers {
		headers[n] = sync.OnceValue(func() string { return header(s, n) })
	}
	return headers
}

// tampered replaces the signature of a token.
func tampered(authorization string) string {
	return authorization[:strings.LastIndex(authorization, ".")+1] + base64.RawURLEncoding.EncodeToString(make([]byte, 256))
}

// Under obo each caller's answer is fetched with that caller's token, and two tokens of one caller are one caller.
func TestOnBehalfOfVerifiedCallers(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_IDENTITY=obo")
	ids := s.PutPorts(t, 1)
	for _, oid := range []string{"ada", "bob"} {
		s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, oid)}).Want(t, servicetest.PortsData(ids))
	}
	if n := s.Emulator.TokenRequests(); n != 2 {
		t.Errorf("%d token requests for two users", n)
	}
	a := s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: application(s)})
	if a.Status != http.StatusForbidden || a.Codes() != "FORBIDDEN" {
		t.Errorf("an application: %d %s", a.Status, a.Text)
	}
}

// A client that announces cp1 gets a claims challenge where it looks for one. Others keep the GraphQL error.
func TestAClaimsChallengeReachesTheClient(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_IDENTITY=obo")
	ids := s.PutPorts(t, 1)
	for what, row := range map[string]struct {
		options []entra.TokenOption
		status  int
	}{
		"cp1":  {[]entra.TokenOption{entra.WithClaim("xms_cc", []string{"cp1"})}, 401},
		"none": {nil, 200},
	} {
		s.Emulator.Fail(emulator.ClaimsChallenge(challenged))
		status, text, challenge := sendChallenged(t, s, servicetest.PortsQuery(ids...), user(s, "ada-"+what, row.options...))
		if status != row.status || !strings.Contains(text, `"CLAIMS_CHALLENGE"`) {
			t.Errorf("%s: %d %s", what, status, text)
		}
		if (row.status == 401) != strings.Contains(challenge, `error="insufficient_claims", claims="`+base64.StdEncoding.EncodeToString([]byte(challenged))+`"`) {
			t.Errorf("%s: WWW-Authenticate: %s", what, challenge)
		}
		s.Emulator.ClearFaults()
		again := user(s, "ada-"+what, append(row.options, entra.WithClaim("acrs", "c1"))...)
		s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: again}).Want(t, servicetest.PortsData(ids))
	}
}

// With passthrough the token is Microsoft Graph's business, and so is who can answer its challenge.
func TestAClaimsChallengeOfMicrosoftGraphReachesTheClient(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_IDENTITY=passthrough")
	ids := s.PutPorts(t, 1)
	for capability, want := range map[string]int{"cp1": 401, "cp0": 200} {
		s.Emulator.Fail(emulator.ClaimsChallenge(challenged))
		token := "Bearer " + s.Emulator.UserToken("ada", entra.WithAudience(s.Emulator.Audience()), entra.WithClaim("xms_cc", []string{capability}))
		status, text, challenge := sendChallenged(t, s, servicetest.PortsQuery(ids...), token)
		if status != want || !strings.Contains(text, `"UNAUTHENTICATED"`) || (want == 401) != strings.Contains(challenge, `error="insufficient_claims"`) {
			t.Errorf("%s: %d %s, WWW-Authenticate: %s", capability, status, text, challenge)
		}
		s.Emulator.ClearFaults()
	}
}

// challenged sends a query whose response may name the emulator's address, as the place to sign in again.
func sendChallenged(t *testing.T, s *servicetest.Service, text, authorization string) (status int, body, challenge string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+"/graphql", bytes.NewReader(servicetest.Body(text)))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", authorization)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	all, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(all), response.Header.Get("WWW-Authenticate")
}

func TestTheAuditLogHasALineForEachOperation(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "audit.log")
	s := guarded(t, "PORTICO_AUDIT_LOG="+file)
	ids := s.PutPorts(t, 2)
	query := "query Q { a: hostPort(id: \"port-1\") { port } b: hostPort(id: \"port-0\") { port } }"
	s.Send(t, servicetest.Operation{Query: query, Authorization: user(s, "ada")})
	s.Emulator.Fail(emulator.Refusal(403, "Forbidden", "no").Matching("port-0"))
	s.Send(t, servicetest.Operation{Query: query, Authorization: application(s)})
	s.Send(t, servicetest.Operation{Query: "{ nothing }", Authorization: user(s, "ada")})
	s.Send(t, servicetest.Operation{Query: query, Authorization: "Bearer abc"})
	s.Ask(t, servicetest.PortsQuery(ids...))
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	type line struct {
		Caller, Document, Operation, Outcome string
		Entities                             []string
		Items, Status, Errors                int
		Time                                 time.Time
	}
	var got []line
	for row := range strings.Lines(string(text)) {
		var l line
		if err := json.Unmarshal([]byte(row), &l); err != nil || l.Time.IsZero() {
			t.Errorf("%v: %s", err, row)
		}
		got = append(got, l)
	}
	if len(got) != 2 {
		t.Fatalf("%d lines:\n%s", len(got), text)
	}
	for i, want := range []line{
		{Caller: "user:" + s.Emulator.Tenant() + "/ada", Outcome: "ok"},
		{Caller: "app:" + s.Emulator.Tenant() + "/" + s.Emulator.ClientID(), Outcome: "partial", Errors: 1},
	} {
		l := got[i]
		if l.Caller != want.Caller || l.Outcome != want.Outcome || l.Errors != want.Errors || l.Operation != "Q" || l.Items != 2 || l.Status != 200 ||
			!slices.Equal(l.Entities, []string{"hostPorts/port-0", "hostPorts/port-1"}) || len(l.Document) != len("sha256:")+64 {
			t.Errorf("line %d: %+v", i, l)
		}
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
}

// Entra ID may sign with a new key at any time. The first token with it is refused, and brings the key in.
func TestANewSigningKeyIsFound(t *testing.T) {
	t.Parallel()
	s := guarded(t)
	ids := s.PutPorts(t, 1)
	s.Emulator.RollKey()
	q := servicetest.Operation{Query: servicetest.PortsQuery(ids...), Authorization: user(s, "ada")}
	if a := s.Send(t, q); a.Status != http.StatusUnauthorized || a.Codes() != "UNAUTHENTICATED" {
		t.Errorf("the first: %d %s", a.Status, a.Text)
	}
	servicetest.Eventually(t, "the new key is known", func() bool { return s.Send(t, q).Status == http.StatusOK })
}

func TestPorticoListensBeforeTheKeysAreIn(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t, "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_ENTRA_AUTHORITY=http://"+servicetest.Nobody)
	if status := s.Get(t, "/readyz").Status; status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	if status := s.Get(t, "/livez").Status; status != http.StatusOK {
		t.Errorf("/livez: %d", status)
	}
	a := s.Send(t, servicetest.Operation{Query: "{ __typename }", Authorization: user(s, "ada", entra.WithClaim("iss", "http://127.0.0.1:1/"+s.Emulator.Tenant()+"/v2.0"))})
	if a.Status != http.StatusServiceUnavailable || a.Codes() != "NOT_READY" {
		t.Errorf("got %d %s", a.Status, a.Text)
	}
}
