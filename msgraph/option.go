package msgraph

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// WithHTTPClient sends requests through the client's transport, which adds what authorises them. If the transport has a
// method
//
//	Unauthorized(resp *http.Response, last bool) (again bool, err error)
//
// it is given each 401 inside a batch, as a response to the request of the batch: again says to send the item once
// more, unless it was the last time; err is what the 401 means if it stands. Redirects are never followed, for they
// could take what authorises a request elsewhere, and no cookies are kept, whatever the client's settings. Its timeout
// has no effect; see WithTryLimit.
func WithHTTPClient(client *http.Client) Option {
	return func(c *Client) {
		if c.wire = client.Transport; c.wire == nil {
			c.wire = http.DefaultTransport
		}
	}
}

// WithIdentity names as whom a request is made. Requests of two identities are never shared, and each has its own
// limits and its own pauses. Without it all requests are of one identity.
func WithIdentity(identity func(context.Context) string) Option {
	return func(c *Client) { c.identity = identity }
}

// WithBodyLimit bounds an answer, unpacked, in bytes; the default is 8 MiB.
func WithBodyLimit(bytes int64) Option {
	return func(c *Client) { c.bodyLimit = max(bytes, 1) }
}

// WithCaller names for whom a request is made. Callers take turns when more requests wait than may be in flight, and so
// do the operations of each, which are told apart by their Trace. Without it, identities take turns.
func WithCaller(caller func(context.Context) string) Option {
	return func(c *Client) { c.callerOf = caller }
}

// WithInFlight bounds how many requests may be in flight at a time: the limit starts at 16 and adapts itself to the
// service between least and most, by default 1 and 256. With both equal it is fixed.
func WithInFlight(least, most int) Option {
	return func(c *Client) { c.least, c.most = max(least, 1), max(least, most, 1) }
}

// WithTryLimit bounds how long one try waits for the header of a response and then for each 64 KiB of its body, or its
// end. What takes longer is sent again like after a broken connection. The default is 6 s.
func WithTryLimit(limit time.Duration) Option {
	return func(c *Client) { c.tryLimit = limit }
}

// WithAttempts bounds how often a request is sent in all; the default is 3.
func WithAttempts(attempts int) Option {
	return func(c *Client) { c.attempts = max(attempts, 1) }
}

// WithBackoff sets the wait before the second attempt where the service names none; it doubles with each more and is
// shortened by up to a half at random. The default is 500 ms.
func WithBackoff(wait time.Duration) Option {
	return func(c *Client) { c.backoff = max(wait, 0) }
}

// WithSharing says whether equal GETs that are in flight for one identity share one request; by default they do.
func WithSharing(sharing bool) Option {
	return func(c *Client) { c.sharing = sharing }
}

// Pauses shares with other processes that an identity was told to pause. See [WithPauses].
type Pauses interface {
	// Stop tells other processes that nothing may be sent for an identity before a wait has passed. It does not wait.
	Stop(identity string, wait time.Duration)
	// Until returns until when nothing may be sent for an identity because another process was told so; zero: no such
	// pause is known. It is called for each request, and returns at once.
	Until(identity string) time.Time
}

// WithPauses lets processes that are the same identities learn from each other when these have to pause. By default
// each process finds out by itself.
func WithPauses(pauses Pauses) Option {
	return func(c *Client) { c.lanes.shared = pauses }
}

// WithClock replaces the clock by which pauses are measured. It goes together with WithSleep; deadlines of contexts
// stay in real time.
func WithClock(now func() time.Time) Option {
	return func(c *Client) { c.now = now }
}

// WithSleep replaces the way to wait, which returns the context's cause when that ends first.
func WithSleep(sleep func(context.Context, time.Duration) error) Option {
	return func(c *Client) { c.sleep = sleep }
}

// WithRetried calls a function for each lookup that is to be sent again, with the failure of the last try.
func WithRetried(retried func(ctx context.Context, failure *Error)) Option {
	return func(c *Client) { c.retried = retried }
}

// WithLogger logs retries and oddities of the service at debug level. The default logs nothing.
func WithLogger(log *slog.Logger) Option {
	return func(c *Client) { c.log = log }
}
