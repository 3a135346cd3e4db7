package msgraph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"portico/msgraph"
)

// corrupting answers batches with items in the order of the requests, as
// spoil leaves them; GETs are answered well.
type corrupting struct {
	spoil func(batch int, urls []string, body string) string

	mu   sync.Mutex
	sent [][]string // the URLs of each request
}

func (s *corrupting) RoundTrip(req *http.Request) (*http.Response, error) {
	relative := strings.TrimPrefix(req.URL.String(), root)
	urls, body := []string{relative}, entity(relative)
	s.mu.Lock()
	defer s.mu.Unlock()
	if req.Method == http.MethodPost {
		var asked batchRequest
		if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
			return nil, err
		}
		urls = nil
		for _, one := range asked.Requests {
			urls = append(urls, one.URL)
		}
		body = s.spoil(s.batches(), urls, batchBody(urls))
	}
	s.sent = append(s.sent, urls)
	header := http.Header{"Content-Type": {"application/json"}}
	return &http.Response{StatusCode: 200, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)), Request: req}, nil
}

// batches returns how many batches were sent so far.
func (s *corrupting) batches() (n int) {
	for _, urls := range s.sent {
		if len(urls) > 2 {
			n++
		}
	}
	return n
}

// times returns how often each URL was requested.
func (s *corrupting) times() map[string]int {
	times := map[string]int{}
	for _, urls := range s.sent {
		for _, url := range urls {
			times[url]++
		}
	}
	return times
}

func itemBody(i int, url string) string {
	return fmt.Sprintf(`{"id":"%d","status":200,"headers":{"Content-Type":"application/json"},"body":%s}`, i+1, entity(url))
}

func batchBody(urls []string) string {
	items := make([]string, len(urls))
	for i, url := range urls {
		items[i] = itemBody(i, url)
	}
	return `{"responses":[` + strings.Join(items, ",") + `]}`
}

// wantAll checks that every call got its own entity.
func wantAll(t *testing.T, what string, urls []string, got []result) {
	t.Helper()
	for i, one := range got {
		if one.err != nil || one.body != entity(urls[i]) {
			t.Errorf("%s: %s: got %q, %v", what, urls[i], one.body, one.err)
		}
	}
}

// A batch response of twenty items is cut off after each of its bytes. What
// was whole before is kept, and only the rest is requested again.
func TestABatchResponseCutOffAnywhere(t *testing.T) {
	urls := paths(20)
	whole := batchBody(urls)
	for at := range len(whole) {
		synctest.Test(t, func(t *testing.T) {
			s := &corrupting{spoil: func(batch int, _ []string, body string) string {
				if batch == 0 {
					return body[:at]
				}
				return body
			}}
			what := fmt.Sprintf("cut at byte %d", at)
			wantAll(t, what, urls, fetch(t.Context(), t, newClient(t, s), urls...))
			for i, url := range urls {
				want := 2
				if end := strings.Index(whole, itemBody(i, url)) + len(itemBody(i, url)); end <= at && at >= len(`{"responses":[`) {
					want = 1
				}
				if got := s.times()[url]; got != want {
					t.Errorf("%s: %s was requested %d times, want %d", what, url, got, want)
				}
			}
			if len(s.sent) > 5 {
				t.Errorf("%s: %d requests", what, len(s.sent))
			}
		})
	}
}

