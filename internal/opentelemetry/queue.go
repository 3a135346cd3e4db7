package opentelemetry

import (
	"context"
	"strconv"
	"sync"
	"time"
)

// Limits bound what waits to be sent. The zero value stands for the defaults of OpenTelemetry.
type Limits struct {
	// Spans may wait at most, and Batch of them are sent together, or fewer after Delay. Timeout ends an export.
	Spans, Batch   int
	Delay, Timeout time.Duration
}

// LimitsFrom reads the limits from OTEL_BSP_*. What is not a positive number has no effect.
func LimitsFrom(environ map[string]string) Limits {
	number := func(name string, other int) int {
		if n, err := strconv.Atoi(environ[name]); err == nil && n > 0 {
			return n
		}
		return other
	}
	l := Limits{
		Spans:   number("OTEL_BSP_MAX_QUEUE_SIZE", 2048),
		Batch:   number("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", 512),
		Delay:   time.Duration(number("OTEL_BSP_SCHEDULE_DELAY", 5000)) * time.Millisecond,
		Timeout: time.Duration(number("OTEL_BSP_EXPORT_TIMEOUT", 30000)) * time.Millisecond,
	}
	l.Batch = min(l.Batch, l.Spans)
	return l
}

// batch is spans that are sent together, encoded.
type batch struct {
	encoded []byte
	spans   int
}

// queue holds spans until they are sent in the background. It blocks nobody: what it has no room for is dropped.
type queue struct {
	limits Limits
	send   func(ctx context.Context, spans []byte)
	lost   func(spans int)

	wake  chan struct{} // holds one: a batch is full
	stop  chan struct{} // closed when no more is wanted
	done  chan struct{} // closed when all was sent
	once  sync.Once
	abort context.CancelFunc

	mu      sync.Mutex
	filling batch
	full    []batch
	waiting int      // spans in both
	dropped int      // since they were reported
	spare   [][]byte // of batches that were sent, no more than were waiting at a time
}

// newQueue returns a queue that sends batches, and reports how many spans were lost, until it is closed.
func newQueue(limits Limits, send func(ctx context.Context, spans []byte), lost func(spans int)) *queue {
	if limits == (Limits{}) {
		limits = LimitsFrom(nil)
	}
	q := &queue{
		limits: limits, send: send, lost: lost,
		wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{}),
	}
	ctx, abort := context.WithCancel(context.Background())
	q.abort = abort
	go q.run(ctx)
	return q
}

// add copies an encoded span that ended.
func (q *queue) add(encoded []byte) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.waiting >= q.limits.Spans {
		q.dropped++
		return
	}
	q.filling.encoded = appendBytes(q.filling.encoded, scopeSpans, encoded)
	q.filling.spans++
	q.waiting++
	if q.filling.spans >= q.limits.Batch {
		q.turnOver()
		select {
		case q.wake <- struct{}{}:
		default: // it is awake
		}
	}
}

// turnOver begins a new batch; q.mu is held.
func (q *queue) turnOver() {
	q.full = append(q.full, q.filling)
	q.filling = batch{}
	if last := len(q.spare) - 1; last >= 0 {
		q.filling.encoded, q.spare = q.spare[last], q.spare[:last]
	}
}

func (q *queue) run(ctx context.Context) {
	defer close(q.done)
	tick := time.NewTicker(q.limits.Delay)
	defer tick.Stop()
	for {
		select {
		case <-q.wake:
			q.drain(ctx, false)
		case <-tick.C:
			q.drain(ctx, true)
		case <-q.stop:
			q.drain(ctx, true)
			return
		}
	}
}

// drain sends the full batches, and also the one that is being filled if all is wanted.
func (q *queue) drain(ctx context.Context, all bool) {
	for {
		one, dropped, found := q.next(all)
		if dropped > 0 {
			q.lost(dropped)
		}
		if !found {
			return
		}
		q.sendOne(ctx, one)
	}
}

func (q *queue) sendOne(ctx context.Context, one batch) {
	ctx, cancel := context.WithTimeout(ctx, q.limits.Timeout)
	defer cancel()
	q.send(ctx, one.encoded)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting -= one.spans
	q.spare = append(q.spare, one.encoded[:0])
}

// next returns the batch that is sent next, and how many spans were dropped meanwhile.
func (q *queue) next(all bool) (one batch, dropped int, found bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	dropped, q.dropped = q.dropped, 0
	if all && len(q.full) == 0 && q.filling.spans > 0 {
		q.turnOver()
	}
	if len(q.full) == 0 {
		return one, dropped, false
	}
	one, q.full = q.full[0], q.full[1:]
	return one, dropped, true
}

// close sends what is left, as long as ctx lasts. It ends what runs in the background in any case.
func (q *queue) close(ctx context.Context) error {
	q.once.Do(func() { close(q.stop) })
	defer q.abort()
	select {
	case <-q.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
