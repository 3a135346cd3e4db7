package msgraph

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"portico/internal/limiter"
)

// batchPath is where batches go, below the version root.
const batchPath = "/$batch"

// MaxBatch is the most requests that Microsoft Graph takes in one batch.
// https://learn.microsoft.com/graph/json-batching
const MaxBatch = 20

// batch sends calls as batches, each when its time has come, and again those of them that may be tried again, until all
// are settled. Halved says that the calls are a half of a batch that the service refused.
func (f *fetch) batch(ctx context.Context, calls []call, halved bool) {
	groups := f.groups(ctx, calls)
	f.beside(len(groups), func(i int) {
		if wait := groups[i].wait; wait > 0 && f.sleep(ctx, jitter(wait)) != nil {
			f.settleAll(groups[i].calls, outcome{failure: stopped(ctx), cut: true})
			return
		}
		f.together(ctx, groups[i].calls, halved)
	})
}

// together sends calls that are due: few as GETs, more as a batch.
func (f *fetch) together(ctx context.Context, calls []call, halved bool) {
	if len(calls) <= few {
		f.getAll(ctx, calls)
		return
	}
	f.wave(ctx, calls, halved)
}

// beside calls do with each index below n, side by side.
func (f *fetch) beside(n int, do func(i int)) {
	var wg sync.WaitGroup
	for i := 1; i < n; i++ {
		wg.Go(func() { do(i) })
	}
	if n > 0 {
		do(0)
	}
	wg.Wait()
}

// wave sends one batch, settles what it can, and sends again what may be tried again.
func (f *fetch) wave(ctx context.Context, calls []call, halved bool) {
	permit, out := f.acquire(ctx, batchPath)
	if out.failure != nil {
		f.settleAll(calls, out)
		return
	}
	got := f.sendBatch(ctx, calls)
	permit.end(got.fared(), limiter.Batch)
	if got.failure != nil && splits(got.failure, halved) {
		half := len(calls) / 2
		halved = halved || got.failure.Status == http.StatusBadRequest
		f.batch(ctx, calls[:half], halved)
		f.batch(ctx, calls[half:], halved)
		return
	}
	culprit := -1
	if got.culprit >= 0 {
		culprit = calls[got.culprit].index
	}
	left, broken := f.sift(ctx, calls, got)
	parts := apart(broken, culprit)
	if len(left) > 0 {
		parts = append(parts, left)
	}
	f.beside(len(parts), func(i int) {
		if parts[i][0].broken > 1 {
			f.getAll(ctx, parts[i])
			return
		}
		f.batch(ctx, parts[i], halved)
	})
}

// apart splits the calls that a broken batch answer left unanswered, so that the one that broke it spares the others
// next time: that one and the others, where it is known, else two halves. The second time all go as GETs.
func apart(calls []call, culprit int) [][]call {
	at := slices.IndexFunc(calls, func(one call) bool { return one.index == culprit })
	switch {
	case len(calls) == 0:
		return nil
	case len(calls) <= few || calls[0].broken > 1:
		return [][]call{calls}
	case at < 0:
		half := len(calls) / 2
		return [][]call{calls[:half:half], calls[half:]}
	}
	calls[0], calls[at] = calls[at], calls[0]
	return [][]call{calls[:1:1], calls[1:]}
}

// splits reports whether a batch that failed may succeed in halves: always when it was too large, and once when
// something in it was malformed, to spare those that were not.
func splits(failure *Error, halved bool) bool {
	switch {
	case failure.Kind == TooLarge, failure.Status == http.StatusRequestEntityTooLarge:
		return true
	case failure.Status == http.StatusBadRequest:
		return !halved
	}
	return false
}

// sift settles the calls that are answered or have failed for good. It returns the others, and apart from them those
// whose answer the batch broke off before.
func (f *fetch) sift(ctx context.Context, calls []call, got batchAnswer) (left, broken []call) {
	outcomes := make([]outcome, len(calls))
	throttled := 0
	for i := range calls {
		if outcomes[i] = got.outcome(i); outcomes[i].failure != nil && outcomes[i].failure.Kind == Throttled {
			throttled++
		}
	}
	left = calls[:0]
	var lost []ended // calls of a batch that failed as a whole
	for i, one := range calls {
		one.tried++
		failure := outcomes[i].failure
		wait, again := time.Duration(0), false
		switch {
		case failure == nil:
		case failure.Status == http.StatusUnauthorized && got.seen(i):
			again = f.renew(&one, got.items[i], failure)
		default:
			wait, again, outcomes[i].cut = f.again(ctx, one, failure, 2*throttled > len(calls))
		}
		switch {
		case !again && (got.failure == nil || got.seen(i)):
			f.report(ctx, failure, 1, one.tried)
			f.settle(one, outcomes[i])
		case !again:
			lost = append(lost, ended{one, outcomes[i]})
		case errors.Is(failure.Err, errBroken):
			one.broken++
			broken = append(broken, one)
		default:
			one.due = f.at(wait)
			left = append(left, one)
		}
	}
	f.lose(ctx, got.failure, lost)
	return left, broken
}

