package auth

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"portico/internal/flight"
	"portico/internal/pause"
)

const (
	// fetchLimit is how long one fetch of a token may take, retries and all.
	fetchLimit = 10 * time.Second
	// pauseUnit is the least time between two tries after a failure.
	pauseUnit = time.Second
	// maxPause is what a longer Retry-After counts as. It bounds arithmetic, not obedience.
	maxPause = 365 * 24 * time.Hour
	// maxTries is how often one token request is sent at most.
	maxTries = 5
	// maxAnswer is how much of an answer is read; tokens have some kilobytes.
	maxAnswer = 1 << 20
	// discoveryAge is how long the addresses of a tenant's endpoints are believed.
	discoveryAge = 24 * time.Hour
)

// endpoint is the HTTP client that MSAL sends with. It adds what MSAL leaves to it: it retries what is worth it, keeps
// the pause that the token endpoint asks for, the same one for all callers, remembers the addresses of the endpoints,
// and overhears refusals, since the texts of MSAL's errors hold whole answers.
type endpoint struct {
	client *http.Client
	retry  []int

	mu      sync.Mutex
	resume  time.Time
	failing bool
	known   map[string]document
	lookups flight.Group[document]

	throttles throttles
}

// document is an answer worth remembering.
type document struct {
	status int
	header http.Header
	body   []byte
	at     time.Time
}

// errPaused says that the token endpoint asked for a pause that outlasts the fetch.
var errPaused = errors.New("token requests pause")

func newEndpoint(client *http.Client, retry ...int) *endpoint {
	own := *client
	own.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	retry = append(retry, http.StatusRequestTimeout, http.StatusTooManyRequests)
	return &endpoint{client: &own, retry: retry, known: map[string]document{}}
}

// CloseIdleConnections is part of what MSAL asks of a client.
func (e *endpoint) CloseIdleConnections() { e.client.CloseIdleConnections() }

// Do sends a request of MSAL's. The answer's body is complete and in memory.
func (e *endpoint) Do(req *http.Request) (*http.Response, error) {
	doc, err := e.answer(req)
	if err != nil {
		overhear(req.Context(), refusal{cause: err})
		return nil, err
	}
	if doc.status >= http.StatusBadRequest {
		overhear(req.Context(), readRefusal(doc))
	}
	return doc.response(req), nil
}

func (e *endpoint) answer(req *http.Request) (document, error) {
	if req.Method != http.MethodGet || !strings.HasSuffix(req.URL.Path, "/.well-known/openid-configuration") {
		return e.send(req)
	}
	key := req.URL.String()
	if doc, found := e.remembered(key); found {
		return doc, nil
	}
	doc, _, err := e.lookups.Do(req.Context(), key, fetchLimit, func(ctx context.Context) (document, error) {
		if doc, found := e.remembered(key); found {
			return doc, nil
		}
		doc, err := e.send(req.Clone(ctx))
		if err == nil && doc.status == http.StatusOK {
			e.remember(key, doc)
		}
		return doc, err
	})
	return doc, err
}

func (e *endpoint) remembered(key string) (document, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	doc, found := e.known[key]
	return doc, found && time.Since(doc.at) < discoveryAge
}

// remember keeps doc. There is one key to a tenant, so the map stays as small.
func (e *endpoint) remember(key string, doc document) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.known[key] = doc
}

// send sends until there is an answer to keep, the tries are used up, or the next one would come too late. While the
// endpoint is failing anyway one try is all.
func (e *endpoint) send(req *http.Request) (document, error) {
	tries := maxTries
	if e.isFailing() {
		tries = 1
	}
	for try := 1; ; try++ {
		if err := e.wait(req.Context()); err != nil {
			return document{}, err
		}
		doc, err := e.once(req)
		if !e.worthRetrying(req, doc, err) {
			e.succeed()
			return doc, err
		}
		pause := delay(doc, try)
		if caller := delegatedOf(req); caller != "" && doc.status == http.StatusTooManyRequests &&
			!e.throttles.common(caller, pause, time.Now()) {
			return doc, err // its caller waits, and nobody else
		}
		e.pause(pause)
		if try >= tries || !e.fits(req.Context()) {
			return doc, err
		}
	}
}

func (e *endpoint) worthRetrying(req *http.Request, doc document, err error) bool {
	if err != nil {
		// A RoundTripper's error can say that another try does not help, as a proxy's refusal does.
		var opinion interface{ Retryable() bool }
		return req.Context().Err() == nil && (!errors.As(err, &opinion) || opinion.Retryable())
	}
	return doc.status >= http.StatusInternalServerError || slices.Contains(e.retry, doc.status)
}

// once sends the request once and reads the whole answer.
func (e *endpoint) once(req *http.Request) (document, error) {
	again := req.Clone(req.Context())
	if req.GetBody != nil {
		body, err := req.GetBody()
		if err != nil {
			return document{}, err
		}
		again.Body = body
	}
	resp, err := e.client.Do(again)
	if err != nil {
		return document{}, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return document{}, err
	}
	return document{status: resp.StatusCode, header: resp.Header, body: body, at: time.Now()}, nil
}

func (d document) response(req *http.Request) *http.Response {
	return &http.Response{
		Status:        strconv.Itoa(d.status) + " " + http.StatusText(d.status),
		StatusCode:    d.status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        d.header.Clone(),
		Body:          io.NopCloser(bytes.NewReader(d.body)),
		ContentLength: int64(len(d.body)),
		Request:       req,
	}
}

// wait sleeps until the common pause is over, or fails at once if that is later than ctx ends.
func (e *endpoint) wait(ctx context.Context) error {
	left := e.left()
	if left <= 0 {
		return nil
	}
	if !e.fits(ctx) {
		return errPaused
	}
	return pause.For(ctx, left)
}

// left returns how much of the common pause is left.
func (e *endpoint) left() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Until(e.resume)
}

// fits reports whether the common pause ends before ctx does.
func (e *endpoint) fits(ctx context.Context) bool {
	end, bounded := ctx.Deadline()
	return !bounded || time.Until(end) > e.left()
}

func (e *endpoint) pause(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failing = true
	if resume := time.Now().Add(d); resume.After(e.resume) {
		e.resume = resume
	}
}

func (e *endpoint) succeed() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failing = false
}

func (e *endpoint) isFailing() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.failing
}

// delay is how long to pause after a failed try: what the answer asks for, else twice as long after each try, with some
// jitter.
func delay(doc document, try int) time.Duration {
	if d, found := retryAfter(doc); found {
		return max(d, pauseUnit/10)
	}
	d := pauseUnit << (try - 1)
	return d + rand.N(d/4)
}

// retryAfter reads Retry-After (RFC 9110, 10.2.3): seconds, with decimals too, or a date, counted from the answer's own
// Date so that clocks need not agree.
func retryAfter(doc document) (time.Duration, bool) {
	value := strings.TrimSpace(doc.header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(value, 64); (err == nil || errors.Is(err, strconv.ErrRange)) && seconds >= 0 {
		return time.Duration(min(seconds, maxPause.Seconds()) * float64(time.Second)), true
	}
	when, err := http.ParseTime(value)
	if err != nil {
		return 0, false
	}
	sent, err := http.ParseTime(doc.header.Get("Date"))
	if err != nil {
		sent = doc.at
	}
	return min(max(when.Sub(sent), 0), maxPause), true
}
