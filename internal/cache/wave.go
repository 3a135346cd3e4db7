package cache

import (
	"context"
	"sync"
	"time"

	"portico/msgraph"
)

// maxWidened is the size of the largest page that is requested again with the properties that it already has, so that
// one entry answers both queries.
const maxWidened = 256 << 10

// wave is one call of Fetch.
type wave struct {
	*Cache
	ctx    context.Context //nolint:containedctx // of one call
	id     Identity
	era    uint64 // of the entries that may be served
	ticket ticket
	demand Demand
	mark   string // under which responses are kept in the second level, if marked
	marked bool
	asked  map[string]bool // the keys that the second level was asked for, which answered
	now    time.Time
	done   func(i int, body []byte, err error)

	hits    []hit
	asks    []ask
	renewed []ask

	mu    sync.Mutex
	again []ask // whose response does not fit the entry
}

// hit is a request that the cache answers.
type hit struct {
	index int
	request
	entry *entry
	stale bool
}

// ask is a request that is sent.
type ask struct {
	index int
	request
	sent  msgraph.Query // what is requested, which may be more or less than the request's query
	known *entry        // what is stored, nil if nothing is
}

// isPart reports whether an answer takes more than the response: it has only what the entry lacks.
func (a ask) isPart() bool { return a.known != nil && a.known.isEntity() && a.sent != a.query }

func (c *Cache) wave(ctx context.Context, done func(int, []byte, error)) *wave {
	w := &wave{Cache: c, ctx: ctx, id: c.identify(ctx), demand: DemandOf(ctx), now: c.now(), done: done}
	w.era, w.ticket = c.identities.enter(w.id, w.now)
	return w
}

// life returns how long the caller may be served an entry.
func (w *wave) life(e *entry, path string) Lifetime { return w.demand.limit(w.of(e, path)) }

// recall takes from the second level what memory cannot answer, in one read for the whole wave. It also reads the mark
// under which the responses of the wave are kept: without it, nothing is written.
func (w *wave) recall(requests []request) {
	if w.second == nil {
		return
	}
	keys := w.lacking(requests)
	if len(keys) == 0 && !w.demand.isPast() {
		return
	}
	if w.demand.isPast() || w.id.Unverified && w.era == 0 { // nothing may be served, but responses will be kept
		keys = nil
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = w.second.entries.Name(key)
	}
	values, mark, ok := w.second.read(w.ctx, w.id.Key, w.identities.mark(w.id), w.markLife(), names)
	if !ok {
		return
	}
	w.mark, w.marked = mark, true
	w.era, w.ticket = w.identities.obey(w.id, mark, w.now)
	w.asked = make(map[string]bool, len(keys))
	for i, value := range values {
		w.asked[keys[i]] = true
		if e := decode(value, keys[i], mark, w.now); e != nil {
			w.take(keys[i], names[i], e)
		}
	}
}

// markLife returns how long a mark of the identity is of use. Whoever sends tokens that Microsoft Graph did not accept
// leaves none in the store.
func (w *wave) markLife() time.Duration {
	if w.id.Unverified {
		return min(markLife, w.identities.trust(w.id).Sub(w.now))
	}
	return markLife
}

// lacking returns the keys of the requests that memory cannot answer with what is fresh.
func (w *wave) lacking(requests []request) (keys []string) {
	asked := map[string]bool{}
	for _, r := range requests {
		e := w.stored(r)
		if e != nil {
			if _, lacking := e.lack(r.query, w.now.Add(-w.life(e, r.path).Fresh)); !lacking {
				continue
			}
		}
		if key := keyOf(w.id, r.resource); !asked[key] {
			asked[key] = true
			keys = append(keys, key)
		}
	}
	return keys
}

