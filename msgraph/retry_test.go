package msgraph_test

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"portico/msgraph"
)

const (
	one   = "/hosts/1?$select=id"
	ansiC = "Mon Jan _2 15:04:05 2006"
)

func throttle(retryAfter string) reply {
	header := map[string]string{}
	if retryAfter != "" {
		header["Retry-After"] = retryAfter
	}
	return reply{status: 429, header: header, body: refusal}
}

func TestRetryAfterInItsForms(t *testing.T) {
	// A service whose clock is ten minutes off, measured by its own Date.
	theirs := func(form string) func(time.Time) map[string]string {
		return func(now time.Time) map[string]string {
			sent := now.UTC().Add(-10 * time.Minute)
			zoned := strings.NewReplacer("UTC", "GMT")
			return map[string]string{
				"Date":        zoned.Replace(sent.Format(time.RFC1123)),
				"Retry-After": zoned.Replace(sent.Add(2 * time.Second).Format(form)),
			}
		}
	}
	is := func(value string) func(time.Time) map[string]string {
		return func(time.Time) map[string]string { return map[string]string{"Retry-After": value} }
	}
	const ms = time.Millisecond
	for name, row := range map[string]struct {
		header   func(now time.Time) map[string]string
		min, max time.Duration
	}{
		"whole seconds":          {is("2"), 2000 * ms, 2500 * ms},
		"a fraction":             {is("0.249"), 249 * ms, 1000 * ms},
		"seconds and a fraction": {is("1.0001"), 1001 * ms, 1250 * ms},
		"with spaces":            {is(" 2 "), 2000 * ms, 2500 * ms},
		"nothing":                {is("0"), 100 * ms, 150 * ms},
		"next to nothing":        {is(".001"), 100 * ms, 150 * ms},
		"negative, as none":      {is("-5"), 250 * ms, 550 * ms},
		"none":                   {is(""), 250 * ms, 550 * ms},
		"a word, as none":        {is("soon"), 250 * ms, 550 * ms},
		"infinite, as none":      {is("Inf"), 250 * ms, 550 * ms},
		"two dots, as none":      {is("1.2.3"), 250 * ms, 550 * ms},
		"date of RFC 1123":       {theirs(time.RFC1123), 2000 * ms, 2500 * ms},
		"date of RFC 850":        {theirs(time.RFC850), 2000 * ms, 2500 * ms},
		"date of ANSI C":         {theirs(ansiC), 2000 * ms, 2500 * ms},
		"date gone by":           {is("Fri, 31 Dec 1999 23:59:59 GMT"), 100 * ms, 150 * ms},
		"date, by our own clock": {is("Sat, 01 Jan 2000 00:00:03 GMT"), 3000 * ms, 3500 * ms},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{replies: map[string][]reply{one: {{status: 429, header: row.header(time.Now()), body: refusal}, {}}}}
				got := fetch(t.Context(), t, newClient(t, s), one)
				if got[0].err != nil || len(s.when) != 2 {
					t.Fatalf("%v after %v", got[0].err, s.log)
				}
				if wait := s.when[1].Sub(s.when[0]); wait < row.min || wait > row.max {
					t.Errorf("waited %v, want %v to %v", wait, row.min, row.max)
				}
			})
		})
	}
}

func TestWaitBeyondTheDeadlineFailsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {throttle("5"), {}}}}
		c := newClient(t, s)
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		start := time.Now()
		for range 2 { // the second is not even sent
			got := fetch(ctx, t, c, one)[0].err
			if got == nil || got.Kind != msgraph.Throttled || got.Status != 429 || got.RetryAfter != 5*time.Second {
				t.Errorf("got %v", got)
			}
		}
		for _, got := range fetch(ctx, t, c, paths(5)...) {
			if got.verdict() != "throttled 429" {
				t.Errorf("batch: got %v", got.verdict())
			}
		}
		if time.Since(start) != 0 || len(s.log) != 1 {
			t.Errorf("%d requests in %v", len(s.log), time.Since(start))
		}
		time.Sleep(3 * time.Second) // the pause now ends within a new deadline
		if got := fetch(t.Context(), t, c, one)[0]; got.err != nil || time.Since(start) < 5*time.Second {
			t.Errorf("got %v after %v", got.err, time.Since(start))
		}
	})
}

