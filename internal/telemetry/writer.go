package telemetry

import (
	"bytes"
	"io"
	"sync"
	"time"
)

// maxPending is how many bytes of log lines wait to be written, beyond which lines are dropped.
const maxPending = 4 << 20

// A Writer writes lines to another writer in the background, so that a log reader that is slow, stuck or gone
// blocks nobody who logs. What does not fit into its buffer, or cannot be written, is dropped and counted; once lines
// can be written again, one of them says how many were lost.
type Writer struct {
	to      io.Writer
	wake    chan struct{} // holds one: there is something to write
	stopped chan struct{} // closed when the background has ended

	mu      sync.Mutex
	pending []byte
	dropped int // since the last notice
	total   int
	closed  bool
	notice  func(dropped int) []byte
}

// NewWriter returns a Writer to w. It has to be closed.
func NewWriter(w io.Writer) *Writer {
	a := &Writer{to: w, wake: make(chan struct{}, 1), stopped: make(chan struct{})}
	go a.run()
	return a
}

// Write takes over p, which is one or more whole lines. It never blocks and never fails.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.closed || len(w.pending)+len(p) > maxPending {
		w.drop(p)
		return len(p), nil
	}
	w.pending = append(w.pending, p...)
	select {
	case w.wake <- struct{}{}:
	default: // it is awake
	}
	return len(p), nil
}

// onLoss sets what makes the line that reports lost lines.
func (w *Writer) onLoss(notice func(dropped int) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.notice = notice
}

// Dropped returns how many lines were dropped so far.
func (w *Writer) Dropped() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.total
}

// Close waits until what is pending is written, for at most the limit, and reports whether it was. A write that blocks
// goes on in the background: nothing ends it but the process.
func (w *Writer) Close(limit time.Duration) bool {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.wake)
	}
	w.mu.Unlock()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-w.stopped:
		return true
	case <-timer.C:
		return false
	}
}

func (w *Writer) run() {
	defer close(w.stopped)
	var spare []byte
	for range w.wake {
		spare = w.flush(spare)
	}
	w.flush(spare)
}

// flush writes what is pending. It returns the buffer that it has emptied, to be filled again.
func (w *Writer) flush(spare []byte) []byte {
	for {
		w.mu.Lock()
		lines := w.pending
		w.pending = spare[:0]
		if w.dropped > 0 && w.notice != nil && len(lines) > 0 {
			lines = append(lines, w.notice(w.dropped)...)
			w.dropped = 0
		}
		w.mu.Unlock()
		if len(lines) == 0 {
			return lines
		}
		if n, err := w.to.Write(lines); err != nil {
			w.mu.Lock()
			w.drop(lines[n:])
			w.mu.Unlock()
		}
		spare = lines
	}
}

// drop counts lines; w.mu is held.
func (w *Writer) drop(lines []byte) {
	n := bytes.Count(lines, []byte("\n"))
	w.dropped += n
	w.total += n
}
