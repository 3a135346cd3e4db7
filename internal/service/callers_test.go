package service

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
)

// guarded runs the service with callers authenticated by the emulator's Entra ID, once it has the keys.
func guarded(t testing.TB, settings ...string) *troubled {
	t.Helper()
	s := trouble(t, append([]string{
		"PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_ENTRA_ROLES=Threats.Read.All",
	}, settings...)...)
	eventually(t, "the keys are loaded", func() bool { return s.Service.callers.Ready() == nil })
	return s
}

// user is the header of a user with a token for Portico.
func (s *troubled) user(oid string, options ...entra.TokenOption) string {
	return "Bearer " + s.emulator.UserToken(oid, options...)
}

// application is the header of an application with a token for Portico.
func (s *troubled) application(options ...entra.TokenOption) string {
	return "Bearer " + s.emulator.AppToken(append([]entra.TokenOption{
		entra.WithAudience("api://" + s.emulator.ClientID()), entra.WithRoles("Threats.Read.All"),
	}, options...)...)
}

func TestCallersOfEntra(t *testing.T) {
	t.Parallel()
	s := guarded(t)
	ids := s.putPorts(t, 1)
	for _, row := range []struct {
		what, authorization string
		status              int
		code                string
	}{
		{"a user", s.user("ada"), 200, ""},
		{"an application", s.application(), 200, ""},
		{"no token", "", 401, "UNAUTHENTICATED"},
		{"a token of nobody", "Bearer abc", 401, "UNAUTHENTICATED"},
		{"a token for Microsoft Graph", "Bearer " + s.emulator.AppToken(), 401, "UNAUTHENTICATED"},
		{"a user without the scope", s.user("ada", entra.WithScope("other")), 403, "FORBIDDEN"},
		{"an application without the role", s.application(entra.WithRoles("Other")), 403, "FORBIDDEN"},
		{"an expired token", s.user("ada", entra.WithLifetime(-5*time.Minute)), 401, "UNAUTHENTICATED"},
		{"another tenant", s.user("ada", entra.WithClaim("tid", "99999999-2222-4333-8444-555555555555")), 401, "UNAUTHENTICATED"},
	} {
		t.Run(row.what, func(t *testing.T) {
			a := s.hear(t, asking{text: listOf(ids...), authorization: row.authorization})
			if a.status != row.status || codes(a.answered) != row.code {
				t.Errorf("got %d %s", a.status, a.text)
			}
			challenge := a.header.Get("WWW-Authenticate")
			if (row.status != 200) != strings.Contains(challenge, `resource_metadata="`+s.url+"/.well-known/oauth-protected-resource") {
				t.Errorf("WWW-Authenticate: %s", challenge)
			}
		})
	}
	for path, want := range map[string][]int{
		"/.well-known/oauth-protected-resource": {http.StatusOK},
		"/":                                     {http.StatusOK, http.StatusServiceUnavailable}, // the playground, built or not
	} {
		response, err := http.Get(s.url + path)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if !slices.Contains(want, response.StatusCode) {
			t.Errorf("%s without a token: %d", path, response.StatusCode)
		}
	}
	for _, want := range []string{"caller=user:" + s.emulator.Tenant() + "/ada", "caller=app:" + s.emulator.Tenant() + "/" + s.emulator.ClientID()} {
		if !strings.Contains(s.log.String(), want) {
			t.Errorf("the log has no %s", want)
		}
	}
	if strings.Contains(s.log.String(), "ada@example.com") {
		t.Error("the log has an e-mail address")
	}
}

