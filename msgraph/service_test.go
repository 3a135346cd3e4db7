package msgraph_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"portico/msgraph"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// reply is one answer of the service to one request or one item of a batch.
type reply struct {
	status int
	header map[string]string
	body   string // "" stands for an entity with the URL as its id
}

// service plays Microsoft Graph without a network: it is a RoundTripper, so
// that tests can run in fake time. The answers to a URL are used up in order,
// the last one for good; what has none is answered with an entity.
type service struct {
	replies map[string][]reply // by relative URL; "/$batch" for the outer answer
	twist   func(responses []map[string]any) any
	latency time.Duration

	mu   sync.Mutex
	log  []string    // "GET url" or "POST n"
	when []time.Time // of each in log
}

const root = "https://graph.example/v1.0"

func newClient(t testing.TB, s http.RoundTripper, opts ...msgraph.Option) *msgraph.Client {
	t.Helper()
	c, err := msgraph.New(root, append([]msgraph.Option{msgraph.WithHTTPClient(&http.Client{Transport: s})}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (s *service) RoundTrip(req *http.Request) (*http.Response, error) {
	select {
	case <-time.After(s.latency):
	case <-req.Context().Done():
		return nil, req.Context().Err()
	}
	w := httptest.NewRecorder()
	relative := strings.TrimPrefix(req.URL.String(), root)
	if req.Method == http.MethodPost {
		s.batch(w, req)
	} else {
		s.record("GET " + relative)
		s.next(relative).write(w)
	}
	resp := w.Result()
	resp.Request = req
	return resp, nil
}

func (s *service) record(line string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, line)
	s.when = append(s.when, time.Now())
}

func (s *service) next(url string) reply {
	s.mu.Lock()
	defer s.mu.Unlock()
	queue := s.replies[url]
	if len(queue) == 0 {
		return reply{body: entity(url)}
	}
	if len(queue) > 1 {
		s.replies[url] = queue[1:]
	}
	queue[0].body = cmp.Or(queue[0].body, entity(url))
	return queue[0]
}

func entity(url string) string { return fmt.Sprintf(`{"id":%q}`, url) }

func (r reply) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "application/json;odata.metadata=minimal")
	for name, value := range r.header {
		w.Header().Set(name, value)
	}
	w.WriteHeader(cmp.Or(r.status, http.StatusOK))
	io.WriteString(w, r.body)
}

type batchRequest struct {
	Requests []struct{ ID, Method, URL string }
}

// batch answers in reverse order, for the order means nothing.
func (s *service) batch(w http.ResponseWriter, req *http.Request) {
	var asked batchRequest
	if err := json.NewDecoder(req.Body).Decode(&asked); err != nil {
		panic(err)
	}
	s.record(fmt.Sprintf("POST %d", len(asked.Requests)))
	if outer := s.next("/$batch"); outer.status != 0 || outer.body != entity("/$batch") {
		outer.write(w)
		return
	}
	var responses []map[string]any
	for i := len(asked.Requests) - 1; i >= 0; i-- {
		r := s.next(asked.Requests[i].URL)
		response := map[string]any{"id": asked.Requests[i].ID, "status": cmp.Or(r.status, 200), "headers": r.header}
		if json.Valid([]byte(r.body)) {
			response["body"] = json.RawMessage(r.body)
		}
		responses = append(responses, response)
	}
	var body any = map[string]any{"responses": responses}
	if s.twist != nil {
		body = s.twist(responses)
	}
	text, _ := json.Marshal(body)
	reply{body: string(text)}.write(w)
}

// requests returns how many requests were sent.
func (s *service) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.log)
}

// sent returns what was sent, and forgets it.
func (s *service) sent() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	log := s.log
	s.log, s.when = nil, nil
	return log
}

// result is how one call ended.
type result struct {
	body string
	err  *msgraph.Error
}

// fetch calls Fetch and checks that each call was settled once.
func fetch(ctx context.Context, t testing.TB, c *msgraph.Client, urls ...string) []result {
	t.Helper()
	results := make([]result, len(urls))
	settled := make([]int, len(urls))
	var mu sync.Mutex
	c.Fetch(ctx, urls, func(i int, body []byte, err error) {
		mu.Lock()
		defer mu.Unlock()
		settled[i]++
		results[i].body = string(body)
		if err != nil && !errors.As(err, &results[i].err) {
			t.Errorf("%s: error of type %T", urls[i], err)
		}
	})
	for i, times := range settled {
		if times != 1 {
			t.Errorf("%s settled %d times", urls[i], times)
		}
	}
	return results
}

// paths returns n different URLs.
func paths(n int) (urls []string) {
	for i := range n {
		urls = append(urls, fmt.Sprintf("/hosts/%d?$select=id", i+1))
	}
	return urls
}

// verdict describes a result in one word or two.
func (r result) verdict() string {
	if r.err == nil {
		return "ok"
	}
	if r.err.Status == 0 {
		return r.err.Kind.String()
	}
	return fmt.Sprintf("%s %d", r.err.Kind, r.err.Status)
}

func verdicts(results []result) (all []string) {
	for _, r := range results {
		all = append(all, r.verdict())
	}
	return all
}

const refusal = `{"error":{"code":"Forbidden","message":"No license.","innerError":{"date":"2026-01-01T00:00:00","request-id":"00000000-0000-4000-8000-000000000001","client-request-id":"c-1"}}}`
