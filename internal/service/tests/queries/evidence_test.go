package queries_test

import (
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// A success whose body cannot be read proves nothing about the owner of a list, of a single entity, or about the owner
// itself.
func TestABodyThatCannotBeReadIsNoEvidence(t *testing.T) {
	t.Parallel()
	unknown := func(text string) emulator.Fault { return emulator.Failure(404).Matching(text).Times(-1) }
	bodies := []string{`{}`, `[]`, `[{}]`, `{"value":null}`, `{"value":{}}`, `{"value":"x"}`, `{"@odata.count":1}`, `"text"`, `7`, `{"other":[]}`}
	for _, body := range bodies {
		broken := emulator.RawBody(200, body)
		t.Run("a list: "+body, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(broken.Matching("192.0.2.1/trackers").Times(-1), unknown("192.0.2.1/"))
			a := s.Askf(t, `{ host(id: "192.0.2.1") { cookies { totalCount } trackers { totalCount } } }`)
			a.Want(t, `{"host":null}`)
		})
		t.Run("a list beside an unknown reputation: "+body, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(broken.Matching("192.0.2.1/trackers").Times(-1), unknown("192.0.2.1"))
			a := s.Askf(t, `{ host(id: "192.0.2.1") { reputation { score } trackers { totalCount } } }`)
			a.Want(t, `{"host":null}`)
		})
		if body == `{"value":null}` {
			continue // of an entity it says that there is none
		}
		t.Run("a reputation: "+body, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(broken.Matching("192.0.2.1/reputation").Times(-1), unknown("192.0.2.1/"))
			a := s.Askf(t, `{ host(id: "192.0.2.1") { cookies { totalCount } reputation { score } } }`)
			a.Want(t, `{"host":null}`)
		})
		t.Run("the owner in doubt: "+body, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(broken.Matching("192.0.2.1?").Times(-1), unknown("192.0.2.1/"))
			a := s.Askf(t, `{ host(id: "192.0.2.1") { reputation { score } } }`)
			a.Want(t, `{"host":null}`, "host: UPSTREAM_BAD_RESPONSE")
		})
	}
	t.Run("the owner in doubt is said not to exist", func(t *testing.T) {
		s := servicetest.Start(t)
		s.Emulator.Fail(emulator.RawBody(200, `{"value":null}`).Matching("192.0.2.1?").Times(-1), unknown("192.0.2.1/"))
		a := s.Askf(t, `{ host(id: "192.0.2.1") { reputation { score } } }`)
		a.Want(t, `{"host":null}`)
	})
}

// A 404 without Microsoft Graph's error object says nothing about a host: it is an error, as a GET and in a batch.
func TestA404OfAGatewayIsAnError(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]emulator.Fault{
		"a gateway's own form":    emulator.RawBody(404, `{"statusCode":404,"message":"Resource not found"}`),
		"a text for an error":     emulator.RawBody(404, `{"timestamp":"2026-01-01","status":404,"error":"Not Found","path":"/"}`),
		"problem details":         emulator.RawBody(404, `{"type":"about:blank","title":"Not Found","status":404}`),
		"errors as a list":        emulator.RawBody(404, `{"errors":[{"code":"404"}]}`),
		"an empty object":         emulator.RawBody(404, `{}`),
		"a list":                  emulator.RawBody(404, `[]`),
		"a null for an error":     emulator.RawBody(404, `{"error":null}`),
		"a page":                  emulator.HTML(404),
		"an entity with a 404":    emulator.RawBody(404, `{"id":"192.0.2.1"}`),
		"text that is not a JSON": emulator.RawBody(404, `no route`),
	} {
		t.Run(what, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(fault.Matching("192.0.2.1?").Times(-1), fault.Matching("192.0.2.1/").Times(-1))
			a := s.Askf(t, `{ host(id: "192.0.2.1") { firstSeenDateTime } }`)
			a.WantErrors(t, "host: UPSTREAM_BAD_RESPONSE")
			b := s.Askf(t, `{ host(id: "192.0.2.1") { firstSeenDateTime cookies { totalCount } trackers { totalCount } } }`)
			b.WantErrors(t, "host: UPSTREAM_BAD_RESPONSE")
			c := s.Askf(t, `{ host(id: "192.0.2.1") { id cookies { totalCount } trackers { totalCount } components { totalCount } } }`)
			c.WantErrors(t, "host.components: UPSTREAM_BAD_RESPONSE", "host.cookies: UPSTREAM_BAD_RESPONSE", "host.trackers: UPSTREAM_BAD_RESPONSE")
		})
	}
}

// An item of a batch whose 404 has no body is Microsoft Graph's, and unknown.
func TestA404WithoutABodyInABatchIsUnknown(t *testing.T) {
	t.Parallel()
	for what, fault := range map[string]emulator.Fault{
		"null": emulator.RawBody(404, `null`),
	} {
		t.Run(what, func(t *testing.T) {
			s := servicetest.Start(t)
			s.Emulator.Fail(fault.Matching("192.0.2.1?").Times(-1))
			a := s.Askf(t, `{ hosts(ids: ["192.0.2.1", "198.51.100.1", "203.0.113.1"]) { firstSeenDateTime } }`)
			a.WantNoErrors(t)
			if !strings.HasPrefix(a.Data, `{"hosts":[null,{`) {
				t.Errorf("%s", a.Data)
			}
		})
	}
}
