package emulator

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// An EarlyRequest came before the Retry-After that its sender was given had passed.
type EarlyRequest struct {
	Time       time.Time     // when it came
	Method     string        // of the request, or of the item in a batch
	URL        string        // relative to the version root
	Early      time.Duration // how much too early it was
	RetryAfter string        // what its sender was given
}

// maxPromises bounds the ledger, and the list of early requests.
const maxPromises = 10_000

// A ledger remembers each Retry-After that was handed out. One for a whole request binds all of its sender's requests;
// one for an item of a batch binds that item, as the others may go on.
type ledger struct {
	grace time.Duration

	given    atomic.Int32 // how many promises there are
	mu       sync.Mutex
	promises map[string]promise
	early    []EarlyRequest
}

type promise struct {
	given, until time.Time
	text         string
}

// promise enters the Retry-After that is among the header lines.
func (l *ledger) promise(c *call, f *Fault, target string, header []headerLine) {
	for _, line := range header {
		until, ok := retryTime(line.value, c.now)
		if line.name != "Retry-After" || !ok || c.caller == nil {
			continue
		}
		key := c.caller.identity
		if f.Kind == Item || c.inBatch {
			key += "\n" + pathOf(target)
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

// retryTime tells when a Retry-After has passed; false where it is neither a number of seconds nor a date.
func retryTime(text string, now time.Time) (time.Time, bool) {
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		const year = 365 * 24 * 3600
		return now.Add(time.Duration(min(seconds, year) * float64(time.Second))), seconds > 0
	}
	at, err := http.ParseTime(text)
	return at, err == nil
}

// check records a request that comes before its time.
func (l *ledger) check(key, method, url string, now time.Time) (EarlyRequest, bool) {
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
		return EarlyRequest{}, false // it was under way already
	}
	found := EarlyRequest{now, method, url, p.until.Sub(now), p.text}
	if len(l.early) < maxPromises {
		l.early = append(l.early, found)
	}
	return found, true
}

// checkEarly looks a whole request up. It costs one load while no promise is open.
func (e *Emulator) checkEarly(c *call, method, target string) {
	if e.early.given.Load() == 0 {
		return
	}
	e.warnEarly(c.caller.identity, method, target, c.now)
	if !isBatch(target) {
		e.warnEarly(c.caller.identity+"\n"+pathOf(target), method, target, c.now)
	}
}

// checkEarlyItem looks an item of a batch up.
func (e *Emulator) checkEarlyItem(c *call, it *batchItem) {
	if e.early.given.Load() == 0 {
		return
	}
	e.warnEarly(c.caller.identity+"\n"+pathOf(it.URL), it.Method, it.URL, c.now)
}

func (e *Emulator) warnEarly(key, method, target string, now time.Time) {
	if found, ok := e.early.check(key, method, target, now); ok {
		e.logger.Warn("request came before Retry-After had passed",
			"method", method, "url", target, "early", found.Early, "retryAfter", found.RetryAfter)
	}
}

func pathOf(target string) string {
	path, _, _ := strings.Cut(target, "?")
	return strings.TrimPrefix(path, "/")
}

// EarlyRequests returns the requests that came before the Retry-After given to their sender had passed, oldest first.
func (e *Emulator) EarlyRequests() []EarlyRequest {
	e.early.mu.Lock()
	defer e.early.mu.Unlock()
	return append([]EarlyRequest(nil), e.early.early...)
}
