package loaders

import (
	"context"
	"slices"
	"sync"

	"portico/msgraph"
)

// wave is calls that are sent together.
type wave struct {
	number int
	calls  []*call
}

// send sends a wave and does not wait for the responses.
func (l *Loader) send(w wave) {
	if len(w.calls) > 0 {
		go l.fetch(w)
	}
}

// single is the number of lookups up to which each is a request of its own; more leave as batches.
const single = 2

// hold keeps a wave of single requests for the resolver that is the first to wait for a response: it sends them itself,
// which saves a goroutine. Larger waves are sent at once, so that what came first is read while the rest is under way,
// and so is what was held before.
func (l *Loader) hold(w wave) {
	if len(w.calls) > single {
		l.send(w)
		return
	}
	l.mu.Lock()
	before := l.held
	l.held = w
	l.mu.Unlock()
	l.send(before)
}

// release sends what is held, before the caller waits for something. A caller whose context may end before the
// operation's must be able to leave, so it does not send the requests itself.
func (l *Loader) release(ctx context.Context) {
	l.mu.Lock()
	w := l.held
	l.held = wave{}
	l.mu.Unlock()
	switch {
	case len(w.calls) == 0:
	case ctx.Done() == l.ctx.Done():
		l.fetch(w)
	default:
		l.send(w)
	}
}

// fetch requests what the calls of a wave want, and once more what an endpoint refused an option of, without it. It
// returns when all calls are answered.
func (l *Loader) fetch(w wave) {
	var again []*call
	var mu sync.Mutex
	l.fetchEach(w, func(c *call, body []byte, err error) {
		if err == nil || !l.known.learn(c.lookup, err) {
			c.resolve(body, err)
			return
		}
		mu.Lock()
		again = append(again, c)
		mu.Unlock()
	})
	if len(again) > 0 {
		l.fetchEach(wave{w.number, again}, (*call).resolve)
	}
}

func (l *Loader) fetchEach(w wave, done func(c *call, body []byte, err error)) {
	urls := make([]string, len(w.calls))
	for i, c := range w.calls {
		urls[i] = l.known.without(c.lookup).URL()
	}
	ctx := msgraph.InWave(l.ctx, w.number)
	if len(urls) <= single && slices.ContainsFunc(w.calls, (*call).isReadEarly) {
		ctx = msgraph.WithEarlyReader(ctx, func(url string, body []byte) bool {
			i := slices.Index(urls, url)
			return i >= 0 && w.calls[i].readEarly(body)
		})
	}
	l.fetcher.Fetch(ctx, urls, func(i int, body []byte, err error) {
		done(w.calls[i], body, err)
	})
}