// One byte of a batch response is replaced, each in turn. Whatever that makes
// of it, no item but the one it is in changes, and the requests are bounded.
func TestABatchResponseWithOneWrongByte(t *testing.T) {
	urls := paths(20)
	whole := batchBody(urls)
	step := 7 // prime, so that every kind of position is met
	if thorough {
		step = 1
	}
	for _, wrong := range []byte{'<', '"', '}', ',', 0, 0xff} {
		for at := 0; at < len(whole); at += step {
			synctest.Test(t, func(t *testing.T) {
				s := &corrupting{spoil: func(batch int, _ []string, body string) string {
					if batch == 0 {
						return body[:at] + string([]byte{wrong}) + body[at+1:]
					}
					return body
				}}
				got := fetch(t.Context(), t, newClient(t, s), urls...)
				for i, one := range got {
					from := strings.Index(whole, itemBody(i, urls[i]))
					if inside := at >= from && at < from+len(itemBody(i, urls[i])); !inside && (one.err != nil || one.body != entity(urls[i])) {
						t.Errorf("%q at %d: %s: got %q, %v", wrong, at, urls[i], one.body, one.err)
					}
				}
				if n := slices.Max(slices.Collect(maps.Values(s.times()))); n > 3 || len(s.sent) > 21 {
					t.Errorf("%q at %d: %d requests, one resource %d times", wrong, at, len(s.sent), n)
				}
			})
		}
	}
}

// Items that are malformed whenever they are in a batch cost themselves a GET
// and the others nothing, wherever they stand.
func TestMalformedItemsCostThemselvesAlone(t *testing.T) {
	for what, body := range map[string]string{
		"HTML":                  `<html>busy</html>`,
		"unquoted text":         `Service Unavailable`,
		"an array never closed": `[1,2`,
		"an object never ended": `{"id":"x","a":{`,
		"a text never ended":    `"x`,
		"a brace too many":      `{"id":"x"}}`,
		"nothing":               ``,
		"a control character":   "\"a\nb\"",
		"a number like 01":      `01`,
		"10,001 levels":         strings.Repeat("[", 10_001) + strings.Repeat("]", 10_001),
		"a byte-order mark":     "\ufeff{}",
	} {
		for _, at := range [][]int{{0}, {9}, {19}, {0, 1}, {3, 17}, {18, 19}, {0, 10, 19}} {
			for name, form := range map[string]string{"id first": `{"id":"%d","status":503,"body":%s}`, "id last": `{"status":503,"body":%[2]s,"id":"%[1]d"}`} {
				synctest.Test(t, func(t *testing.T) {
					urls := paths(20)
					s := &corrupting{spoil: func(_ int, asked []string, whole string) string {
						for i, url := range asked {
							if slices.Contains(at, slices.Index(urls, url)) {
								whole = strings.Replace(whole, itemBody(i, url), fmt.Sprintf(form, i+1, body), 1)
							}
						}
						return whole
					}}
					what := fmt.Sprintf("%s at %v, %s", what, at, name)
					wantAll(t, what, urls, fetch(t.Context(), t, newClient(t, s), urls...))
					for url, n := range s.times() {
						if n > 3 {
							t.Errorf("%s: %s was requested %d times", what, url, n)
						}
					}
					if len(s.sent) > 23 {
						t.Errorf("%s: %d requests", what, len(s.sent))
					}
				})
			}
		}
	}
}

// The connection may break in a batch response, too, and the deadline may end it.
func TestWhatABrokenConnectionBroughtIsKept(t *testing.T) {
	urls := paths(20)
	var batches int
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			reply{body: entity(strings.TrimPrefix(r.URL.String(), "/v1.0"))}.write(w)
			return
		}
		batches++
		io.Copy(io.Discard, r.Body)
		body := batchBody(urls)
		cutAnswer(w, body, strings.Index(body, itemBody(18, urls[18])))
	})
	ctx, trace := msgraph.WithTrace(t.Context())
	wantAll(t, "a reset", urls, fetch(ctx, t, c, urls...))
	if batches != 1 || trace.Requests() != 3 {
		t.Errorf("%d batches, %d requests", batches, trace.Requests())
	}
}

