package msgraph_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

func TestCallsLeaveInBatchesOfTwenty(t *testing.T) {
	for calls, want := range map[int][]string{
		1:   {"GET /hosts/1?$select=id"},
		2:   {"GET /hosts/1?$select=id", "GET /hosts/2?$select=id"},
		3:   {"POST 3"},
		20:  {"POST 20"},
		21:  {"GET /hosts/21?$select=id", "POST 20"},
		41:  {"GET /hosts/41?$select=id", "POST 20", "POST 20"},
		300: slices.Repeat([]string{"POST 20"}, 15),
	} {
		t.Run(fmt.Sprint(calls), func(t *testing.T) {
			s := &service{}
			urls := paths(calls)
			for i, got := range fetch(t.Context(), t, newClient(t, s), urls...) {
				if got.err != nil || got.body != entity(urls[i]) {
					t.Fatalf("%s: got %s, %v", urls[i], got.body, got.err)
				}
			}
			if diff := cmp.Diff(want, slices.Sorted(slices.Values(s.sent()))); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
		})
	}
}

func TestNoCallsSendNothing(t *testing.T) {
	s := &service{}
	fetch(t.Context(), t, newClient(t, s))
	if got := s.sent(); got != nil {
		t.Errorf("sent %v", got)
	}
}

func TestEachItemGoesByItsOwnRule(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		urls := paths(7)
		s := &service{replies: map[string][]reply{
			urls[1]: {{status: 429, header: map[string]string{"rETRY-aFTER": "2"}, body: refusal}, {}},
			urls[2]: {{status: 503, body: refusal}, {}},
			urls[3]: {{status: 404, body: `{"error":{"code":"UnknownError","message":""}}`}},
			urls[4]: {{status: 403, body: refusal}},
			urls[5]: {{status: 500, body: refusal}},
			urls[6]: {{status: 401, body: `{"error":null}`}},
		}}
		got := fetch(t.Context(), t, newClient(t, s), urls...)
		want := []string{"ok", "ok", "ok", "refused 404", "refused 403", "refused 500", "refused 401"}
		if diff := cmp.Diff(want, verdicts(got)); diff != "" {
			t.Errorf("results (-want +got):\n%s", diff)
		}
		if wait := s.when[2].Sub(s.when[0]); wait > 600*time.Millisecond {
			t.Errorf("what was not throttled left after %v", wait)
		}
		if wait := s.when[3].Sub(s.when[0]); wait < 2*time.Second || wait > 2500*time.Millisecond {
			t.Errorf("what was throttled left after %v", wait)
		}
		sent := s.sent()
		slices.Sort(sent[1:3])
		if diff := cmp.Diff([]string{"POST 7", "GET " + urls[2], "GET " + urls[5], "GET " + urls[1]}, sent); diff != "" {
			t.Errorf("sent (-want +got):\n%s", diff)
		}
		wantErr := &msgraph.Error{Kind: msgraph.Refused, Status: 403, Code: "Forbidden", Message: "No license.", RequestID: "00000000-0000-4000-8000-000000000001"}
		if diff := cmp.Diff(wantErr, got[4].err); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
		if !got[3].err.NotFound() || got[4].err.NotFound() {
			t.Error("only the 404 says that there is none")
		}
	})
}