// Whatever the identity and the caller, an answer is only ever made from what that caller may read. The question is the
// same for all, so that everything that can be shared is tempting.
func TestNoCallerGetsAnothersAnswer(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	graphToken := func(s *troubled, oid, scope string) string {
		return "Bearer " + s.emulator.UserToken(oid, entra.WithAudience(s.emulator.Audience()), entra.WithScope(scope))
	}
	for what, mode := range map[string]struct {
		settings []string
		start    func(testing.TB, ...string) *troubled
		// may and mayNot return the headers of a caller whose query is answered, and of one whose query is not.
		may, mayNot func(s *troubled, n int) string
	}{
		"none, app": {
			nil, trouble,
			func(*troubled, int) string { return "" }, nil,
		},
		"none, passthrough": {
			[]string{"PORTICO_IDENTITY=passthrough"},
			trouble,
			func(s *troubled, n int) string { return graphToken(s, fmt.Sprint("user", n), permission) },
			func(s *troubled, n int) string { return graphToken(s, fmt.Sprint("user", n), "User.Read") },
		},
		"none, obo": {
			[]string{"PORTICO_IDENTITY=obo"},
			trouble,
			func(s *troubled, n int) string { return s.user(fmt.Sprint("user", n)) },
			func(s *troubled, n int) string { return tampered(s.user(fmt.Sprint("user", n))) },
		},
		"entra, app": {
			nil, guarded,
			func(s *troubled, n int) string {
				if n%2 == 0 {
					return s.application()
				}
				return s.user(fmt.Sprint("user", n))
			},
			func(s *troubled, n int) string {
				return [...]string{
					"", tampered(s.user(fmt.Sprint("user", n))), s.user(fmt.Sprint("user", n), entra.WithScope("other")),
					s.application(entra.WithRoles("Other")), graphToken(s, fmt.Sprint("user", n), permission),
				}[n%5]
			},
		},
		"oidc, app": {
			nil,
			ofRealm,
			func(_ *troubled, n int) string { return "Bearer " + realmToken(fmt.Sprint("user", n), "threats") },
			func(s *troubled, n int) string {
				return [...]string{
					"", tampered("Bearer " + realmToken(fmt.Sprint("user", n), "threats")), "Bearer " + realmToken("x", "other"), s.user("ada"),
				}[n%4]
			},
		},
		"entra, obo": {
			[]string{"PORTICO_IDENTITY=obo"},
			guarded,
			func(s *troubled, n int) string { return s.user(fmt.Sprint("user", n)) },
			func(s *troubled, n int) string {
				return [...]string{"", tampered(s.user(fmt.Sprint("user", n))), s.application(), s.user("x", entra.WithScope("other"))}[n%4]
			},
		},
	} {
		rows.Run(what, func(t *testing.T) {
			s := mode.start(t, append([]string{"PORTICO_EMULATOR_LATENCY=1ms"}, mode.settings...)...)
			ids := s.putPorts(t, 3)
			var all sync.WaitGroup
			for n := range 40 {
				dice := rand.New(rand.NewPCG(uint64(n), 7))
				all.Go(func() {
					for range 6 {
						refused := mode.mayNot != nil && dice.IntN(2) == 0
						header := mode.may
						if refused {
							header = mode.mayNot
						}
						q := asking{text: listOf(ids...) + fmt.Sprint("#", dice.IntN(3)), authorization: header(s, dice.IntN(20))}
						a := s.hear(t, q)
						if got := strings.Contains(a.data, `"port":1`); got == refused {
							t.Errorf("refused %v: %d %s", refused, a.status, a.text)
						}
					}
				})
			}
			all.Wait()
		})
	}
}

// tampered replaces the signature of a token.
func tampered(authorization string) string {
	return authorization[:strings.LastIndex(authorization, ".")+1] + base64.RawURLEncoding.EncodeToString(make([]byte, 256))
}

// Under obo each caller's answer is fetched with that caller's token, and two tokens of one caller are one caller.
func TestOnBehalfOfVerifiedCallers(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_IDENTITY=obo")
	ids := s.putPorts(t, 1)
	for _, oid := range []string{"ada", "bob"} {
		s.hear(t, asking{text: listOf(ids...), authorization: s.user(oid)}).want(t, listed(ids))
	}
	if n := s.emulator.TokenRequests(); n != 2 {
		t.Errorf("%d token requests for two users", n)
	}
	a := s.hear(t, asking{text: listOf(ids...), authorization: s.application()})
	if a.status != http.StatusForbidden || codes(a.answered) != "FORBIDDEN" {
		t.Errorf("an application: %d %s", a.status, a.text)
	}
}