// When the time is over in the middle of a batch response, the items that came count.
func TestWhatCameBeforeTheDeadlineIsKept(t *testing.T) {
	urls := paths(20)
	release := make(chan struct{})
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		body := batchBody(urls)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, body[:strings.Index(body, itemBody(18, urls[18]))])
		w.(http.Flusher).Flush()
		<-release
	})
	t.Cleanup(func() { close(release) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	got := fetch(ctx, t, c, urls...)
	wantAll(t, "a stall", urls[:18], got[:18])
	if diff := gocmp.Diff([]string{"timed out", "timed out"}, verdicts(got[18:])); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestResponsesOfAnyKindAreRetriedLike503(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html; charset=utf-8"}
	const cut = `{"id":"192.0.2.10","firstSeen`
	for name, bad := range map[string]reply{
		"empty":            {body: " "},
		"cut off":          {body: cut},
		"a page":           {header: html, body: "<html>busy</html>"},
		"a page said JSON": {body: "<html>busy</html>"},
		"a text":           {header: map[string]string{"Content-Type": "text/plain"}, body: "busy"},
		"more behind it":   {body: entity("x") + "}"},
		"status 999":       {status: 999},
		"206, cut off":     {status: 206, body: cut},
		"UTF-16, cut off":  {body: utf16(cut)},
		"408":              {status: 408, body: refusal},
		"425":              {status: 425, body: refusal},
		"503 as a page":    {status: 503, header: html, body: "<html>"},
		"503 as a text":    {status: 503, header: map[string]string{"Content-Type": "text/plain"}, body: "null"},
		"520 of a gateway": {status: 520, header: html, body: "<html>"},
		"529, overloaded":  {status: 529},
		"599 of a proxy":   {status: 599},
		"509, bandwidth":   {status: 509, body: refusal},
	} {
		for _, calls := range []int{1, 5} {
			t.Run(fmt.Sprint(name, " ", calls), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					urls := paths(calls)
					s := &service{replies: map[string][]reply{urls[0]: {bad, bad, {}}}}
					if calls > 1 {
						s.replies = map[string][]reply{"/$batch": {bad, bad, {}}}
					}
					for i, got := range fetch(t.Context(), t, newClient(t, s), urls...) {
						if got.err != nil || got.body != entity(urls[i]) {
							t.Errorf("%s: %q, %v", urls[i], got.body, got.err)
						}
					}
					if n := len(s.log); n != 3 {
						t.Errorf("sent %v", s.log)
					}
				})
			})
		}
	}
}

func TestRareStatusesHaveAKind(t *testing.T) {
	html := map[string]string{"Content-Type": "text/html"}
	for name, row := range map[string]struct {
		reply reply
		want  string
		sent  int
	}{
		"422":                     {reply{status: 422, body: refusal}, "refused 422", 1},
		"423":                     {reply{status: 423, body: refusal}, "refused 423", 1},
		"501":                     {reply{status: 501, body: refusal}, "refused 501", 1},
		"507":                     {reply{status: 507, body: refusal}, "refused 507", 1},
		"408":                     {reply{status: 408, body: refusal}, "unavailable 408", 3},
		"509":                     {reply{status: 509, body: refusal}, "throttled 509", 3},
		"524":                     {reply{status: 524, header: html, body: "<html>"}, "unavailable 524", 3},
		"407":                     {reply{status: 407, header: html, body: "<html>"}, "unavailable 407", 1},
		"511, a captive portal":   {reply{status: 511, header: html, body: "<html>"}, "unavailable 511", 1},
		"403 as a page":           {reply{status: 403, header: html, body: "<html>"}, "bad response 403", 1},
		"403 with a plain object": {reply{status: 403, header: map[string]string{"Content-Type": "text/plain"}, body: refusal}, "refused 403", 1},
		"600":                     {reply{status: 600}, "bad response 600", 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &service{replies: map[string][]reply{one: {row.reply}}}
				got := fetch(t.Context(), t, newClient(t, s), one)[0]
				if got.verdict() != row.want || len(s.log) != row.sent {
					t.Errorf("got %s after %d requests, want %s after %d", got.verdict(), len(s.log), row.want, row.sent)
				}
			})
		})
	}
}
