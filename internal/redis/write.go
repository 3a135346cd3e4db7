package redis

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"
)

const (
	// maxWrites and maxPending bound the writes that wait, by number and by the bytes of their values. Further ones are
	// dropped: Redis is too slow for them, or away.
	maxWrites  = 4096
	maxPending = 16 << 20
	// writesAtOnce is how many writes are sent together.
	writesAtOnce = 64
	// writeLimit is how long the answer to writes may take, which no request waits for.
	writeLimit = 500 * time.Millisecond
	// flushLimit bounds the writes at the end of the process.
	flushLimit = 250 * time.Millisecond
)

// write is a command whose answer nobody waits for.
type write struct {
	size    int
	command func(rueidis.Builder) (rueidis.Completed, bool) // false: there is nothing to send
}

// writer sends commands in the background.
type writer struct {
	*link
	counts  *counts
	writes  chan write
	pending atomic.Int64 // bytes in writes
}

// behind has a command sent in the background, or drops it.
func (w *writer) behind(one write) {
	w.counts.queued.Add(1)
	if !w.up.Load() || !w.enqueue(one) {
		w.counts.dropped.Add(1)
	}
}

// enqueue reports whether there was room for a write.
func (w *writer) enqueue(one write) bool {
	if w.pending.Add(int64(one.size)) <= maxPending {
		select {
		case w.writes <- one:
			return true
		default:
		}
	}
	w.pending.Add(-int64(one.size))
	return false
}

// run sends what is written behind until ctx ends, and then what is left, for a moment.
func (w *writer) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			w.flush(context.WithoutCancel(ctx))
			return
		case first := <-w.writes:
			w.send(context.WithoutCancel(ctx), w.gather(first))
		}
	}
}

// flush sends what is left, for a moment.
func (w *writer) flush(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, flushLimit)
	defer cancel()
	for len(w.writes) > 0 && ctx.Err() == nil && w.up.Load() {
		w.send(ctx, w.gather(<-w.writes))
	}
}

// gather returns the writes that wait now, as many as are sent together.
func (w *writer) gather(first write) []write {
	all := []write{first}
	for len(all) < writesAtOnce {
		select {
		case next := <-w.writes:
			all = append(all, next)
		default:
			return all
		}
	}
	return all
}

func (w *writer) send(ctx context.Context, all []write) {
	for _, one := range all {
		w.pending.Add(-int64(one.size))
	}
	answered := 0
	_ = w.within(ctx, writeLimit, func(ctx context.Context, client rueidis.Client) error {
		var commands rueidis.Commands
		for _, one := range all {
			if command, ok := one.command(client.B()); ok {
				commands = append(commands, command)
			}
		}
		for _, answer := range client.DoMulti(ctx, commands...) {
			if err := answer.Error(); lost(err) {
				return err
			}
			answered++
			w.judge(answer.Error())
		}
		return nil
	})
	w.counts.dropped.Add(uint64(len(all) - answered)) //nolint:gosec // not negative
}

// judge counts an answer to a write.
func (w *writer) judge(err error) {
	if err == nil || rueidis.IsRedisNil(err) {
		w.counts.written.Add(1)
		return
	}
	w.counts.refused.Add(1)
	w.reports.refused(err)
}
