package faults_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"portico/emulator"
	"portico/emulator/entra"
	"portico/internal/service/servicetest"
)

// What Microsoft Graph, and what stands before it, was seen to send in public reports of bugs: each with what is right.

// threeHosts are hosts that only these tests know.
func threeHosts(t testing.TB, s *servicetest.Service) string {
	t.Helper()
	for i := 10; i < 13; i++ {
		s.Put(t, "hosts", fmt.Sprintf(`{"id":"192.0.2.%d","firstSeenDateTime":"2024-01-02T03:04:05Z"}`, i))
	}
	return `{hosts(ids:["192.0.2.10","192.0.2.11","192.0.2.12"]){id firstSeenDateTime}}`
}

// hosts is the data of threeHosts where these are null.
func hostsWithout(null ...int) string {
	list := make([]string, 3)
	for i := range list {
		list[i] = fmt.Sprintf(`{"id":"192.0.2.%d","firstSeenDateTime":"2024-01-02T03:04:05.000Z"}`, 10+i)
	}
	for _, i := range null {
		list[i] = "null"
	}
	return `{"hosts":[` + strings.Join(list, ",") + "]}"
}

func TestAMalformedItemCostsItselfAlone(t *testing.T) {
	t.Parallel()
	for what, body := range map[string]string{
		"a page": "<html>busy</html>", "unquoted text": "Service Unavailable", "an array never closed": "[1,2", "an object never closed": `{"id":"x"`,
	} {
		for i := range 3 {
			t.Run(fmt.Sprintf("%s, item %d", what, i), func(t *testing.T) {
				s := servicetest.StartSmall(t)
				query := threeHosts(t, s)
				s.FetchToken(t)
				id := fmt.Sprintf("192.0.2.%d?", 10+i)
				s.Emulator.Fail(emulator.RawBody(503, body).On(emulator.Item).Matching(id))
				s.Ask(t, query).Want(t, hostsWithout())
				s.Emulator.Fail(
					emulator.RawBody(503, body).On(emulator.Item).Matching(id),
					emulator.Failure(403).On(emulator.LoneGet).Matching(id),
				)
				s.Ask(t, query+" # for good").Want(t, hostsWithout(i), fmt.Sprintf("hosts.%d: UPSTREAM_FORBIDDEN", i))
				if log := s.Log.String(); !strings.Contains(log, "the batch response is malformed or incomplete") {
					t.Errorf("the log does not say what happened: %s", log)
				}
			})
		}
	}
}

func TestAResponseThatIsCutOffIsRequestedAgain(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	query := threeHosts(t, s)
	s.FetchToken(t)
	const cut = `{"id":"192.0.2.10","firstSeen`
	s.Emulator.Fail(emulator.RawBody(200, cut))
	s.Ask(t, `{host(id:"192.0.2.10"){id firstSeenDateTime}}`).Want(t, `{"host":{"id":"192.0.2.10","firstSeenDateTime":"2024-01-02T03:04:05.000Z"}}`)
	for _, body := range []string{cut, "", `{"responses":[{"id":"1","status":200,"body":` + cut, `{"responses":[{"id":"2","sta`} {
		s.Emulator.Fail(emulator.RawBody(200, body).On(emulator.Batch))
		s.Ask(t, query+" # "+fmt.Sprint(len(body))).Want(t, hostsWithout())
	}
}

