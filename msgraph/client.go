package msgraph

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"portico/internal/breaker"
	"portico/internal/failure"
	"portico/internal/flight"
	"portico/internal/limiter"
	"portico/internal/loopback"
	"portico/internal/pause"
)

// Client fetches resources of one Microsoft Graph service. It is safe for use by many goroutines. Its zero value is of
// no use; see New.
type Client struct {
	base      url.URL // the version root, without a trailing slash
	wire      http.RoundTripper
	tryLimit  time.Duration // of one try, see WithTryLimit
	least     int           // requests in flight at which the limit stays above
	most      int           // and below
	identity  func(context.Context) string
	callerOf  func(context.Context) string
	bodyLimit int64
	attempts  int
	backoff   time.Duration
	sharing   bool
	retried   func(context.Context, *Error)
	now       func() time.Time
	sleep     func(context.Context, time.Duration) error
	log       *slog.Logger
	reports   failure.Limiter // of requests that failed
	retries   failure.Limiter // of those that are sent again

	intake  *intake
	lanes   lanes
	slots   *limiter.Limiter
	breaker *breaker.Breaker
	budget  breaker.Budget

	pauseLogged atomic.Pointer[time.Time] // until when the pause lasts that was logged
	waiters     atomic.Int64              // requests that wait for the end of a pause
	operations  atomic.Int64              // admitted by Admit
	gets        flight.Inline[outcome]
}

// New returns a client for the service at base, which includes the version, as in "https://graph.microsoft.com/v1.0".
// Plain http is accepted for loopback hosts only.
func New(base string, opts ...Option) (*Client, error) {
	root, err := parseBase(base)
	if err != nil {
		return nil, fmt.Errorf("msgraph: %w", err)
	}
	c := &Client{
		base:      *root,
		wire:      NewTransport(),
		identity:  func(context.Context) string { return "" },
		bodyLimit: 8 << 20,
		tryLimit:  6 * time.Second,
		least:     1,
		most:      256,
		attempts:  3,
		backoff:   500 * time.Millisecond,
		sharing:   true,
		retried:   func(context.Context, *Error) {},
		now:       time.Now,
		sleep:     pause.For,
		log:       slog.New(slog.DiscardHandler),
		intake:    newIntake(maxIntake),
		retries:   failure.Limiter{Lines: 1},
	}
	for _, opt := range opts {
		opt(c)
	}
	if c.callerOf == nil {
		c.callerOf = c.identity
	}
	c.slots, c.breaker = limiter.New(c.least, c.most, c.now), breaker.New("Microsoft Graph", c.log)
	return c, nil
}

// The errors name no part of the base but its scheme: it may hold a password.
func parseBase(base string) (*url.URL, error) {
	root, err := url.Parse(base)
	switch {
	case err != nil || root.Host == "":
		return nil, errors.New("base is not an absolute URL")
	case root.User != nil, root.RawQuery != "", root.Fragment != "":
		return nil, errors.New("base must have only a scheme, a host and a path")
	case root.Scheme == "https", root.Scheme == "http" && loopback.Is(root.Hostname()):
		root.Path, root.RawPath = strings.TrimRight(root.EscapedPath(), "/"), ""
		return root, nil
	case root.Scheme == "http":
		return nil, errors.New("plain http is allowed for loopback hosts only")
	}
	return nil, fmt.Errorf("scheme must be https (got %q)", root.Scheme)
}

// Option changes a setting of a client.
type Option func(*Client)