// take puts an entry of the second level into memory, beside what is there.
func (w *wave) take(key, name string, e *entry) {
	w.second.names.add(name, key)
	kept := w.memory.update(key, func(known *entry) *entry {
		if known != nil && known.era == w.era {
			e = known.merge(e, w.now.Add(-w.of(e, pathIn(key)).longest()))
		}
		e.era = w.era
		return e
	})
	if kept == nil { // it is too large for memory
		w.second.names.remove(name)
	}
}

// look decides how a request is answered.
func (w *wave) look(index int, r request) {
	e := w.stored(r)
	if e == nil {
		w.count(r, Miss)
		w.asks = append(w.asks, ask{index: index, request: r, sent: r.query})
		return
	}
	life := w.life(e, r.path)
	need, lacking := e.lack(r.query, w.now.Add(-life.Fresh))
	if !lacking {
		result := Hit
		if e.absent {
			result = Negative
		}
		w.count(r, result)
		w.hits = append(w.hits, hit{index, r, e, false})
		return
	}
	a := ask{index, r, w.widen(e, r, need, w.of(e, r.path)), e}
	if _, lacking := e.lack(r.query, w.now.Add(-life.behind())); !lacking {
		w.count(r, Stale)
		w.hits = append(w.hits, hit{index, r, e, true})
		w.renewed = append(w.renewed, a)
		return
	}
	if a.isPart() {
		w.count(r, Partial)
	} else {
		w.count(r, Miss)
	}
	w.asks = append(w.asks, a)
}

// count counts a lookup, for the level that was looked at last.
func (w *wave) count(r request, result string) {
	level := InMemory
	if w.asked != nil && w.asked[keyOf(w.id, r.resource)] {
		level = InRedis
	}
	w.looked(r.path, level, result)
}

// answers reports whether a request is answered without waiting for Microsoft Graph.
func (w *wave) answers(r request) bool {
	e := w.stored(r)
	if e == nil {
		return false
	}
	life := w.life(e, r.path)
	_, lacking := e.lack(r.query, w.now.Add(-max(life.Fresh, life.behind())))
	return !lacking
}

// stored returns the entry that the request may be answered from; nil if there is none.
func (w *wave) stored(r request) *entry {
	if w.demand.isPast() || w.era == 0 {
		return nil
	}
	e := w.memory.get(keyOf(w.id, r.resource))
	if e == nil || e.era != w.era {
		return nil
	}
	return e
}

// widen returns what is requested of a resource whose entry needs a query. Of an entity, that is only what it lacks. A
// page of a list is one snapshot: its items may be others by now, so that it is requested as a whole, with what the
// entry has as well if that is fresh.
func (w *wave) widen(e *entry, r request, need msgraph.Query, life Lifetime) msgraph.Query {
	switch {
	case e.isEntity(), e.absent, r.fixed != "":
		return need
	case !e.at.After(w.now.Add(-life.Fresh)), len(e.whole) > maxWidened:
		return r.query
	}
	return e.query.Union(r.query)
}

// answer answers what the cache has.
func (w *wave) answer() {
	for _, h := range w.hits {
		w.serve(h)
	}
}

// serve answers a request from an entry.
func (w *wave) serve(h hit) {
	at := h.entry.oldest(h.query)
	life := w.of(h.entry, h.path)
	msgraph.NoteCached(w.ctx, msgraph.Cached{
		Hit: true, Stale: h.stale, Age: max(0, w.now.Sub(at)), Left: max(0, at.Add(life.Fresh).Sub(w.now)),
	})
	body, err := h.entry.response(h.query)
	w.done(h.index, body, err)
}

// send requests what the cache lacks, and once more as a whole what did not fit.
func (w *wave) send() {
	w.fetch(w.asks)
	again := w.again
	w.again = nil
	if len(again) > 0 {
		w.fetch(again)
	}
}

func (w *wave) fetch(asks []ask) {
	urls := make([]string, len(asks))
	for i, a := range asks {
		urls[i] = a.url(a.sent)
	}
	w.Upstream.Fetch(w.ctx, urls, func(i int, body []byte, err error) { w.settle(asks[i], body, err) })
}