// A 401 inside a batch is treated as that of a GET, whoever the identity is.
func TestATokenRefusedInsideABatch(t *testing.T) {
	t.Parallel()
	const claims = `{"access_token":{"acrs":{"essential":true,"value":"c1"}}}`
	expired := emulator.Refusal(401, "InvalidAuthenticationToken", "Lifetime validation failed, the token is expired.")
	challenge := emulator.ClaimsChallenge(claims)
	for _, row := range []struct {
		identity string
		fault    emulator.Fault
		times    int
		want     string // the code of each host, empty for an answer
		claims   bool
		requests int
		tokens   int // token requests after the first
	}{
		{"passthrough", expired, 3, "UNAUTHENTICATED", false, 1, 0},
		{"passthrough", challenge, 3, "UNAUTHENTICATED", true, 1, 0},
		{"app", expired, 3, "", false, 2, 1},
		{"app", challenge, 3, "", true, 2, 1},
		{"app", expired, -1, "UPSTREAM_AUTH", false, 2, 1},
		{"obo", expired, 3, "", false, 2, 1},
		{"obo", challenge, 3, "CLAIMS_CHALLENGE", true, 1, 0},
	} {
		for _, alone := range []bool{false, true} {
			t.Run(fmt.Sprint(row.identity, row.fault.Effect, row.times, alone), func(t *testing.T) {
				s := servicetest.StartSmall(t, "PORTICO_IDENTITY="+row.identity)
				q := servicetest.Operation{Query: threeHosts(t, s)}
				switch row.identity {
				case "passthrough":
					q.Authorization = s.Bearer("ada", servicetest.Permission)
				case "obo":
					q.Authorization = "Bearer " + s.Emulator.UserToken("ada", entra.WithAudience("api://"+s.Emulator.ClientID()))
				}
				warm := q
				warm.Query = `{host(id:"192.0.2.10"){firstSeenDateTime}}`
				if a := s.Send(t, warm); len(a.Errors) > 0 {
					t.Fatal(a.Text)
				}
				s.Emulator.ResetLog()
				fault, n := row.fault.On(emulator.Item).Times(row.times), 3
				if alone {
					q.Query, n = `{hosts(ids:["192.0.2.10"]){id firstSeenDateTime}}`, 1
					fault = row.fault.On(emulator.LoneGet).Times(min(row.times, 1))
				}
				s.Emulator.Fail(fault)
				a := s.Send(t, q)
				if want := strings.TrimSpace(strings.Repeat(row.want+" ", n)); a.Codes() != want {
					t.Errorf("got %s", a.Text)
				}
				for _, e := range a.Errors {
					if e.Extensions["claims"] != nil != row.claims || row.claims && e.Extensions["claims"] != claims {
						t.Errorf("claims: %v", e.Extensions)
					}
				}
				if got := len(s.Sent()); got != row.requests {
					t.Errorf("%d requests, want %d: %v", got, row.requests, s.Sent())
				}
				if got := s.Emulator.TokenRequests(); got != row.tokens {
					t.Errorf("%d token requests, want %d", got, row.tokens)
				}
				if want := fmt.Sprintf(`"requests":%d`, row.requests); !strings.Contains(a.Text, want) {
					t.Errorf("not counted as %s: %s", want, a.Text)
				}
				logged := ""
				servicetest.Eventually(t, "the request is logged", func() bool {
					for line := range strings.Lines(s.Log.String()) {
						if strings.Contains(line, "msg=request ") {
							logged = line
						}
					}
					return strings.Contains(logged, "request_ids=")
				})
				if _, ids, _ := strings.Cut(logged, "request_ids="); strings.Count(ids, ",") != row.requests-1 {
					t.Errorf("request ids are not logged: %s", logged)
				}
			})
		}
	}
}

func TestALongRetryAfterIsObeyed(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	query := threeHosts(t, s)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.TooManyRequests("7200"))
	for i := range 5 {
		a := s.Ask(t, fmt.Sprintf(`{host(id:"192.0.2.%d"){firstSeenDateTime}}`, 10+i%3)+strings.Repeat(" ", i))
		a.Want(t, `{"host":null}`, "host: UPSTREAM_THROTTLED")
		if seconds, _ := a.Errors[0].Extensions["retryAfterSeconds"].(float64); seconds < 7190 || seconds > 7200 {
			t.Errorf("retryAfterSeconds %v", seconds)
		}
	}
	if a := s.Ask(t, query); len(a.Errors) != 3 {
		t.Errorf("a batch in the pause: %s", a.Text)
	}
	s.WantSent(t, "hosts/192.0.2.10")
	s.WantNothingEarly(t)
}

func TestATextThatIsNotUnicodeCostsItselfAlone(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Put(t, "hosts", `{"id":"192.0.2.10"}`)
	s.FetchToken(t)
	for _, bad := range []string{`caf\ud83d`, `caf\ude00`, `caf\ud83dx`, "caf\xff", "caf\xe9", "caf\xed\xa0\xbd", `caf\ud83d\ud83d`} {
		body := `{"value":[{"id":"a","banners":[{"banner":"` + bad + `"}]},{"id":"b","banners":[{"banner":"ok"}],"note":"` + bad + `"}]}`
		s.Emulator.Fail(emulator.RawBody(200, body).Matching("/ports"))
		a := s.Ask(t, fmt.Sprintf(`{host(id:"192.0.2.10"){ports(first:2){nodes{id banners{banner}}}}} # %q`, bad))
		if len(a.Errors) > 0 || !strings.Contains(a.Data, `{"id":"a","banners":[{"banner":"caf`+"\ufffd") || !strings.Contains(a.Data, `{"id":"b","banners":[{"banner":"ok"}]}`) {
			t.Errorf("%q: %s", bad, a.Text)
		}
	}
	s.Emulator.Fail(emulator.RawBody(200, `{"value":{"id":"a","banners":[{"banner":"caf\ud83d"}],"port":7}}`))
	s.Ask(t, `{hostPort(id:"a"){port banners{banner}}}`).Want(t, `{"hostPort":{"port":7,"banners":[{"banner":"caf`+"\ufffd"+`"}]}}`)
}