// ended is a call and how it ended.
type ended struct {
	call
	outcome
}

// lose settles calls that failed together. They are logged before, so that whoever has the response finds the line.
func (f *fetch) lose(ctx context.Context, failure *Error, lost []ended) {
	if len(lost) == 0 {
		return
	}
	tried := 0
	for _, one := range lost {
		tried = max(tried, one.tried)
	}
	f.report(ctx, failure, len(lost), tried)
	for _, one := range lost {
		f.settle(one.call, one.outcome)
	}
}

// at returns when a wait ends, and the zero time for none.
func (c *Client) at(wait time.Duration) time.Time {
	if wait <= 0 {
		return time.Time{}
	}
	return c.now().Add(wait)
}

// An authorizer is a round tripper that answers a 401 by itself. It is given those inside of a batch, which it cannot
// see: as a response to the request of the batch. Last says that this was tried before. The error is what the 401 means
// if it stands; again says that sending the request again may help.
type authorizer interface {
	Unauthorized(resp *http.Response, last bool) (again bool, err error)
}

// renew treats the 401 of an item like that of a GET, and reports whether the call is to be sent again.
func (f *fetch) renew(one *call, it item, failure *Error) bool {
	wire, ok := f.wire.(authorizer)
	if !ok || it.request == nil {
		return false
	}
	again, err := wire.Unauthorized(it.response(), one.renewed) //nolint:bodyclose // the body is in memory
	failure.Err = err
	again = again && !one.renewed
	one.renewed = true
	return again
}

// sendBatch sends one batch. Of an answer that ends too soon it keeps what had come before.
func (f *fetch) sendBatch(ctx context.Context, calls []call) batchAnswer {
	start := f.trace.clock()
	sent, err := f.send(ctx, f.sending(len(calls), attempt(calls)), http.MethodPost, batchPath, appendBatch(nil, calls))
	got := batchAnswer{culprit: -1}
	if err != nil {
		got.failure = unanswered(ctx, sent, err)
		if sent.holdsItems() {
			got.items, got.unasked = sent.started(len(calls), f.now())
		}
	} else {
		got = sent.batch(len(calls), f.now())
	}
	if got.unasked > 0 {
		f.log.DebugContext(ctx, "a batch response contains unexpected items",
			slog.Int("count", got.unasked), slog.String("request_id", sent.requestID))
	}
	if f.trace != nil {
		f.record(sent, err, batchExchange(start, sent, calls, got))
	}
	return got
}

func batchExchange(start time.Duration, sent answer, calls []call, got batchAnswer) Exchange {
	e := Exchange{
		Method: http.MethodPost, URL: batchPath, Status: sent.status, Start: start,
		RequestID: requestID(sent, got.failure), Unasked: got.unasked, Items: make([]Item, len(calls)),
		Attempt: attempt(calls),
	}
	for i, one := range calls {
		e.Items[i].URL = one.url
		if got.items != nil {
			e.Items[i].Status = got.items[i].status
		}
	}
	return e
}

// appendBatch encodes calls as a batch of GETs with the ids "1", "2", ….
func appendBatch(dst []byte, calls []call) []byte {
	if dst == nil {
		size := 16
		for _, one := range calls {
			size += len(one.url) + 44
		}
		dst = make([]byte, 0, size)
	}
	dst = append(dst, `{"requests":[`...)
	for i, one := range calls {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"id":"`...)
		dst = strconv.AppendInt(dst, int64(i+1), 10)
		dst = append(dst, `","method":"GET","url":`...)
		// The only error is about invalid UTF-8, which it replaces.
		dst, _ = jsontext.AppendQuote(dst, one.url)
		dst = append(dst, '}')
	}
	return append(dst, `]}`...)
}

// batches splits the calls into chunks and sends them side by side.
func (f *fetch) batches(ctx context.Context, calls []call) {
	var wg sync.WaitGroup
	for len(calls) > MaxBatch {
		chunk := calls[:MaxBatch:MaxBatch]
		calls = calls[MaxBatch:]
		wg.Go(func() { f.batch(ctx, chunk, false) })
	}
	f.batch(ctx, calls, false)
	wg.Wait()
}
