package msgraph

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// errTryLimit is the failure of a try that took too long. It counts as a timeout, hence as transient.
var errTryLimit = fmt.Errorf("no response within the time limit of one attempt: %w", context.DeadlineExceeded)

// progress is how much of a body has to arrive within the limit. A stalled or dripping body fails by it, and a large
// one over a slow network does not.
const progress = 64 << 10

// watch ends one try that makes no progress. It is the body of the response, once there is one.
type watch struct {
	io.ReadCloser
	about   sendingContext
	ctx     context.Context
	cancel  context.CancelCauseFunc
	limit   time.Duration
	timer   *time.Timer
	arrived int // bytes since the timer was set
}

// startWatch returns a context that says what the try is about, and ends with it: by end, or because nothing happened
// for the time limit.
func startWatch(ctx context.Context, about Sending, limit time.Duration) (context.Context, *watch) {
	w := &watch{about: sendingContext{ctx, about}, limit: limit}
	w.ctx, w.cancel = context.WithCancelCause(&w.about)
	w.timer = time.AfterFunc(limit, func() { w.cancel(errTryLimit) })
	return w.ctx, w
}

func (w *watch) end() {
	w.timer.Stop()
	w.cancel(nil)
}

// explain returns errTryLimit for an error that came of it.
func (w *watch) explain(err error) error {
	if err != nil && errors.Is(context.Cause(w.ctx), errTryLimit) {
		return errTryLimit
	}
	return err
}

// body watches over the reading of a body.
func (w *watch) body(body io.ReadCloser) io.ReadCloser {
	w.timer.Reset(w.limit)
	w.ReadCloser = body
	return w
}

// Read implements io.Reader.
func (w *watch) Read(p []byte) (int, error) {
	n, err := w.ReadCloser.Read(p)
	if w.arrived += n; w.arrived >= progress {
		w.arrived = 0
		w.timer.Reset(w.limit)
	}
	return n, err
}
