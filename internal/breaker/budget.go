package breaker

import "sync"

// Budget bounds retries, as gRPC does (gRFC A6): a failed try takes one token, a successful one gives a tenth back, and
// no retry is sent while half of the tokens or more are gone. So lone failures are retried, and during an outage next
// to nothing is. Its zero value is full. It is safe for concurrent use.
type Budget struct {
	mu    sync.Mutex
	spent float64
}

const tokens, givenBack = 10, 0.1

// Count notes how a try ended.
func (b *Budget) Count(o Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch o {
	case Failed:
		b.spent = min(b.spent+1, tokens)
	case Succeeded:
		b.spent = max(b.spent-givenBack, 0)
	case Unknown:
	}
}

// Allows reports whether a retry may be sent.
func (b *Budget) Allows() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.spent < tokens/2
}
