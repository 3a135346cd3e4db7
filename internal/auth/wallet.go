package auth

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"

	"portico/graph/code"
	"portico/internal/failure"
	"portico/internal/flight"
)

// aheadPause is how long a failed renewal ahead of a token's end is left alone.
const aheadPause = 15 * time.Second

// fetch asks for a token, with claims if there are any. Its error is an *Error.
type fetch func(ctx context.Context, claims string) (grant, error)

// wallet holds the current token of each identity, and the last failure to get one. Both are bounded: what was used
// longest ago leaves. Failures are kept apart, so that callers with made-up tokens push out no good one.
type wallet struct {
	log     *slog.Logger
	fetches flight.Group[grant]
	life    context.Context // fetches outlive those who ask, and end with it
	end     context.CancelFunc

	mu       sync.Mutex
	records  *simplelru.LRU[string, *record]
	failures *simplelru.LRU[string, lastFailure]
	reports  failure.Limiter
}

type record struct {
	grant
	// rejected is when the token was last rejected and replaced.
	rejected time.Time
	// claims are those that the next token has to satisfy.
	claims string
	// renewing is set while a renewal ahead of the token's end is under way.
	renewing bool
}

type lastFailure struct {
	err   *Error
	at    time.Time
	until time.Time
}

func newWallet(size int, log *slog.Logger) (*wallet, error) {
	records, err := simplelru.NewLRU[string, *record](size, nil)
	if err != nil {
		return nil, err
	}
	failures, err := simplelru.NewLRU[string, lastFailure](size, nil)
	if err != nil {
		return nil, err
	}
	w := &wallet{log: log, records: records, failures: failures}
	w.life, w.end = context.WithCancel(context.Background())
	return w, nil
}

// outliving returns a context with the values of ctx that does not end with it, but with the wallet.
func (w *wallet) outliving(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(w.life, cancel)
	return ctx, func() {
		stop()
		cancel()
	}
}

// token returns the token under key: the one in hand, or a new one. Callers that ask at the same time share one fetch,
// which none of them ends by leaving.
func (w *wallet) token(ctx context.Context, key string, f fetch) (string, error) {
	token, claims, ahead := w.look(key, time.Now())
	if token != "" {
		if ahead {
			go w.renewAhead(ctx, key, token, f)
		}
		return token, nil
	}
	if err := w.failed(key, time.Now()); err != nil {
		return "", err
	}
	result := make(chan outcome, 1)
	go func() {
		ctx, done := w.outliving(ctx)
		defer done()
		g, err := w.renew(ctx, key, "", claims, f)
		result <- outcome{g.token, err}
	}()
	select {
	case r := <-result:
		return r.token, r.err
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

type outcome struct {
	token string
	err   error
}

// look returns the token in hand, if it is good, and whether it is time to renew it;
// else the claims that a new one has to satisfy.
func (w *wallet) look(key string, now time.Time) (token, claims string, ahead bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, found := w.records.Get(key)
	if !found {
		return "", "", false
	}
	if r.token == "" || !now.Before(r.expires) {
		return "", r.claims, false
	}
	if now.Before(r.refresh) || r.renewing {
		return r.token, "", false
	}
	if last, found := w.failures.Peek(key); found && now.Before(last.at.Add(aheadPause)) {
		return r.token, "", false
	}
	r.renewing = true
	return r.token, "", true
}

// failed returns the failure that is still remembered, as a new error that says how long asking again is pointless.
func (w *wallet) failed(key string, now time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	last, found := w.failures.Get(key)
	if !found || !now.Before(last.until) {
		return nil
	}
	again := *last.err
	again.RetryAfter = last.until.Sub(now)
	return &again
}

// renew fetches a token unless another than the stale one has come meanwhile.
func (w *wallet) renew(ctx context.Context, key, stale, claims string, f fetch) (grant, error) {
	g, _, err := w.fetches.Do(ctx, key+"\x00"+claims, fetchLimit, func(ctx context.Context) (grant, error) {
		if g, found := w.current(key, time.Now()); found && g.token != stale {
			return g, nil
		}
		if err := w.failed(key, time.Now()); err != nil {
			return grant{}, err
		}
		g, err := f(ctx, claims)
		if err != nil {
			return grant{}, w.fail(key, err)
		}
		w.store(key, g)
		return g, nil
	})
	if crash, ok := errors.AsType[*flight.Panic](err); ok {
		w.log.ErrorContext(ctx, "panic while getting a token", "stack", string(crash.Stack))
		return grant{}, &Error{Code: code.UpstreamAuth, Message: "getting a token: internal error"}
	}
	var e *Error
	if err != nil && !errors.As(err, &e) {
		return grant{}, &Error{Code: code.UpstreamAuth, Message: "getting a token: " + reason(err), Err: safeCause(err)}
	}
	return g, err
}

func (w *wallet) renewAhead(ctx context.Context, key, stale string, f fetch) {
	ctx, done := w.outliving(ctx)
	defer done()
	if _, err := w.renew(ctx, key, stale, "", f); err != nil {
		w.log.WarnContext(ctx, "early token renewal failed; the current token is still valid", "error", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if r, found := w.records.Peek(key); found {
		r.renewing = false
	}
}

func (w *wallet) current(key string, now time.Time) (grant, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, found := w.records.Peek(key)
	if !found || r.token == "" || !now.Before(r.expires) {
		return grant{}, false
	}
	return r.grant, true
}

func (w *wallet) store(key string, g grant) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures.Remove(key)
	if r, found := w.records.Peek(key); found {
		r.grant, r.claims = g, ""
		return
	}
	w.records.Add(key, &record{grant: g})
}

// fail remembers the failure, for as long as the token endpoint asked for.
func (w *wallet) fail(key string, err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{
			Code: code.UpstreamAuth, Message: "getting a token: " + reason(err), Err: safeCause(err),
			class: failure.Class(err),
		}
	}
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.failures.Add(key, lastFailure{err: e, at: now, until: now.Add(max(pauseUnit, e.RetryAfter))})
	w.report(e, now)
	return e
}

// report logs a failed token request, one line for all who waited for it.
func (w *wallet) report(e *Error, now time.Time) {
	class := e.class
	if class == "" {
		class = failure.Status
	}
	if suppressed, ok := w.reports.Allow(class, now); ok {
		w.log.Warn("token request failed", "class", class, "code", e.Code, "error", e.Message, "suppressed", suppressed)
	}
}

// reject takes a token that Microsoft Graph refuses out of use and reports whether asking for another one makes sense:
// it does not if the last one was replaced a moment ago.
func (w *wallet) reject(key, token, claims string) bool {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	r, found := w.records.Get(key)
	if !found || r.token != token {
		return true
	}
	if now.Sub(r.rejected) < pauseUnit {
		return false
	}
	r.rejected, r.token, r.claims = now, "", claims
	return true
}
