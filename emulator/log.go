package emulator

import (
	"sync"
	"time"
)

// A Request is one request to Microsoft Graph, as it was sent.
type Request struct {
	Time   time.Time // by the emulator's clock
	Method string
	URL    string        // path and query relative to the version of the API
	Items  []RequestItem // of a batch, in the order sent
	Status int           // 0 until the response is sent
	// ClientRequestID is the client-request-id that the client sent, if it was a GUID.
	ClientRequestID string
}

// A RequestItem is one request in a batch.
type RequestItem struct {
	Method string
	URL    string
}

// A TokenRequest is one request to the token endpoint or to the managed-identity endpoint. Secrets are not recorded.
type TokenRequest struct {
	Time     time.Time
	Grant    string // grant_type, or "managed_identity"
	ClientID string
	Scope    string
	Claims   string // of a claims challenge that the client responds to
	Status   int    // 0 until the response is sent
}

// maxLogged is the number of requests that the log keeps.
const maxLogged = 10_000

// A requestLog keeps the last requests, and counts token requests.
type requestLog struct {
	on bool // token requests are recorded even if not: there are few

	mu     sync.Mutex
	ring   []*Request
	next   int // the oldest entry, once the ring is full
	tokens []*TokenRequest
	count  int
}

// begin records a request. The entry is nil while the log is off.
func (l *requestLog) begin(method, url string, c *call) *Request {
	if !l.on {
		return nil
	}
	entry := &Request{Time: c.now, Method: method, URL: url, ClientRequestID: c.clientID}
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

func (l *requestLog) items(entry *Request, items []RequestItem) {
	l.mu.Lock()
	entry.Items = items
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

// list returns the requests, oldest first.
func (l *requestLog) list() []Request {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]Request, 0, len(l.ring))
	for i := range l.ring {
		list = append(list, *l.ring[(l.next+i)%len(l.ring)])
	}
	return list
}

// beginToken records a token request.
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

// tokenCount returns the number of token requests, including those that were dropped from the log.
func (l *requestLog) tokenCount() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.count
}

// tokenList returns the token requests, oldest first.
func (l *requestLog) tokenList() []TokenRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]TokenRequest, len(l.tokens))
	for i, entry := range l.tokens {
		list[i] = *entry
	}
	return list
}

func (l *requestLog) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ring, l.next, l.tokens, l.count = nil, 0, nil, 0
}
