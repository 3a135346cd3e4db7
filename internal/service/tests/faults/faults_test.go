package faults_test

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

func TestWhatPassesIsTriedAgainAndWhatStaysIsNot(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	const unavailable, failed, bad = "UPSTREAM_UNAVAILABLE", "UPSTREAM_FAILED", "UPSTREAM_BAD_RESPONSE"
	for _, row := range []struct {
		what  string
		fault emulator.Fault
		times int    // how often it happens; negative: for ever
		want  string // the code, empty for an answer
		asked int    // how many requests upstream
	}{
		{"unavailable twice", emulator.Failure(503), 2, "", 3},
		{"unavailable for ever", emulator.Failure(503), -1, unavailable, 3},
		{"unavailable, with a time to come back", emulator.Fault{Effect: emulator.EffectError, Status: 503, RetryAfter: "0.2"}, 1, "", 2},
		{"a bad gateway", emulator.Failure(502), 1, "", 2},
		{"a bad gateway for ever", emulator.Failure(502), -1, unavailable, 3},
		{"a gateway's timeout", emulator.Failure(504), 1, "", 2},
		{"a gateway's timeout for ever", emulator.Failure(504), -1, unavailable, 3},
		{"a failure once", emulator.Failure(500), 1, "", 2},
		{"a permanent failure, as without a license", emulator.Failure(500), -1, failed, 2},
		{"a failure that says too much", emulator.Refusal(500, "generalException", "at https://"+servicetest.Secret+"/"), -1, failed, 2},
		{"a page with 500", emulator.HTML(500), -1, bad, 1},
		{"a page with 200", emulator.HTML(200), 2, "", 3},
		{"a page with 200 for ever", emulator.HTML(200), -1, bad, 3},
		{"a page with 503 for ever", emulator.HTML(503), -1, unavailable, 3},
		{"nothing with 200", emulator.RawBody(200, ""), 2, "", 3},
		{"half of the response", emulator.Torn("50%"), 2, "", 3},
		{"half of the response, always", emulator.Torn("50%"), -1, bad, 3},
		{"a page with 503", emulator.HTML(503), 1, "", 2},
		{"a bad request", emulator.Failure(400), -1, "UPSTREAM_BAD_REQUEST", 1},
		{"no access", emulator.Failure(403), -1, "UPSTREAM_FORBIDDEN", 1},
		{"payment", emulator.Failure(402), -1, "UPSTREAM_FORBIDDEN", 1},
		{"an unknown status", emulator.Failure(418), -1, "UPSTREAM_BAD_REQUEST", 1},
		{"a request that cannot be processed", emulator.Failure(422), -1, "UPSTREAM_BAD_REQUEST", 1},
		{"a lock", emulator.Failure(423), -1, unavailable, 1},
		{"a timeout of the request", emulator.Failure(408), 2, "", 3},
		{"a timeout of the request for ever", emulator.Failure(408), -1, unavailable, 3},
		{"not implemented", emulator.Failure(501), -1, failed, 1},
		{"too much bandwidth", emulator.Failure(509), -1, "UPSTREAM_THROTTLED", 3},
		{"a gateway's own status", emulator.HTML(524), -1, unavailable, 3},
		{"a proxy that wants a password", emulator.HTML(407), -1, unavailable, 1},
	} {
		rows.Run(row.what, func(t *testing.T) {
			s := servicetest.StartSmall(t)
			ids := s.PutPorts(t, 2)
			s.FetchToken(t)
			s.Emulator.Fail(row.fault.Times(row.times).Matching("port-1").WithHeader("X-Reason", servicetest.Secret))
			a := s.Ask(t, servicetest.PortsQuery(ids...))
			if row.want == "" {
				a.Want(t, servicetest.PortsData(ids))
			} else {
				a.Want(t, servicetest.PortsData(ids, 1), "hostPorts.1: "+row.want)
			}
			s.WantNothingEarly(t)
			if n := count(s, "hostPorts/port-1"); n != row.asked {
				t.Errorf("%d requests, want %d", n, row.asked)
			}
		})
	}
}

