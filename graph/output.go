package graph

import "sync/atomic"

// maxResponse is how many bytes of data a response may have. Counting fields bounds how many values there are; this
// bounds how long they are together.
const maxResponse = 16 << 20

// output counts the bytes of an operation's response.
type output struct {
	bytes atomic.Int64
}

// full reports whether the response is longer than it may be.
func (w *output) full() bool { return w.bytes.Load() > maxResponse }
