package emulator

import (
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An EarlyRequest is a request that came before the Retry-After that its sender had received was over.
type EarlyRequest struct {
	Time       time.Time     // when it came
	Method     string        // of the request, or of the item in a batch
	URL        string        // relative to the version of the API
	Early      time.Duration // how much too early it came
	RetryAfter string        // the header that its sender had received
}

// maxPromises bounds the ledger, and the list of early requests.
const maxPromises = 10_000

// A ledger records each Retry-After that was sent. One for a whole request is for all requests of its sender; one for
// an item of a batch is for that item only, because the other items may be sent again.
type ledger struct {
	grace  time.Duration // a request may come so long after a Retry-After was sent, because it was on its way
	logger *slog.Logger

	given    atomic.Int32 // number of promises
	mu       sync.Mutex
	promises map[string]promise
	early    []EarlyRequest
}

type promise struct {
	given, until time.Time
	text         string
}

// promise records the Retry-After among the header lines.
func (l *ledger) promise(c *call, f *Fault, target string, header []headerLine) {
	for _, line := range header {
		until, ok := retryTime(line.value, c.now)
		if line.name != "Retry-After" || !ok || c.caller == nil {
			continue
		}
		key := c.identity()
		if f.Kind == Item || c.inBatch {
			key = itemKey(c, target)
		}
		l.mu.Lock()
		if l.promises == nil || len(l.promises) >= maxPromises {
			l.promises = map[string]promise{}
		}
		l.promises[key] = promise{c.now, until, line.value}
		l.given.Store(int32(len(l.promises)))
		l.mu.Unlock()
	}
}

// itemKey is the key of a promise for one path.
func itemKey(c *call, target string) string {
	path, _, _ := strings.Cut(target, "?")
	return c.identity() + "\n" + strings.TrimPrefix(path, "/")
}

// retryTime returns when a Retry-After is over. It reports false if it is neither a positive number of seconds nor a
// date.
func retryTime(text string, now time.Time) (time.Time, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		const year = 365 * 24 * 3600
		return now.Add(time.Duration(min(seconds, year) * float64(time.Second))), seconds > 0
	}
	at, err := http.ParseTime(text)
	return at, err == nil
}

// check records and logs the request if it comes too early. It costs one load while there is no promise.
func (l *ledger) check(c *call, method, target string) {
	l.checkKey(c.identity(), method, target, c.now)
}

// checkItem is check for what was promised for one path.
func (l *ledger) checkItem(c *call, method, target string) {
	if l.given.Load() > 0 {
		l.checkKey(itemKey(c, target), method, target, c.now)
	}
}

func (l *ledger) checkKey(key, method, target string, now time.Time) {
	if l.given.Load() == 0 {
		return
	}
	if r, early := l.find(key, method, target, now); early {
		l.logger.Warn("request sent before Retry-After elapsed",
			"method", method, "url", target, "early", r.Early, "retryAfter", r.RetryAfter)
	}
}

// find records a request that comes too early.
func (l *ledger) find(key, method, url string, now time.Time) (EarlyRequest, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	p, ok := l.promises[key]
	if !ok {
		return EarlyRequest{}, false
	}
	if !now.Before(p.until) {
		delete(l.promises, key)
		l.given.Store(int32(len(l.promises)))
		return EarlyRequest{}, false
	}
	if now.Sub(p.given) < l.grace {
		return EarlyRequest{}, false
	}
	found := EarlyRequest{now, method, url, p.until.Sub(now), p.text}
	if len(l.early) < maxPromises {
		l.early = append(l.early, found)
	}
	return found, true
}

// list returns the early requests, oldest first.
func (l *ledger) list() []EarlyRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]EarlyRequest(nil), l.early...)
}

// reset forgets the early requests. The promises stay.
func (l *ledger) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.early = nil
}
