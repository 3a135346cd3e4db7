package msgraph

import (
	"reflect"
	"time"
)

// What tests of this package need to see of its inside.
var ParseRetryAfter = parseRetryAfter

// Lanes returns how many identities are remembered.
func (c *Client) Lanes() int {
	c.lanes.mu.Lock()
	defer c.lanes.mu.Unlock()
	return len(c.lanes.all)
}

// AppendBatch encodes urls as a batch.
func AppendBatch(urls []string) []byte {
	calls := make([]call, len(urls))
	for i, url := range urls {
		calls[i].url = url
	}
	return appendBatch(nil, calls)
}

// ReadBatch reads a batch answer and returns the bodies of the items that
// succeeded.
func ReadBatch(body []byte, size int) (bodies [][]byte, unasked int, failure *Error) {
	plain := func(text string) string { return text }
	a := answer{status: 200, contentType: "application/json", body: body, redact: plain}
	got := a.batch(size, epoch)
	for i := range got.items {
		if body, err := got.items[i].judge(); err == nil {
			bodies = append(bodies, body)
		}
	}
	return bodies, got.unasked, got.failure
}

// ReadBatchAgrees reads a batch answer in both ways, and reports whether they agree where both are possible.
func ReadBatchAgrees(body []byte, size int) bool {
	usual := batchAnswer{items: make([]item, size), culprit: -1}
	whole := batchAnswer{items: make([]item, size), culprit: -1}
	return !usual.readUsual(body) || whole.readUnusual(body) == nil && reflect.DeepEqual(usual, whole)
}

var epoch time.Time

// SetClock replaces the clock by which names are resolved again.
func (f *Follower) SetClock(now func() time.Time) { f.now, f.looked = now, now() }

// WaitForLook waits until names have been resolved again.
func (f *Follower) WaitForLook() {
	for range 5000 {
		f.mu.Lock()
		looking := f.looking
		f.mu.Unlock()
		if !looking {
			return
		}
		time.Sleep(time.Millisecond)
	}
}