// count tells how often something was asked for alone.
func count(s *servicetest.Service, what string) (n int) {
	for _, asked := range s.Sent() {
		if asked == what {
			n++
		}
	}
	return n
}

func TestABrokenConnectionIsTriedAgain(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for _, row := range []struct {
		what  string
		fault emulator.Fault
	}{
		{"before the headers", emulator.Reset()},
		{"after the headers", emulator.ResetAfterHeaders()},
		{"at the beginning of the body", emulator.ResetMidBody("1%")},
		{"in the middle of the body", emulator.ResetMidBody("50%")},
		{"at the end of the body", emulator.ResetMidBody("99%")},
	} {
		for _, ports := range []int{1, 5} {
			rows.Run(fmt.Sprintf("%s of %d", row.what, ports), func(t *testing.T) {
				s := servicetest.StartSmall(t)
				ids := s.PutPorts(t, ports)
				s.FetchToken(t)
				fault := row.fault
				if ports > 1 {
					fault = fault.On(emulator.Batch)
				}
				s.Emulator.Fail(fault)
				s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids))
				if n := len(s.Sent()); n != 2 {
					t.Errorf("%d requests upstream, want 2", n)
				}
				s.Emulator.ResetLog()
				s.Emulator.Fail(fault.Times(-1))
				var all []int
				var errors []string
				for i := range ids {
					all = append(all, i)
					errors = append(errors, fmt.Sprintf("hostPorts.%d: UPSTREAM_UNAVAILABLE", i))
				}
				a := s.Ask(t, servicetest.PortsQuery(ids...)+" # for ever")
				if whole := len(a.Errors) == 0; whole { // GETs for what no batch response brought
					errors, all = nil, nil
				}
				a.Want(t, servicetest.PortsData(ids, all...), errors...)
				if n := len(s.Sent()); n < 2 || n > 6 { // the transport may add to each of three
					t.Errorf("%d requests upstream", n)
				}
			})
		}
	}
}

// However much of an answer is there, nobody sees a part of it as the whole: it is requested again.
func TestATruncatedResponseIsRequestedAgain(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 5)
	s.FetchToken(t)
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for percent := range 100 {
		cut := fmt.Sprintf("%d%%", percent)
		// Each row has ports of its own, so that its faults are its own too.
		lone := fmt.Sprintf("lone-%d", percent)
		s.Put(t, "hostPorts", fmt.Sprintf(`{"id":%q,"port":1}`, lone))
		s.Emulator.Fail(emulator.Torn(cut).Matching(lone + "?"))
		rows.Run(cut, func(t *testing.T) {
			s.Ask(t, servicetest.PortsQuery(lone)).Want(t, fmt.Sprintf(`{"hostPorts":[{"id":%q,"port":1}]}`, lone))
		})
	}
	for percent := range 100 {
		cut := fmt.Sprintf("%d%%", percent)
		s.Emulator.Fail(emulator.Torn(cut).On(emulator.Batch))
		s.Ask(t, servicetest.PortsQuery(ids...)+"#"+cut).Want(t, servicetest.PortsData(ids))
	}
}

