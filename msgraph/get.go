package msgraph

import (
	"context"
	"net/http"
	"sync"

	"portico/internal/limiter"
)

// get sends one call as a plain GET, or joins an equal one in flight.
func (f *fetch) get(ctx context.Context, one call) {
	if f.sharing && one.tried == 0 {
		f.settle(one, f.share(ctx, one))
		return
	}
	f.settle(one, f.single(ctx, one))
}

// share joins the equal GET that is in flight for the same identity, or sends one that others may join. Should that
// fail by the deadline of the caller who sent it, those who have more time send another.
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
		f.trace.add(Exchange{
			Method: http.MethodGet, URL: one.url, Start: start, Status: out.status(), Shared: true,
			Attempt: 1,
		})
	}
	return out
}

// single sends one GET as often as it takes.
func (f *fetch) single(ctx context.Context, one call) outcome {
	for {
		permit, out := f.acquire(ctx, one.path())
		if out.failure != nil {
			return out
		}
		one.tried++
		out = f.sendGet(ctx, one)
		permit.end(out.failure.fared(), limiter.Get)
		if out.failure == nil {
			return out
		}
		wait, again, cut := f.again(ctx, one, out.failure, true)
		if !again {
			f.report(ctx, out.failure, 1, one.tried)
			return outcome{failure: out.failure, cut: cut}
		}
		if wait > 0 && f.sleep(ctx, wait) != nil {
			return outcome{failure: stopped(ctx), cut: true}
		}
	}
}

func (f *fetch) sendGet(ctx context.Context, one call) (out outcome) {
	start := f.trace.clock()
	got, err := f.send(ctx, f.sending(1, one.tried), http.MethodGet, one.url, nil)
	got.read = earlyReader(ctx, one.url)
	if err != nil {
		out.failure = unanswered(ctx, got, err)
	} else if out.body, out.failure = got.judge(); out.failure == nil {
		out.notice = got.notice()
	}
	if f.trace != nil {
		f.record(got, err, Exchange{
			Method: http.MethodGet, URL: one.url, Status: got.status, Start: start,
			RequestID: requestID(got, out.failure), Attempt: one.tried,
		})
	}
	return out
}

// getAll sends calls as plain GETs side by side.
func (f *fetch) getAll(ctx context.Context, calls []call) {
	var wg sync.WaitGroup
	for _, one := range calls[1:] {
		wg.Go(func() { f.get(ctx, one) })
	}
	f.get(ctx, calls[0])
	wg.Wait()
}
