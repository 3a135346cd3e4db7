package service

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
)

func TestWhatPassesIsTriedAgainAndWhatStaysIsNot(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
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
		{"a failure for ever, as without a licence", emulator.Failure(500), -1, failed, 2},
		{"a failure that says too much", emulator.Refusal(500, "generalException", "at https://"+private+"/"), -1, failed, 2},
		{"a page with 500", emulator.HTML(500), -1, bad, 1},
		{"a page with 200", emulator.HTML(200), 2, "", 3},
		{"a page with 200 for ever", emulator.HTML(200), -1, bad, 3},
		{"a page with 503 for ever", emulator.HTML(503), -1, unavailable, 3},
		{"nothing with 200", emulator.RawBody(200, ""), 2, "", 3},
		{"half of the answer", emulator.Torn("50%"), 2, "", 3},
		{"half of the answer for ever", emulator.Torn("50%"), -1, bad, 3},
		{"a page with 503", emulator.HTML(503), 1, "", 2},
		{"a refusal of what was asked", emulator.Failure(400), -1, "UPSTREAM_BAD_REQUEST", 1},
		{"no access", emulator.Failure(403), -1, "UPSTREAM_FORBIDDEN", 1},
		{"payment", emulator.Failure(402), -1, "UPSTREAM_FORBIDDEN", 1},
		{"a status that nobody knows", emulator.Failure(418), -1, "UPSTREAM_BAD_REQUEST", 1},
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
			s := trouble(t)
			ids := s.putPorts(t, 2)
			s.warm(t)
			s.emulator.Fail(row.fault.Times(row.times).Matching("port-1").WithHeader("X-Reason", private))
			a := s.say(t, listOf(ids...))
			if row.want == "" {
				a.want(t, listed(ids))
			} else {
				a.want(t, listed(ids, 1), "hostPorts.1: "+row.want)
			}
			s.wantNothingEarly(t)
			if n := s.count("hostPorts/port-1"); n != row.asked {
				t.Errorf("asked %d times, want %d", n, row.asked)
			}
		})
	}
}

// count tells how often something was asked for alone.
func (s *troubled) count(what string) (n int) {
	for _, asked := range s.asked() {
		if asked == what {
			n++
		}
	}
	return n
}

func TestABrokenConnectionIsTriedAgain(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
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
				s := trouble(t)
				ids := s.putPorts(t, ports)
				s.warm(t)
				fault := row.fault
				if ports > 1 {
					fault = fault.On(emulator.Batch)
				}
				s.emulator.Fail(fault)
				s.say(t, listOf(ids...)).want(t, listed(ids))
				if n := len(s.asked()); n != 2 {
					t.Errorf("%d requests upstream, want 2", n)
				}
				s.emulator.ResetLog()
				s.emulator.Fail(fault.Times(-1))
				var all []int
				var errors []string
				for i := range ids {
					all = append(all, i)
					errors = append(errors, fmt.Sprintf("hostPorts.%d: UPSTREAM_UNAVAILABLE", i))
				}
				a := s.say(t, listOf(ids...)+" # for ever")
				if whole := len(a.errors) == 0; whole { // GETs for what no batch response brought
					errors, all = nil, nil
				}
				a.want(t, listed(ids, all...), errors...)
				if n := len(s.asked()); n < 2 || n > 6 { // the transport may add to each of three
					t.Errorf("%d requests upstream", n)
				}
			})
		}
	}
}

// However much of an answer is there, nobody sees a part of it as the whole: it is requested again.
func TestAnAnswerThatEndsTooSoonIsRequestedAgain(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 5)
	s.warm(t)
	rows := &together{t: t}
	defer rows.Wait()
	for percent := range 100 {
		cut := fmt.Sprintf("%d%%", percent)
		// Each row has ports of its own, so that its faults are its own too.
		lone := fmt.Sprintf("lone-%d", percent)
		s.put(t, "hostPorts", fmt.Sprintf(`{"id":%q,"port":1}`, lone))
		s.emulator.Fail(emulator.Torn(cut).Matching(lone + "?"))
		rows.Run(cut, func(t *testing.T) {
			s.say(t, listOf(lone)).want(t, fmt.Sprintf(`{"hostPorts":[{"id":%q,"port":1}]}`, lone))
		})
	}
	for percent := range 100 {
		cut := fmt.Sprintf("%d%%", percent)
		s.emulator.Fail(emulator.Torn(cut).On(emulator.Batch))
		s.say(t, listOf(ids...)+"#"+cut).want(t, listed(ids))
	}
}