// The log says what stood in the way, and the code that it was not Microsoft Graph.
func TestAPageOfAGatewayIsNamedInTheLog(t *testing.T) {
	t.Parallel()
	for status, want := range map[int]string{503: "UPSTREAM_UNAVAILABLE", 502: "UPSTREAM_UNAVAILABLE", 500: "UPSTREAM_BAD_RESPONSE", 200: "UPSTREAM_BAD_RESPONSE", 403: "UPSTREAM_BAD_RESPONSE", 407: "UPSTREAM_UNAVAILABLE"} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			s := servicetest.StartSmall(t)
			s.FetchToken(t)
			s.Emulator.Fail(emulator.HTML(status).Times(-1))
			s.Ask(t, servicetest.PortsQuery("port-0")).Want(t, `{"hostPorts":[null]}`, "hostPorts.0: "+want)
			named := "text/html: a proxy or gateway may have responded instead of Microsoft Graph"
			if status == 407 {
				named = "a proxy refused the request"
			}
			if log := s.Log.String(); !strings.Contains(log, "level=WARN") || !strings.Contains(log, named) {
				t.Errorf("the log: %s", log)
			}
		})
	}
}

func TestAnErrorOfAnotherFormIsRead(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.Put(t, "hosts", `{"id":"192.0.2.10"}`)
	s.Put(t, "hostPorts", `{"id":"a","port":1}`)
	if err := s.Emulator.PutList("hosts/192.0.2.10/ports", "a"); err != nil {
		t.Fatal(err)
	}
	s.FetchToken(t)
	for body, want := range map[string]string{
		"\ufeff" + `{"error":{"code":"Forbidden","message":"No consent."}}`: "No consent.",
		`{"error":"No consent."}`:                                                        "No consent.",
		`{"error":"access_denied","error_description":"No consent."}`:                    "No consent.",
		`{"Error":{"Code":"Forbidden","Message":"No consent.","innererror":{"date":1}}}`: "No consent.",
	} {
		s.Emulator.Fail(emulator.RawBody(403, body))
		a := s.Ask(t, fmt.Sprintf("{ hostPort(id: %q) { port } }", fmt.Sprint("x", len(body))))
		if a.Codes() != "UPSTREAM_FORBIDDEN" || !strings.Contains(a.Errors[0].Message, want) {
			t.Errorf("%q: %s", body, a.Text)
		}
	}
	// A refused option is learnt although a byte-order mark stands before the error.
	s.Emulator.Fail(emulator.RawBody(400, "\ufeff"+`{"error":{"code":"BadRequest","message":"Query option 'Count' is not allowed."}}`))
	a := s.Ask(t, `{host(id:"192.0.2.10"){ports(first:2){totalCount nodes{port}}}}`)
	a.Want(t, `{"host":{"ports":{"totalCount":null,"nodes":[{"port":1}]}}}`)
}

// A proxy that wants a password is named, be it for a token or for Microsoft Graph.
func TestAProxyThatRefusesIsNamedInTheLog(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, status := range []int{407, 403, 502, 0} {
		for _, settings := range [][]string{
			{"PORTICO_IDENTITY=passthrough"},
			{"PORTICO_IDENTITY=app", "AZURE_TENANT_ID=11111111-0000-4000-8000-000000000001", "AZURE_CLIENT_ID=11111111-0000-4000-8000-000000000002", "AZURE_CLIENT_SECRET=" + servicetest.Secret},
		} {
			rows.Run(fmt.Sprint(status, settings[0]), func(t *testing.T) {
				address := &url.URL{Scheme: "http", Host: servicetest.Nobody}
				if status != 0 {
					proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
					t.Cleanup(proxy.Close)
					address.Host = proxy.Listener.Addr().String()
				}
				s := servicetest.Start(t, append(settings, "PORTICO_CLOUD=global")...)
				s.UpstreamTransport.Proxy = http.ProxyURL(address)
				a := s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery("port-0"), Accept: "application/json", Authorization: "Bearer of-ada"})
				want, named := "UPSTREAM_UNAVAILABLE", fmt.Sprintf("the proxy (HTTPS_PROXY) refused the connection (HTTP %d)", status)
				switch status {
				case 407:
					named = "the proxy (HTTPS_PROXY) requires authentication (HTTP 407)"
				case 0:
					named = "the proxy (HTTPS_PROXY) cannot be reached"
				}
				if len(settings) > 1 {
					want = "UPSTREAM_AUTH"
				}
				if a.Codes() != want {
					t.Errorf("got %v", a.Errors)
				}
				if log := s.Log.String(); !strings.Contains(log, named) || strings.Contains(log, address.Host) || strings.Contains(log, servicetest.Secret) {
					t.Errorf("the log: %s", log)
				}
			})
		}
	}
}
