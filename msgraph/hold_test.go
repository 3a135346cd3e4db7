package msgraph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestRetryAfterOfAnyLengthIsObeyed(t *testing.T) {
	const day = 24 * time.Hour
	for value, want := range map[string]time.Duration{
		"7200": 2 * time.Hour, "86400": day, "604800": 7 * day, "Mon, 31 Jan 2000 00:00:00 GMT": 30 * day,
		"99999999999": 365 * day, strings.Repeat("9", 400): 365 * day, "Fri, 31 Dec 9999 23:59:59 GMT": 365 * day,
	} {
		for _, status := range []int{429, 503} {
			synctest.Test(t, func(t *testing.T) {
				bad := reply{status: status, header: map[string]string{"Retry-After": value}, body: refusal}
				s := &service{replies: map[string][]reply{one: {bad, {}}}}
				c := newClient(t, s)
				for range 5 {
					got := fetch(t.Context(), t, c, one)[0].err
					if got == nil || got.Status != status || got.RetryAfter != want {
						t.Errorf("%s with %d: got %v, wait %v", value, status, got, got.RetryAfter)
					}
				}
				if len(s.log) != 1 {
					t.Errorf("%s with %d: %d requests", value, status, len(s.log))
				}
				time.Sleep(want)
				if got := fetch(t.Context(), t, c, one)[0].err; got != nil {
					t.Errorf("%s with %d: in the end %v", value, status, got)
				}
			})
		}
	}
}

// A 429 of an item pauses that item, for all operations; its neighbours and
// other resources go on.
func TestAThrottledItemPausesItselfAlone(t *testing.T) {
	for _, wait := range []time.Duration{time.Second, time.Minute, time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			urls := paths(20)
			retryAfter := fmt.Sprint(wait.Seconds())
			s := &service{replies: map[string][]reply{urls[4]: {throttle(retryAfter), {}}}}
			c := newClient(t, s)
			settled := make([]time.Duration, 20)
			start := time.Now()
			var errs [20]error
			c.Fetch(t.Context(), urls, func(i int, _ []byte, err error) { settled[i], errs[i] = time.Since(start), err })
			for i, at := range settled {
				switch waited := at > 0; {
				case i != 4 && (waited || errs[i] != nil):
					t.Errorf("%v: %s after %v: %v", wait, urls[i], at, errs[i])
				case i == 4 && wait < time.Hour && (at < wait || errs[i] != nil), i == 4 && wait == time.Hour && (waited || errs[i] == nil):
					t.Errorf("%v: the throttled one after %v: %v", wait, at, errs[i])
				}
			}
			if wait < time.Hour {
				return
			}
			again := strings.Replace(urls[4], "$select=id", "$select=id,port", 1)
			for _, got := range append(fetch(t.Context(), t, c, again), fetch(t.Context(), t, c, append(paths(3), urls[4])...)[3]) {
				if got.verdict() != "throttled 429" || got.err.RetryAfter != wait {
					t.Errorf("in the pause: %s, %v", got.verdict(), got.err)
				}
			}
			if time.Since(start) != 0 || len(s.log) != 2 {
				t.Errorf("%v after %v", s.log, time.Since(start))
			}
		})
	}
}

func TestMoreThanHalfOfABatchThrottledPausesTheIdentity(t *testing.T) {
	for throttled := range 5 {
		synctest.Test(t, func(t *testing.T) {
			urls := paths(4)
			s := &service{replies: map[string][]reply{}}
			for i := range throttled {
				s.replies[urls[i]] = []reply{throttle(fmt.Sprint(1000 + i))}
			}
			c := newClient(t, s)
			fetch(t.Context(), t, c, urls...)
			got := fetch(t.Context(), t, c, "/other?$select=id")[0]
			if want := throttled > 2; want != (got.err != nil) {
				t.Errorf("%d of 4: got %v", throttled, got.err)
			}
			if longest := time.Duration(1000+throttled-1) * time.Second; got.err != nil && got.err.RetryAfter != longest {
				t.Errorf("%d of 4: pause of %v, want %v", throttled, got.err.RetryAfter, longest)
			}
		})
	}
}

// Pauses of single resources are bounded: beyond that the identity pauses.
func TestPausesOfResourcesAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &service{replies: map[string][]reply{}}
		urls := paths(1600)
		for i := range urls {
			if i%20 < 10 {
				s.replies[urls[i]] = []reply{throttle("3600")}
			}
		}
		for i := 1580; i < 1600; i++ {
			s.replies[urls[i]] = []reply{throttle("3600")}
		}
		c := newClient(t, s)
		ctx := as(t, "app")
		for chunk := range slices.Chunk(urls[:1580], 20) {
			fetch(ctx, t, c, chunk...)
		}
		if got := fetch(ctx, t, c, urls[1580:]...)[0]; got.verdict() != "throttled 429" {
			t.Errorf("got %v", got.verdict())
		}
		time.Sleep(2 * time.Hour)
		s.replies = nil
		if got := fetch(ctx, t, c, urls[:20]...); got[0].err != nil || got[19].err != nil {
			t.Errorf("after the pause: %v", verdicts(got))
		}
	})
}

// A 503 with a Retry-After pauses its resource, also as an item or as a whole batch.
func TestAnUnavailableResourceIsPausedAlone(t *testing.T) {
	bad := reply{status: 503, header: map[string]string{"Retry-After": "3600"}, body: refusal}
	for name, replies := range map[string]func(urls []string) map[string][]reply{
		"a GET":         func(urls []string) map[string][]reply { return map[string][]reply{urls[0]: {bad, {}}} },
		"an item":       func(urls []string) map[string][]reply { return map[string][]reply{urls[0]: {bad, {}}} },
		"a whole batch": func([]string) map[string][]reply { return map[string][]reply{"/$batch": {bad, {}}} },
	} {
		synctest.Test(t, func(t *testing.T) {
			urls := paths(5)
			s := &service{replies: replies(urls)}
			c := newClient(t, s)
			first := urls
			if name == "a GET" {
				first = urls[:1]
			}
			if got := fetch(t.Context(), t, c, first...)[0]; got.verdict() != "unavailable 503" || got.err.RetryAfter != time.Hour {
				t.Errorf("%s: %v", name, got.err)
			}
			if got := fetch(t.Context(), t, c, urls[0])[0]; got.verdict() != "unavailable 503" {
				t.Errorf("%s, in the pause: %v", name, got.err)
			}
			if got := fetch(t.Context(), t, c, "/other?$select=id")[0]; got.err != nil || len(s.log) != 2 {
				t.Errorf("%s, another resource: %v after %v", name, got.err, s.log)
			}
			time.Sleep(time.Hour)
			if got := fetch(t.Context(), t, c, urls...)[0]; got.err != nil {
				t.Errorf("%s, after the pause: %v", name, got.err)
			}
		})
	}
}