// everywhere is one error for each of n ports.
func everywhere(n int, code string) (errors []string) {
	for i := range n {
		errors = append(errors, fmt.Sprintf("hostPorts.%d: %s", i, code))
	}
	return errors
}

func TestWhatIsNoEntityCostsItsFieldAlone(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	s.putPorts(t, 1)
	s.warm(t)
	rows := &together{t: t}
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
		"a text":                `"` + private + `"`,
		"a number":              `7`,
		"a list":                `[{"id":"port-X","port":1}]`,
		"two entities":          `{"value":[{"id":"port-X"},{"id":"port-0"}]}`,
		"no member":             `{}`,
		"annotations alone":     `{"@odata.context":"https://` + private + `"}`,
		"no id":                 `{"port":1}`,
		"an empty id":           `{"id":"","port":1}`,
		"a number as id":        `{"id":1,"port":1}`,
		"an error with a 200":   `{"error":{"code":"x","message":"` + private + `"}}`,
		"a text for the entity": `{"value":"` + private + `"}`,
	} {
		port++
		id := fmt.Sprintf("port-of-its-own-%02d", port)
		s.put(t, "hostPorts", fmt.Sprintf(`{"id":%q,"port":1}`, id))
		rows.Run(what, func(t *testing.T) {
			// A body that is JSON is requested once, others three times.
			s.emulator.Fail(emulator.RawBody(200, strings.ReplaceAll(body, "port-X", id)).Matching(id).Times(3).WithHeader("X-Reason", private))
			ids := []string{"port-0", id}
			s.say(t, listOf(ids...)).want(t, listed(ids, 1), "hostPorts.1: UPSTREAM_BAD_RESPONSE")
		})
	}
}

// Redirects would take the token along.
func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	s := trouble(t)
	ids := s.putPorts(t, 3)
	s.warm(t)
	for _, status := range []int{301, 302, 303, 307, 308} {
		for _, to := range []string{elsewhere.URL + "/" + private, "/v1.0/security/threatIntelligence/hostPorts/port-0", "//" + private} {
			t.Run(fmt.Sprintf("%d to %s", status, to), func(t *testing.T) {
				s.emulator.ResetLog()
				s.emulator.Fail(emulator.Redirect(status, to).Matching("port-0"))
				note := fmt.Sprintf(" # %d %s", status, to)
				s.say(t, listOf(ids[0])+note).want(t, listed(ids[:1], 0), "hostPorts.0: UPSTREAM_BAD_RESPONSE")
				s.emulator.Fail(emulator.Redirect(status, to).On(emulator.Batch))
				s.say(t, listOf(ids...)+note).want(t, listed(ids, 0, 1, 2), everywhere(3, "UPSTREAM_BAD_RESPONSE")...)
				s.wantAsked(t, batchOf(ids[0]), refusedBatch)
			})
		}
	}
	if n := visits.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

// Links in an answer lead nowhere either.
func TestLinksInAnAnswerAreNotFollowed(t *testing.T) {
	t.Parallel()
	var visits atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visits.Add(1) }))
	t.Cleanup(elsewhere.Close)
	s := trouble(t)
	s.warm(t)
	links := fmt.Sprintf(`"@odata.nextLink":%q,"@odata.context":%[1]q,"@odata.id":%[1]q,"host@odata.navigationLink":%[1]q`, elsewhere.URL)
	s.emulator.Fail(emulator.RawBody(200, `{"id":"port-0","port":0,"host":null,`+links+`}`))
	s.say(t, `{ hostPort(id: "port-0") { port host { id } } }`).want(t, `{"hostPort":{"port":0,"host":null}}`)
	s.wantAsked(t, "hostPorts/port-0")
	if n := visits.Load(); n != 0 {
		t.Errorf("%d requests went elsewhere", n)
	}
}

