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

// watch ends one try that makes no progress.
type watch struct {
	ctx     context.Context
	cancel  context.CancelCauseFunc
	limit   time.Duration
	timer   *time.Timer
	arrived int // bytes since the timer was set
}

// startWatch returns a context that ends with the try: by end, or because nothing happened for the time limit.
func startWatch(ctx context.Context, limit time.Duration) (context.Context, *watch) {
	w := &watch{limit: limit}
	w.ctx, w.cancel = context.WithCancelCause(ctx)
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
	return &watchedBody{ReadCloser: body, watch: w}
}

type watchedBody struct {
	io.ReadCloser
	watch *watch
}

// Read implements io.Reader.
func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.watch.arrived += n; b.watch.arrived >= progress {
		b.watch.arrived = 0
		b.watch.timer.Reset(b.watch.limit)
	}
	return n, err
}
