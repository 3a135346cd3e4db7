package emulator

import (
	"sync"
	"time"
)

// A Request is one request to Microsoft Graph, as it was sent.
type Request struct {
	Time   time.Time // by the emulator's clock
	Method string
	URL    string        // path and query relative to the version root, as sent
	Items  []RequestItem // of a batch, in the order sent
	Status int           // 0 while it is being answered
}

// A RequestItem is one request inside a batch.
type RequestItem struct {
	Method string
	URL    string
}

// maxLogged is the number of requests that the log keeps.
const maxLogged = 10_000

// A requestLog keeps the last requests, and counts token requests.
type requestLog struct {
	on bool

	mu     sync.Mutex
	ring   []*Request
	next   int // where the ring goes on, once it is full
	tokens []*TokenRequest
	count  int
}

// begin enters a request. The entry is nil while the log is off.
func (l *requestLog) begin(method, url string, now time.Time) *Request {
	if !l.on {
		return nil
	}
	entry := &Request{Time: now, Method: method, URL: url}
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ring) < maxLogged {
		l.ring = append(l.ring, entry)
		return entry
	}
	l.ring[l.next] = entry
	l.next = (l.next + 1) % maxLogged
	return entry
}

func (l *requestLog) items(entry *Request, items []batchItem) {
	if entry == nil {
		return
	}
	list := make([]RequestItem, len(items))
	for i := range items {
		list[i] = RequestItem{items[i].Method, items[i].URL}
	}
	l.mu.Lock()
	entry.Items = list
	l.mu.Unlock()
}

func (l *requestLog) end(entry *Request, status int) {
	if entry == nil {
		return
	}
	l.mu.Lock()
	entry.Status = status
	l.mu.Unlock()
}

// Requests returns the last 10,000 requests to Microsoft Graph, oldest first.
func (e *Emulator) Requests() []Request {
	l := &e.log
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Request, 0, len(l.ring))
	for i := range l.ring {
		list = append(list, *l.ring[(l.next+i)%len(l.ring)])
	}
	return list
}

// A TokenRequest is one request to the token endpoint or to the managed-identity endpoint. No secret is kept.
type TokenRequest struct {
	Time     time.Time
	Grant    string // grant_type, or "managed_identity"
	ClientID string
	Scope    string
	Claims   string // what a claims challenge made the client ask for
	Status   int    // 0 while it is being answered
}

// beginToken enters a token request; with the log off too, as there are few.
func (l *requestLog) beginToken(entry TokenRequest) *TokenRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.count++
	if len(l.tokens) >= maxLogged {
		l.tokens = append([]*TokenRequest(nil), l.tokens[maxLogged/2:]...)
	}
	l.tokens = append(l.tokens, &entry)
	return &entry
}

func (l *requestLog) endToken(entry *TokenRequest, status int) {
	l.mu.Lock()
	entry.Status = status
	l.mu.Unlock()
}

// TokenRequests returns how many tokens were asked for since the start or the last [Emulator.ResetLog]; with the request
// log off too.
func (e *Emulator) TokenRequests() int {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	return e.log.count
}

// TokenLog returns the last token requests, oldest first.
func (e *Emulator) TokenLog() []TokenRequest {
	e.log.mu.Lock()
	defer e.log.mu.Unlock()
	list := make([]TokenRequest, len(e.log.tokens))
	for i, entry := range e.log.tokens {
		list[i] = *entry
	}
	return list
}

// ResetLog empties the request log, the token requests and the list of early requests.
func (e *Emulator) ResetLog() {
	l := &e.log
	l.mu.Lock()
	l.ring, l.next, l.tokens, l.count = nil, 0, nil, 0
	l.mu.Unlock()
	e.early.mu.Lock()
	e.early.early = nil
	e.early.mu.Unlock()
}