func TestUnusualBatchResponses(t *testing.T) {
	urls := paths(4)
	type response = map[string]any
	first := func(responses []response) response { return responses[len(responses)-1] } // they come in reverse
	for name, row := range map[string]struct {
		twist func(responses []response)
		first string
		body  string
		sent  []string
	}{
		"status as text":       {func(r []response) { first(r)["status"] = "200" }, "ok", entity(urls[0]), []string{"POST 4"}},
		"id as number":         {func(r []response) { first(r)["id"] = 1 }, "ok", entity(urls[0]), []string{"POST 4"}},
		"one id twice":         {func(r []response) { r[0]["id"] = "1" }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0], "GET " + urls[3]}},
		"id never asked":       {func(r []response) { first(r)["id"] = "21" }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"id missing":           {func(r []response) { delete(first(r), "id") }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"no status":            {func(r []response) { delete(first(r), "status") }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"no body with 200":     {func(r []response) { delete(first(r), "body") }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"no body with 204":     {func(r []response) { delete(first(r), "body"); first(r)["status"] = 204 }, "ok", "null", []string{"POST 4"}},
		"null body with 404":   {func(r []response) { first(r)["body"] = nil; first(r)["status"] = 404 }, "refused 404", "", []string{"POST 4"}},
		"absent body with 404": {func(r []response) { delete(first(r), "body"); first(r)["status"] = 404 }, "refused 404", "", []string{"POST 4"}},
		"a gateway's body with 404": {func(r []response) {
			first(r)["body"] = response{"statusCode": 404, "message": "Resource not found"}
			first(r)["status"] = 404
		}, "bad response 404", "", []string{"POST 4"}},
		"an entity with 404":       {func(r []response) { first(r)["status"] = 404 }, "bad response 404", "", []string{"POST 4"}},
		"body in base64":           {func(r []response) { first(r)["body"] = base64.StdEncoding.EncodeToString([]byte(`{"id":"ÿ?~"}`)) }, "ok", `{"id":"ÿ?~"}`, []string{"POST 4"}},
		"body in base64url":        {func(r []response) { first(r)["body"] = base64.RawURLEncoding.EncodeToString([]byte(`{"id":"ÿ?~"}`)) }, "ok", `{"id":"ÿ?~"}`, []string{"POST 4"}},
		"body is HTML":             {func(r []response) { first(r)["body"] = "<!doctype html>" }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"body is HTML, status 500": {func(r []response) { first(r)["body"] = "<html>"; first(r)["status"] = 500 }, "bad response 500", "", []string{"POST 4"}},
		"body is base64 of text":   {func(r []response) { first(r)["body"] = base64.StdEncoding.EncodeToString([]byte("secret")) }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"body is a number":         {func(r []response) { first(r)["body"] = 7 }, "ok", entity(urls[0]), []string{"POST 4", "GET " + urls[0]}},
		"a redirect":               {func(r []response) { first(r)["status"] = 302 }, "bad response 302", "", []string{"POST 4"}},
		"headers no object":        {func(r []response) { first(r)["headers"] = "x"; first(r)["status"] = 403 }, "refused 403", "", []string{"POST 4"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &service{twist: func(r []response) any { row.twist(r); return response{"responses": r} }}
			got := fetch(t.Context(), t, newClient(t, s, msgraph.WithBackoff(time.Millisecond)), urls...)
			if got[0].verdict() != strings.TrimSuffix(row.first, " 0") || got[0].body != row.body {
				t.Errorf("first: got %s with %q, want %s with %q", got[0].verdict(), got[0].body, row.first, row.body)
			}
			if diff := cmp.Diff([]string{"ok", "ok", "ok"}, verdicts(got[1:])); diff != "" {
				t.Errorf("the others (-want +got):\n%s", diff)
			}
			sent := s.sent()
			slices.Sort(sent[1:])
			if diff := cmp.Diff(row.sent, sent); diff != "" {
				t.Errorf("sent (-want +got):\n%s", diff)
			}
			if e := got[0].err; e != nil && strings.Contains(e.Error(), "secret") {
				t.Errorf("error shows the body: %v", e)
			}
		})
	}
}

func TestMissingResponsesAreRequestedOnceMore(t *testing.T) {
	urls := paths(5)
	s := &service{twist: func(r []map[string]any) any { return map[string]any{"responses": append(r[:1:1], nil)} }}
	got := fetch(t.Context(), t, newClient(t, s), urls...)
	want := []string{"bad response", "bad response", "bad response", "ok", "ok"}
	if diff := cmp.Diff(want, verdicts(got)); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"POST 5", "POST 4"}, s.sent()); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestOneOfTwentyNotFound(t *testing.T) {
	urls := paths(20)
	s := &service{replies: map[string][]reply{urls[6]: {{status: 404, body: refusal}}}}
	for i, got := range fetch(t.Context(), t, newClient(t, s), urls...) {
		if i == 6 && !got.err.NotFound() || i != 6 && got.body != entity(urls[i]) {
			t.Errorf("%s: got %s, %v", urls[i], got.body, got.err)
		}
	}
}

func TestABatchThatFailsEntirely(t *testing.T) {
	bad := reply{status: 400, body: `{"error":{"code":"BadRequest","message":"Invalid batch payload format."}}`}
	html := reply{header: map[string]string{"Content-Type": "text/html"}, body: "<!doctype html>"}
	for name, row := range map[string]struct {
		replies []reply // to $batch
		calls   int
		want    string // of the first call
		sent    []string
	}{
		"400, one half is good":      {[]reply{bad, {}, bad}, 8, "ok", []string{"POST 8", "POST 4", "POST 4"}},
		"400 for ever":               {[]reply{bad}, 8, "refused 400", []string{"POST 8", "POST 4", "POST 4"}},
		"400 of a small batch":       {[]reply{bad}, 3, "ok", []string{"POST 3", "GET", "GET", "GET"}},
		"401":                        {[]reply{{status: 401, body: refusal}}, 4, "refused 401", []string{"POST 4"}},
		"403":                        {[]reply{{status: 403, body: refusal}}, 4, "refused 403", []string{"POST 4"}},
		"404, no batching there":     {[]reply{{status: 404, body: refusal}}, 4, "bad response 404", []string{"POST 4"}},
		"413":                        {[]reply{{status: 413, body: refusal}, {}}, 8, "ok", []string{"POST 8", "POST 4", "POST 4"}},
		"413 down to single GETs":    {[]reply{{status: 413, body: refusal}}, 4, "ok", []string{"POST 4", "GET", "GET", "GET", "GET"}},
		"424 with items":             {[]reply{{status: 424, body: `{"responses":[{"id":"1","status":200,"body":{"id":"x"}},{"id":"2","status":404},{"id":"3","status":404}]}`}}, 3, "ok", []string{"POST 3"}},
		"424 without":                {[]reply{{status: 424, body: refusal}, {}}, 3, "ok", []string{"POST 3", "POST 3"}},
		"429":                        {[]reply{{status: 429, body: refusal}, {}}, 3, "ok", []string{"POST 3", "POST 3"}},
		"429 for ever":               {[]reply{{status: 429, body: refusal}}, 3, "throttled 429", []string{"POST 3", "POST 3", "POST 3"}},
		"503":                        {[]reply{{status: 503, body: refusal}, {status: 503}, {}}, 3, "ok", []string{"POST 3", "POST 3", "POST 3"}},
		"502 for ever":               {[]reply{{status: 502, body: refusal}}, 3, "unavailable 502", []string{"POST 3", "POST 3", "POST 3"}},
		"500":                        {[]reply{{status: 500, body: refusal}}, 3, "refused 500", []string{"POST 3", "POST 3"}},
		"HTML":                       {[]reply{html}, 3, "bad response 200", []string{"POST 3", "POST 3", "POST 3"}},
		"torn":                       {[]reply{{body: `{"responses":[{"id":"1","status":200,"body":{`}}, 3, "ok", []string{"POST 3", "GET", "GET", "GET"}},
		"trailing bytes":             {[]reply{{body: `{"responses":[]}x`}}, 3, "ok", []string{"POST 3", "GET", "GET", "GET"}},
		"no responses":               {[]reply{{body: `{}`}}, 3, "bad response 200", []string{"POST 3", "POST 3", "POST 3"}},
		"null responses":             {[]reply{{body: `{"responses":null}`}}, 3, "bad response 200", []string{"POST 3", "POST 3", "POST 3"}},
		"a list":                     {[]reply{{body: `[]`}}, 3, "bad response 200", []string{"POST 3", "POST 3", "POST 3"}},
		"a redirect":                 {[]reply{{status: 307, header: map[string]string{"Location": "https://evil.example/"}}}, 3, "bad response 307", []string{"POST 3"}},
		"an item is malformed alone": {[]reply{{body: `{"responses":[{"id":"1","status":200,"body":{"id":"a","id":"b"}},{"id":"2","status":200,"body":{"id":"b"}},{"id":"3","status":200,"body":{"id":"c"}}]}`}}, 3, "ok", []string{"POST 3"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{replies: map[string][]reply{"/$batch": row.replies}}
				got := fetch(t.Context(), t, newClient(t, s), paths(row.calls)...)
				if got[0].verdict() != row.want {
					t.Errorf("first call: %s (%v), want %s", got[0].verdict(), got[0].err, row.want)
				}
				var sent []string
				for _, line := range s.sent() {
					line, _, _ = strings.Cut(line, " /")
					sent = append(sent, line)
				}
				if diff := cmp.Diff(row.sent, sent); diff != "" {
					t.Errorf("sent (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestBatchesInFlightAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{latency: time.Second}
		start := time.Now()
		fetch(t.Context(), t, newClient(t, s, msgraph.WithInFlight(3, 3)), paths(200)...)
		if got := time.Since(start); got != 4*time.Second {
			t.Errorf("10 batches, 3 at once, took %v", got)
		}
	})
}