func TestWhatIsNoEntityCostsItsFieldAlone(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.PutPorts(t, 1)
	s.FetchToken(t)
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	port := 0
	for what, body := range map[string]string{
		"nothing":               "",
		"white space":           " \r\n",
		"more behind it":        `{"id":"port-X","port":1}{}`,
		"a brace behind it":     `{"id":"port-X","port":1}}`,
		"NaN":                   `{"id":"port-X","port":NaN}`,
		"single quotes":         `{'id':'port-X','port':1}`,
		"a comma too many":      `{"id":"port-X","port":1,}`,
		"a member twice":        `{"id":"port-X","port":1,"port":2}`,
		"10,000 levels":         `{"id":"port-X","port":1,"deep":` + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000) + `}`,
		"10,000 open levels":    strings.Repeat(`{"value":`, 10_000),
		"UTF-16":                "\xff\xfe{\x00}\x00",
		"a text":                `"` + servicetest.Secret + `"`,
		"a number":              `7`,
		"a list":                `[{"id":"port-X","port":1}]`,
		"two entities":          `{"value":[{"id":"port-X"},{"id":"port-0"}]}`,
		"no member":             `{}`,
		"annotations alone":     `{"@odata.context":"https://` + servicetest.Secret + `"}`,
		"no id":                 `{"port":1}`,
		"an empty id":           `{"id":"","port":1}`,
		"a number as id":        `{"id":1,"port":1}`,
		"an error with a 200":   `{"error":{"code":"x","message":"` + servicetest.Secret + `"}}`,
		"a text for the entity": `{"value":"` + servicetest.Secret + `"}`,
	} {
		port++
		id := fmt.Sprintf("port-of-its-own-%02d", port)
		s.Put(t, "hostPorts", fmt.Sprintf(`{"id":%q,"port":1}`, id))
		rows.Run(what, func(t *testing.T) {
			// A body that is JSON is requested once, others three times.
			s.Emulator.Fail(emulator.RawBody(200, strings.ReplaceAll(body, "port-X", id)).Matching(id).Times(3).WithHeader("X-Reason", servicetest.Secret))
			ids := []string{"port-0", id}
			s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids, 1), "hostPorts.1: UPSTREAM_BAD_RESPONSE")
		})
	}
}

// Redirects would take the token along.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 3)
	s.FetchToken(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{elsewhere.URL + "/" + servicetest.Secret, "/v1.0/security/threatIntelligence/hostPorts/port-0", "//" + servicetest.Secret} {
			t.Run(fmt.Sprintf("%d to %s", status, to), func(t *testing.T) {
				s.Emulator.ResetLog()
				s.Emulator.Fail(emulator.Redirect(status, to).Matching("port-0"))
				note := fmt.Sprintf(" # %d %s", status, to)
				s.Ask(t, servicetest.PortsQuery(ids[0])+note).Want(t, servicetest.PortsData(ids[:1], 0), "hostPorts.0: UPSTREAM_BAD_RESPONSE")
				s.Emulator.Fail(emulator.Redirect(status, to).On(emulator.Batch))
				s.Ask(t, servicetest.PortsQuery(ids...)+note).Want(t, servicetest.PortsData(ids, 0, 1, 2), servicetest.PortsErrors(3, "UPSTREAM_BAD_RESPONSE")...)
				s.WantSent(t, servicetest.PortsSent(ids[0]), servicetest.RefusedBatch)
			})
		}
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// Links in an answer lead nowhere either.
func TestLinksInAResponseAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	links := fmt.Sprintf(`"@odata.nextLink":%q,"@odata.context":%[1]q,"@odata.id":%[1]q,"host@odata.navigationLink":%[1]q`, elsewhere.URL)
	s.Emulator.Fail(emulator.RawBody(200, `{"id":"port-0","port":0,"host":null,`+links+`}`))
	s.Ask(t, `{ hostPort(id: "port-0") { port host { id } } }`).Want(t, `{"hostPort":{"port":0,"host":null}}`)
	s.WantSent(t, "hostPorts/port-0")
	if n := visits.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestAHugeResponseIsCutOff(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 5)
	s.FetchToken(t)
	s.Emulator.Fail(emulator.Huge(1 << 30).Matching("port-0"))
	a := s.Ask(t, servicetest.PortsQuery(ids[:2]...))
	a.Want(t, servicetest.PortsData(ids[:2], 0), "hostPorts.0: UPSTREAM_TOO_LARGE")
	s.Emulator.Fail(emulator.Patch("port-3", "status", `"`+strings.Repeat("x", 9<<20)+`"`).Times(-1))
	b := s.Ask(t, strings.Replace(servicetest.PortsQuery(ids...), "port }", "port status }", 1))
	if b.Codes() != "UPSTREAM_TOO_LARGE" || servicetest.PathText(b.Errors[0].Path) != "hostPorts.3" {
		t.Errorf("one of a batch: %s", b.Text)
	}
	if !strings.Contains(b.Data, `{"id":"port-2","port":2,"status":"OPEN"},null,{"id":"port-4"`) {
		t.Errorf("its neighbours: %s", b.Data)
	}
	if took := a.Took + b.Took; took > 2*servicetest.Patience {
		t.Errorf("it took %v", took)
	}
}