func TestUnavailableServiceIsNotWaitedForBeyondTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {{status: 503, header: map[string]string{"Retry-After": "5"}, body: refusal}}}}
		ctx, cancel := context.WithTimeout(t.Context(), 4*time.Second)
		defer cancel()
		start := time.Now()
		got := fetch(ctx, t, newClient(t, s), one)[0]
		if got.verdict() != "unavailable 503" || got.err.RetryAfter != 5*time.Second || time.Since(start) != 0 {
			t.Errorf("got %v after %v", got.err, time.Since(start))
		}
	})
}

func TestWaitIsBoundedWithoutADeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {throttle("600")}}}
		start := time.Now()
		if got := fetch(t.Context(), t, newClient(t, s), one)[0]; got.verdict() != "throttled 429" || time.Since(start) != 0 {
			t.Errorf("got %v after %v", got.verdict(), time.Since(start))
		}
	})
}

func TestOnePauseForAllCallersOfAnIdentity(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {throttle("2"), {}}}}
		c := newClient(t, s, msgraph.WithIdentity(identityOf))
		var wg sync.WaitGroup
		wg.Go(func() { fetch(as(t, "app"), t, c, one) })
		synctest.Wait()
		for i, url := range paths(50) {
			wg.Go(func() {
				urls := []string{url}
				if i%2 == 0 {
					urls = paths(5)
				}
				for _, got := range fetch(as(t, "app"), t, c, urls...) {
					if got.err != nil {
						t.Errorf("%s: %v", url, got.err)
					}
				}
			})
		}
		synctest.Wait()
		if got := s.requests(); got != 1 {
			t.Errorf("%d requests during the pause", got-1)
		}
		fetch(as(t, "somebody else"), t, c, "/hosts/2?$select=id")
		if s.requests() != 2 {
			t.Error("another identity had to wait")
		}
		wg.Wait()
		for i, when := range s.when[2:] {
			if early := s.when[0].Add(2 * time.Second).Sub(when); early > 0 {
				t.Errorf("%s came %v early", s.log[i+2], early)
			}
		}
	})
}

func TestFailuresAreTriedAgainWithinReason(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	for name, row := range map[string]struct {
		replies []reply
		want    string
		sent    int
	}{
		"503 twice, then good":         {[]reply{{status: 503, body: refusal}, {status: 503}, {}}, "ok", 3},
		"503 for ever":                 {[]reply{{status: 503, body: refusal}}, "unavailable 503", 3},
		"502 for ever":                 {[]reply{{status: 502, body: refusal}}, "unavailable 502", 3},
		"504 for ever":                 {[]reply{{status: 504, body: refusal}}, "unavailable 504", 3},
		"503 as a page":                {[]reply{{status: 503, header: html, body: "<html>"}, {}}, "ok", 2},
		"503 as a page for ever":       {[]reply{{status: 503, header: html, body: "<html>"}}, "unavailable 503", 3},
		"500 once":                     {[]reply{{status: 500, body: refusal}, {}}, "ok", 2},
		"500 for ever":                 {[]reply{{status: 500, body: refusal}}, "refused 500", 2},
		"500 as a page":                {[]reply{{status: 500, header: html, body: "<!doctype html>"}}, "bad response 500", 1},
		"200 as a page":                {[]reply{{header: html, body: "<!doctype html>"}}, "bad response 200", 3},
		"429 for ever":                 {[]reply{throttle("1")}, "throttled 429", 3},
		"429 as a page":                {[]reply{{status: 429, header: html, body: "<html>"}, {}}, "ok", 2},
		"400":                          {[]reply{{status: 400, body: refusal}}, "refused 400", 1},
		"401":                          {[]reply{{status: 401, body: refusal}}, "refused 401", 1},
		"403":                          {[]reply{{status: 403, body: refusal}}, "refused 403", 1},
		"404":                          {[]reply{{status: 404, body: refusal}}, "refused 404", 1},
		"404 of a gateway":             {[]reply{{status: 404, body: `{"statusCode":404,"message":"Resource not found"}`}}, "bad response 404", 1},
		"404 with a text for an error": {[]reply{{status: 404, body: `{"error":"Not Found","path":"/v1.0"}`}}, "bad response 404", 1},
		"404 with null for an error":   {[]reply{{status: 404, body: `{"error":null}`}}, "bad response 404", 1},
		"404 with a list":              {[]reply{{status: 404, body: `[{"error":{}}]`}}, "bad response 404", 1},
		"404 without a body":           {[]reply{{status: 404}}, "bad response 404", 1},
		"404 in capitals":              {[]reply{{status: 404, body: `{"Error":{"Code":"ResourceNotFound"}}`}}, "refused 404", 1},
		"404 as a page":                {[]reply{{status: 404, header: html, body: "<html>"}}, "bad response 404", 1},
		"302":                          {[]reply{{status: 302, header: map[string]string{"Location": "https://evil.example/"}}}, "bad response 302", 1},
		"204":                          {[]reply{{status: 204}}, "ok", 1},
		"no type, but JSON":            {[]reply{{header: map[string]string{"Content-Type": ""}}}, "ok", 1},
		"no type, no JSON":             {[]reply{{header: map[string]string{"Content-Type": ""}, body: "x"}}, "bad response 200", 3},
		"another kind of JSON":         {[]reply{{header: map[string]string{"Content-Type": "application/problem+JSON; charset=utf-16"}}}, "ok", 1},
		"error object that is broken":  {[]reply{{status: 418, body: `{"error":{"code":7,"message":["x"],"innererror":{"date":1,"request-id"`}}, "refused 418", 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{replies: map[string][]reply{one: row.replies}}
				got := fetch(t.Context(), t, newClient(t, s), one)[0]
				if got.verdict() != row.want || len(s.log) != row.sent {
					t.Errorf("got %s after %d requests, want %s after %d", got.verdict(), len(s.log), row.want, row.sent)
				}
			})
		})
	}
}