func TestAHugeAnswerIsCutOff(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 5)
	s.warm(t)
	s.emulator.Fail(emulator.Huge(1 << 30).Matching("port-0"))
	a := s.say(t, listOf(ids[:2]...))
	a.want(t, listed(ids[:2], 0), "hostPorts.0: UPSTREAM_TOO_LARGE")
	s.emulator.Fail(emulator.Patch("port-3", "status", `"`+strings.Repeat("x", 9<<20)+`"`).Times(-1))
	b := s.say(t, strings.Replace(listOf(ids...), "port }", "port status }", 1))
	if codes(b.answered) != "UPSTREAM_TOO_LARGE" || pathText(b.errors[0].Path) != "hostPorts.3" {
		t.Errorf("one of a batch: %s", b.text)
	}
	if !strings.Contains(b.data, `{"id":"port-2","port":2,"status":"OPEN"},null,{"id":"port-4"`) {
		t.Errorf("its neighbours: %s", b.data)
	}
	if took := a.took + b.took; took > 2*generous {
		t.Errorf("it took %v", took)
	}
}

func TestASlowUpstreamIsCutAtTheDeadlineAndTheRestIsAnswered(t *testing.T) {
	t.Parallel()
	rows := &together{t: t}
	defer rows.Wait()
	for what, fault := range map[string]emulator.Fault{
		"the first byte comes late":        emulator.Slow(time.Minute),
		"the body stops at its beginning":  emulator.Stall("0"),
		"the body stops before its end":    emulator.Stall("99%"),
		"unavailable until after the time": {Effect: emulator.EffectError, Status: 503, RetryAfter: "60"},
	} {
		rows.Run(what, func(t *testing.T) {
			const deadline = 3 * time.Second
			s := trouble(t, "PORTICO_LIMIT_DEADLINE="+deadline.String())
			ids := s.putPorts(t, 2)
			s.warm(t)
			s.emulator.Fail(fault.Matching("port-1").Times(-1))
			a := s.say(t, listOf(ids...))
			want, asked := "hostPorts.1: UPSTREAM_UNAVAILABLE", 1
			if fault.Status != http.StatusServiceUnavailable {
				asked = 2 // the time limit of a try leaves time for a second one, during which the deadline may pass
				want = "hostPorts.1: " + codes(a.answered)
			}
			a.want(t, listed(ids, 1), want)
			if code := codes(a.answered); code != "DEADLINE_EXCEEDED" && code != "UPSTREAM_UNAVAILABLE" {
				t.Errorf("got %s", code)
			}
			if a.status != http.StatusOK || a.took > deadline+generous {
				t.Errorf("%d after %v", a.status, a.took)
			}
			if n := s.count("hostPorts/port-1"); n != asked {
				t.Errorf("asked %d times, want %d", n, asked)
			}
		})
	}
}

func TestAnUpstreamThatIsGone(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	s.warm(t)
	if err := s.upstream.server.Close(); err != nil {
		t.Fatal(err)
	}
	a := s.say(t, listOf("port-0"))
	a.want(t, `{"hostPorts":[null]}`, "hostPorts.0: UPSTREAM_UNAVAILABLE")
	if a.took > generous {
		t.Errorf("it took %v", a.took)
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
	s := start(t, "PORTICO_GRAPH_URL="+impostor.URL+"/v1.0", "PORTICO_IDENTITY=passthrough")
	a := s.ask(t, asking{text: listOf("port-0"), accept: "application/json", authorization: "Bearer of-ada"})
	if codes(a) != "UPSTREAM_UNAVAILABLE" || visits.Load() != 0 {
		t.Errorf("got %v, %d requests", a.errors, visits.Load())
	}
	if text := s.log.String(); strings.Contains(text, "127.0.0.1") || strings.Contains(text, "of-ada") {
		t.Errorf("the log: %s", text)
	}
}

// An id that is unknown is an answer, not an error.
func TestOneOfTwentyIsUnknown(t *testing.T) {
	t.Parallel()
	s := trouble(t)
	ids := s.putPorts(t, 20)
	s.emulator.Remove("hostPorts", "port-7")
	s.warm(t)
	s.say(t, listOf(ids...)).want(t, listed(ids, 7))
	s.wantAsked(t, batchOf(ids...))
	slices.Reverse(ids)
	a := s.say(t, listOf(ids...))
	if len(a.errors) != 0 || !strings.Contains(a.data, `{"id":"port-8","port":8},null,{"id":"port-6","port":6}`) {
		t.Errorf("in another order: %s", a.text)
	}
}
