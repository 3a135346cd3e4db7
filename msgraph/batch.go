package msgraph

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"
)

// maxBatch is the most requests that Microsoft Graph takes in one batch.
const maxBatch = 20

var (
	errMissing = errors.New("batch answer without this item")
	errDoubled = errors.New("batch answer with this item more than once")
)

// batch sends calls as one batch, and again those of them that may be tried
// again, until all are settled. Halved says that the calls are a half of a
// batch that the service refused.
func (f *fetch) batch(ctx context.Context, calls []call, halved bool) {
	for len(calls) > 0 {
		if len(calls) <= few {
			f.getAll(ctx, calls)
			return
		}
		calls = f.wave(ctx, calls, halved)
	}
}

// wave sends one batch, settles what it can, and returns the calls to be
// tried again, after having waited as long as the longest of them demands.
func (f *fetch) wave(ctx context.Context, calls []call, halved bool) []call {
	release, out := f.acquire(ctx)
	if out.failure != nil {
		f.settleAll(calls, out)
		return nil
	}
	items, failure := f.sendBatch(ctx, calls)
	release()
	if failure != nil && splits(failure, halved) {
		half := len(calls) / 2
		halved = halved || failure.Status == http.StatusBadRequest
		f.batch(ctx, calls[:half], halved)
		f.batch(ctx, calls[half:], halved)
		return nil
	}
	left, wait := f.sift(ctx, calls, items, failure)
	if wait > 0 && f.sleep(ctx, wait) != nil {
		f.settleAll(left, outcome{failure: stopped(ctx)})
		return nil
	}
	return left
}

// splits reports whether a batch that failed may succeed in halves: always
// when it was too large, and once when something in it was malformed, to
// spare those that were not.
func splits(failure *Error, halved bool) bool {
	switch {
	case failure.Kind == TooLarge, failure.Status == http.StatusRequestEntityTooLarge:
		return true
	case failure.Status == http.StatusBadRequest:
		return !halved
	}
	return false
}

// sift settles the calls that are answered or have failed for good, and
// returns the others with the longest wait among them. With a failure, it is
// that of every call.
func (f *fetch) sift(ctx context.Context, calls []call, items []item, failure *Error) (left []call, longest time.Duration) {
	left = calls[:0]
	for i, one := range calls {
		one.tried++
		out := outcome{}
		if failure != nil {
			own := *failure
			out.failure = &own
		} else {
			out.body, out.failure = items[i].judge()
		}
		if out.failure != nil {
			if wait, again, _ := f.again(ctx, out.failure, one.tried); again {
				left = append(left, one)
				longest = max(longest, wait)
				continue
			}
		}
		f.settle(one, out)
	}
	return left, longest
}

func (f *fetch) settleAll(calls []call, out outcome) {
	for _, one := range calls {
		f.settle(one, out)
	}
}

// sendBatch sends one batch and returns one item for each call, in their
// order, or the failure of the batch as a whole.
func (f *fetch) sendBatch(ctx context.Context, calls []call) ([]item, *Error) {
	start := f.trace.clock()
	got, err := f.send(ctx, http.MethodPost, "/$batch", appendBatch(nil, calls))
	var items []item
	var unasked int
	var failure *Error
	if err != nil {
		failure = unanswered(ctx, got, err)
	} else {
		items, unasked, failure = got.batch(len(calls), f.now())
	}
	if unasked > 0 {
		f.log.DebugContext(ctx, "msgraph: answers nobody asked for", slog.Int("count", unasked), slog.String("requestID", got.requestID))
	}
	if f.trace != nil && !unsent(err) {
		f.trace.add(batchExchange(start, got, calls, items, unasked))
	}
	return items, failure
}

func batchExchange(start time.Duration, got answer, calls []call, items []item, unasked int) Exchange {
	e := Exchange{
		Method: http.MethodPost, URL: "/$batch", Status: got.status, Start: start,
		RequestID: got.requestID, Unasked: unasked, Items: make([]Item, len(calls)),
	}
	for i, one := range calls {
		e.Items[i].URL = one.url
		e.Attempt = max(e.Attempt, one.tried+1)
		if items != nil {
			e.Items[i].Status = items[i].status
		}
	}
	return e
}

// batch reads the answer to a batch of size requests.
func (a *answer) batch(size int, now time.Time) (items []item, unasked int, failure *Error) {
	body, failure := a.judge()
	switch {
	case failure == nil:
	case a.status == http.StatusFailedDependency && a.isJSON():
		// Documented once for a batch with a failed item: judge by items.
		body = a.body
	case a.status == http.StatusNotFound:
		// There is no batching here, which says nothing about the items.
		failure.Kind = BadResponse
		return nil, 0, failure
	default:
		return nil, 0, failure
	}
	items, unasked, err := readBatch(body, size)
	if err != nil && failure == nil {
		failure = a.bad(badResponse(err).Err)
	}
	if err != nil {
		return nil, 0, failure
	}
	for i := range items {
		items[i].inherit(a, now)
	}
	return items, unasked, nil
}