// A client that announces cp1 gets a claims challenge where it looks for one. Others keep the GraphQL error.
func TestAClaimsChallengeReachesTheClient(t *testing.T) {
	t.Parallel()
	s := guarded(t, "PORTICO_IDENTITY=obo")
	ids := s.putPorts(t, 1)
	for what, row := range map[string]struct {
		options []entra.TokenOption
		status  int
	}{
		"cp1":  {[]entra.TokenOption{entra.WithClaim("xms_cc", []string{"cp1"})}, 401},
		"none": {nil, 200},
	} {
		s.emulator.Fail(emulator.ClaimsChallenge(challenged))
		status, text, challenge := s.challenged(t, listOf(ids...), s.user("ada-"+what, row.options...))
		if status != row.status || !strings.Contains(text, `"CLAIMS_CHALLENGE"`) {
			t.Errorf("%s: %d %s", what, status, text)
		}
		if (row.status == 401) != strings.Contains(challenge, `error="insufficient_claims", claims="`+base64.StdEncoding.EncodeToString([]byte(challenged))+`"`) {
			t.Errorf("%s: WWW-Authenticate: %s", what, challenge)
		}
		s.emulator.ClearFaults()
		again := s.user("ada-"+what, append(row.options, entra.WithClaim("acrs", "c1"))...)
		s.hear(t, asking{text: listOf(ids...), authorization: again}).want(t, listed(ids))
	}
}

// With passthrough the token is Microsoft Graph's business, and so is who can answer its challenge.
func TestAClaimsChallengeOfMicrosoftGraphReachesTheClient(t *testing.T) {
	t.Parallel()
	s := trouble(t, "PORTICO_IDENTITY=passthrough")
	ids := s.putPorts(t, 1)
	for capability, want := range map[string]int{"cp1": 401, "cp0": 200} {
		s.emulator.Fail(emulator.ClaimsChallenge(challenged))
		token := "Bearer " + s.emulator.UserToken("ada", entra.WithAudience(s.emulator.Audience()), entra.WithClaim("xms_cc", []string{capability}))
		status, text, challenge := s.challenged(t, listOf(ids...), token)
		if status != want || !strings.Contains(text, `"UNAUTHENTICATED"`) || (want == 401) != strings.Contains(challenge, `error="insufficient_claims"`) {
			t.Errorf("%s: %d %s, WWW-Authenticate: %s", capability, status, text, challenge)
		}
		s.emulator.ClearFaults()
	}
}

// challenged sends a query whose response may name the emulator's address, as the place to sign in again.
func (s *troubled) challenged(t *testing.T, text, authorization string) (status int, body, challenge string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url+"/graphql", bytes.NewReader(document(text)))
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
	ids := s.putPorts(t, 2)
	query := "query Q { a: hostPort(id: \"port-1\") { port } b: hostPort(id: \"port-0\") { port } }"
	s.hear(t, asking{text: query, authorization: s.user("ada")})
	s.emulator.Fail(emulator.Refusal(403, "Forbidden", "no").Matching("port-0"))
	s.hear(t, asking{text: query, authorization: s.application()})
	s.hear(t, asking{text: "{ nothing }", authorization: s.user("ada")})
	s.hear(t, asking{text: query, authorization: "Bearer abc"})
	s.hear(t, asking{text: listOf(ids...)})
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
		{Caller: "user:" + s.emulator.Tenant() + "/ada", Outcome: "ok"},
		{Caller: "app:" + s.emulator.Tenant() + "/" + s.emulator.ClientID(), Outcome: "partial", Errors: 1},
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
	ids := s.putPorts(t, 1)
	s.emulator.RollKey()
	q := asking{text: listOf(ids...), authorization: s.user("ada")}
	if a := s.hear(t, q); a.status != http.StatusUnauthorized || codes(a.answered) != "UNAUTHENTICATED" {
		t.Errorf("the first: %d %s", a.status, a.text)
	}
	eventually(t, "the new key is known", func() bool { return s.hear(t, q).status == http.StatusOK })
}

func TestPorticoListensBeforeTheKeysAreIn(t *testing.T) {
	t.Parallel()
	s := trouble(t, "PORTICO_CALLERS=entra", "PORTICO_ENTRA_SCOPES=access_as_user", "PORTICO_ENTRA_AUTHORITY=http://127.0.0.1:1")
	if status := s.probe(t, "/readyz"); status != http.StatusServiceUnavailable {
		t.Errorf("/readyz: %d", status)
	}
	if status := s.probe(t, "/livez"); status != http.StatusOK {
		t.Errorf("/livez: %d", status)
	}
	a := s.hear(t, asking{text: "{ __typename }", authorization: s.user("ada", entra.WithClaim("iss", "http://127.0.0.1:1/"+s.emulator.Tenant()+"/v2.0"))})
	if a.status != http.StatusServiceUnavailable || codes(a.answered) != "NOT_READY" {
		t.Errorf("got %d %s", a.status, a.text)
	}
}
