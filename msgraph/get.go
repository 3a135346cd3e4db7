package msgraph

import (
	"context"
	"errors"
	"net/http"

	"portico/internal/limiter"
)

// outcome is how a call ended: a body or a failure.
type outcome struct {
	body    []byte
	failure *Error
	// cut reports that the failure is owed to the caller's own context, and
	// that another caller may fare better.
	cut bool
}

// get sends one call as a plain GET, or joins an equal one in flight.
func (f *fetch) get(ctx context.Context, one call) {
	if f.sharing && one.tried == 0 {
		f.settle(one, f.share(ctx, one))
		return
	}
	f.settle(one, f.single(ctx, one))
}

// share joins the equal GET that is in flight for the same identity, or sends
// one that others may join. Should that fail by the deadline of the caller
// who sent it, those who have more time send another.
func (f *fetch) share(ctx context.Context, one call) outcome {
	start := f.trace.clock()
	out, shared, err := f.gets.Do(ctx, f.lane.identity+"\n"+one.url, func() (outcome, bool) {
		out := f.single(ctx, one)
		return out, !out.cut
	})
	if err != nil {
		return outcome{failure: stopped(ctx)}
	}
	if shared && f.trace != nil {
		f.trace.add(Exchange{Method: http.MethodGet, URL: one.url, Start: start, Status: out.status(), Shared: true, Attempt: 1})
	}
	return out
}

// status returns the HTTP status that stands for an outcome.
func (out outcome) status() int {
	if out.failure != nil {
		return out.failure.Status
	}
	return http.StatusOK
}

// single sends one GET as often as it takes.
func (f *fetch) single(ctx context.Context, one call) outcome {
	for {
		permit, out := f.acquire(ctx, one.path())
		if out.failure != nil {
			return out
		}
		one.tried++
		body, failure := f.sendGet(ctx, one)
		permit.end(failure.fared(), limiter.Get)
		if failure == nil {
			return outcome{body: body}
		}
		wait, again, cut := f.again(ctx, one, failure, true)
		if !again {
			f.report(ctx, failure, 1, one.tried)
			return outcome{failure: failure, cut: cut}
		}
		if wait > 0 && f.sleep(ctx, wait) != nil {
			return outcome{failure: stopped(ctx), cut: true}
		}
	}
}

func (f *fetch) sendGet(ctx context.Context, one call) (body []byte, failure *Error) {
	start := f.trace.clock()
	got, err := f.send(ctx, http.MethodGet, one.url, nil)
	if err != nil {
		failure = unanswered(ctx, got, err)
	} else {
		body, failure = got.judge()
	}
	if f.trace != nil {
		f.record(got, err, Exchange{
			Method: http.MethodGet, URL: one.url, Status: got.status, Start: start,
			RequestID: requestID(got, failure), Attempt: one.tried,
		})
	}
	return body, failure
}

// requestID returns the request-id of an answer, or else of its error object.
func requestID(got answer, failure *Error) string {
	if got.requestID == "" && failure != nil {
		return failure.RequestID
	}
	return got.requestID
}

// record adds an exchange to the trace, after those that the round tripper
// did not hand on: each was a request.
func (f *fetch) record(got answer, err error, e Exchange) {
	for _, resp := range got.earlier {
		first := e
		first.Status, first.RequestID = resp.StatusCode, requestIDOf(resp)
		f.trace.add(first)
	}
	if !unsent(err) {
		f.trace.add(e)
	}
}

// unsent reports whether the request never left: what had to authorise it
// refused to, which says so by not being Retryable.
func unsent(err error) bool {
	var opinion interface{ Retryable() bool }
	return errors.As(err, &opinion) && !opinion.Retryable()
}

// unanswered returns the failure of a request that got no whole answer.
func unanswered(ctx context.Context, got answer, err error) *Error {
	if ctx.Err() != nil {
		return stopped(ctx)
	}
	failure := got.failed(Unavailable, causeOf(err))
	failure.Status, failure.RetryAfter = 0, 0 // the answer did not arrive
	if errors.Is(err, errTooLarge) {
		failure.Kind, failure.Status = TooLarge, got.status
	}
	return failure
}

// stopped returns the failure of a caller whose context has ended.
func stopped(ctx context.Context) *Error {
	return &Error{Kind: TimedOut, Err: context.Cause(ctx)}
}