func TestASlowUpstreamIsCutAtTheDeadlineAndTheRestIsReturned(t *testing.T) {
	t.Parallel()
	rows := &servicetest.Group{T: t}
	defer rows.Wait()
	for what, fault := range map[string]emulator.Fault{
		"the first byte comes late":        emulator.Slow(time.Minute),
		"the body stops at its beginning":  emulator.Stall("0"),
		"the body stops before its end":    emulator.Stall("99%"),
		"unavailable until after the time": {Effect: emulator.EffectError, Status: 503, RetryAfter: "60"},
	} {
		rows.Run(what, func(t *testing.T) {
			const deadline = 3 * time.Second
			s := servicetest.StartSmall(t, "PORTICO_LIMIT_DEADLINE="+deadline.String())
			ids := s.PutPorts(t, 2)
			s.FetchToken(t)
			s.Emulator.Fail(fault.Matching("port-1").Times(-1))
			a := s.Ask(t, servicetest.PortsQuery(ids...))
			want, asked := "hostPorts.1: UPSTREAM_UNAVAILABLE", 1
			if fault.Status != http.StatusServiceUnavailable {
				asked = 2 // the time limit of a try leaves time for a second one, during which the deadline may pass
				want = "hostPorts.1: " + a.Codes()
			}
			a.Want(t, servicetest.PortsData(ids, 1), want)
			if code := a.Codes(); code != "DEADLINE_EXCEEDED" && code != "UPSTREAM_UNAVAILABLE" {
				t.Errorf("got %s", code)
			}
			if a.Status != http.StatusOK || a.Took > deadline+servicetest.Patience {
				t.Errorf("%d after %v", a.Status, a.Took)
			}
			if n := count(s, "hostPorts/port-1"); n != asked {
				t.Errorf("%d requests, want %d", n, asked)
			}
		})
	}
}

func TestAnUpstreamThatIsGone(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	s.FetchToken(t)
	if err := s.EmulatorServer.Close(); err != nil {
		t.Fatal(err)
	}
	a := s.Ask(t, servicetest.PortsQuery("port-0"))
	a.Want(t, `{"hostPorts":[null]}`, "hostPorts.0: UPSTREAM_UNAVAILABLE")
	if a.Took > servicetest.Patience {
		t.Errorf("it took %v", a.Took)
	}
}

// A server that cannot prove who it is gets neither a question nor a token.
func TestAnUpstreamWithACertificateOfItsOwn(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	impostor := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	impostor.Config.ErrorLog = log.New(io.Discard, "", 0) // it complains of callers that distrust it
	impostor.StartTLS()
	t.Cleanup(impostor.Close)
	s := servicetest.Start(t, "PORTICO_GRAPH_URL="+impostor.URL+"/v1.0", "PORTICO_IDENTITY=passthrough")
	a := s.Send(t, servicetest.Operation{Query: servicetest.PortsQuery("port-0"), Accept: "application/json", Authorization: "Bearer of-ada"})
	if a.Codes() != "UPSTREAM_UNAVAILABLE" || visits.Load() != 0 {
		t.Errorf("got %v, %d requests", a.Errors, visits.Load())
	}
	if text := s.Log.String(); strings.Contains(text, "127.0.0.1") || strings.Contains(text, "of-ada") {
		t.Errorf("the log: %s", text)
	}
}

// An id that is unknown is an answer, not an error.
func TestOneOfTwentyIsUnknown(t *testing.T) {
	t.Parallel()
	s := servicetest.StartSmall(t)
	ids := s.PutPorts(t, 20)
	s.Emulator.Remove("hostPorts", "port-7")
	s.FetchToken(t)
	s.Ask(t, servicetest.PortsQuery(ids...)).Want(t, servicetest.PortsData(ids, 7))
	s.WantSent(t, servicetest.PortsSent(ids...))
	slices.Reverse(ids)
	a := s.Ask(t, servicetest.PortsQuery(ids...))
	if len(a.Errors) != 0 || !strings.Contains(a.Data, `{"id":"port-8","port":8},null,{"id":"port-6","port":6}`) {
		t.Errorf("in another order: %s", a.Text)
	}
}