func TestBackoffGrowsWithJitter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {{status: 503, body: refusal}}}}
		fetch(t.Context(), t, newClient(t, s, msgraph.WithAttempts(5), msgraph.WithBackoff(time.Second)), one)
		for i, full := 1, time.Second; i < 5; i, full = i+1, 2*full {
			if wait := s.when[i].Sub(s.when[i-1]); wait < full/2 || wait > full {
				t.Errorf("wait %d was %v, want %v to %v", i, wait, full/2, full)
			}
		}
	})
}

func TestWaitEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{one: {throttle("2")}, "/$batch": {{status: 503, header: map[string]string{"Retry-After": "2"}, body: refusal}}}}
		for _, urls := range [][]string{{one}, paths(2), paths(3)} {
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(time.Second, cancel)
			start := time.Now()
			for _, got := range fetch(ctx, t, newClient(t, s), urls...) {
				if got.err != nil && got.err.Kind != msgraph.TimedOut || time.Since(start) > time.Second {
					t.Errorf("%d calls: got %v after %v", len(urls), got.err, time.Since(start))
				}
			}
		}
	})
}

func TestLogOfARetryIsOneLineWithoutSecrets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		s := &service{replies: map[string][]reply{one: {throttle("2"), {}}}}
		logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fetch(t.Context(), t, newClient(t, s, msgraph.WithLogger(logger)), one)
		if lines, pauses := strings.Count(log.String(), "\n"), strings.Count(log.String(), "pause_seconds=2"); lines != 2 || pauses != 1 {
			t.Errorf("%d lines, %d of them about the pause", lines, pauses)
		}
		for _, secret := range []string{"graph.example", "/hosts", "No licence", "Retry-After"} {
			if strings.Contains(log.String(), secret) {
				t.Errorf("log shows %q: %s", secret, log.String())
			}
		}
	})
}

func TestClockAndSleepCanBeReplaced(t *testing.T) {
	now := time.Unix(0, 0)
	s := &service{replies: map[string][]reply{one: {throttle("60"), {}}}}
	c := newClient(t, s, msgraph.WithClock(func() time.Time { return now }),
		msgraph.WithSleep(func(_ context.Context, wait time.Duration) error { now = now.Add(wait); return nil }))
	if got := fetch(t.Context(), t, c, one)[0]; got.err != nil || now.Sub(time.Unix(0, 0)) < time.Minute {
		t.Errorf("got %v, clock moved by %v", got.err, now.Sub(time.Unix(0, 0)))
	}
}
