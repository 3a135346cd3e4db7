package cache

import (
	"context"

	"portico/msgraph"
)

// renew requests what the asks lack, behind the responses that were served in the meantime. The requests count as the
// operation's, but are not part of its trace.
func (w *wave) renew() {
	keys := make([]string, len(w.renewed))
	for i, a := range w.renewed {
		keys[i] = keyOf(w.id, a.resource)
	}
	mine := w.renewals.begin(keys)
	if len(mine) == 0 {
		return
	}
	var asks []ask
	taken := map[string]bool{}
	for i, a := range w.renewed {
		if key := keys[i]; mine[key] && !taken[key] {
			taken[key] = true
			asks = append(asks, a)
		}
	}
	msgraph.NoteCached(w.ctx, msgraph.Cached{Renewals: len(asks)})
	w.counters.renewals.Add(int64(len(asks)))
	go func() {
		defer w.renewals.finish(mine)
		ctx, cancel := context.WithTimeout(msgraph.WithoutTrace(context.WithoutCancel(w.ctx)), renewalLimit)
		defer cancel()
		defer context.AfterFunc(w.renewals.ctx, cancel)()
		behind := w.wave(ctx, func(int, []byte, error) {})
		behind.mark, behind.marked = w.mark, w.marked
		behind.fetch(asks)
	}()
}
