package cache

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"portico/msgraph"
)

// settle treats a response or a failure.
func (w *wave) settle(a ask, body []byte, err error) {
	if failure, ok := errors.AsType[*msgraph.Error](err); ok {
		w.fail(a, failure)
		return
	}
	w.identities.accept(w.id, w.ticket, w.Cache.now())
	if err != nil {
		w.noticed(a, body, err)
		return
	}
	got := read(body, a.request, a.sent, w.Cache.now())
	if a.isPart() {
		w.complete(a, got, nil)
		return
	}
	if got == nil {
		w.deliver(a, nil, body, nil)
		return
	}
	w.store(a, got)
	w.deliver(a, got, body, nil)
}

// noticed answers with a response that Microsoft Graph calls incomplete or warns of. It is not stored.
func (w *wave) noticed(a ask, body []byte, notice error) {
	if a.isPart() {
		w.complete(a, read(body, a.request, a.sent, w.Cache.now()), notice)
		return
	}
	w.deliver(a, nil, body, notice)
}

// complete puts a response together with the properties that were stored. If it is about another entity, or cannot be
// read, all of it is requested.
func (w *wave) complete(a ask, got *entry, notice error) {
	if !a.known.sameAs(got) {
		w.mu.Lock()
		w.again = append(w.again, ask{index: a.index, request: a.request, sent: a.query})
		w.mu.Unlock()
		return
	}
	whole := a.known.merge(got, time.Time{})
	if notice == nil {
		w.store(a, whole)
	}
	body, _ := whole.response(a.query)
	if notice != nil {
		w.deliver(a, nil, body, notice)
		return
	}
	w.deliver(a, whole, body, nil)
}

// store stores what a response says, beside what others have stored meanwhile.
func (w *wave) store(a ask, got *entry) {
	life := w.of(got, a.path)
	if life.Fresh <= 0 || w.demand.NoStore {
		return
	}
	era := w.identities.era(w.id, w.ticket)
	if era == 0 {
		return
	}
	key := keyOf(w.id, a.resource)
	kept := w.memory.update(key, func(stored *entry) *entry {
		if stored != nil && stored.era == era {
			got = stored.update(got, w.now, got.at.Add(-life.longest()))
		}
		if got != stored { // others read what is stored
			got.era = era
		}
		return got
	})
	if kept != nil {
		w.counters.stores.Add(1)
		w.keep(key, kept, life)
	}
}

// keep keeps an entry for other replicas, if the mark of the identity is known. That of a token is of no use once the
// token has expired.
func (w *wave) keep(key string, e *entry, life Lifetime) {
	if !w.marked {
		return
	}
	left := life.longest()
	if w.id.Unverified {
		left = min(left, w.identities.trust(w.id).Sub(w.Cache.now()))
	}
	w.second.write(key, e, w.mark, left)
}

// deliver answers a request with a response. e is its entry, nil if it is not stored.
func (w *wave) deliver(a ask, e *entry, body []byte, err error) {
	if e != nil {
		life := w.of(e, a.path)
		left := e.oldest(a.query).Add(life.Fresh).Sub(w.Cache.now())
		msgraph.NoteCached(w.ctx, msgraph.Cached{Left: max(0, left)})
	} else {
		msgraph.NoteCached(w.ctx, msgraph.Cached{})
	}
	w.done(a.index, body, err)
}

// fail answers a request that failed: from the cache, if the failure is one that older data may cover.
func (w *wave) fail(a ask, failure *msgraph.Error) {
	switch {
	case failure.Denied():
		w.drop()
	case failure.NotFound() && isProof(a, failure):
		msgraph.NoteCached(w.ctx, msgraph.Cached{Left: w.unknown})
		w.store(a, absence(failure, w.Cache.now()))
		w.done(a.index, nil, failure)
		return
	case fails(failure):
		if w.cover(a) {
			return
		}
	case failure.Kind == msgraph.Refused && a.fixed != "":
		w.forget(a) // the pages that led to this link are of no use
	}
	msgraph.NoteCached(w.ctx, msgraph.Cached{})
	w.done(a.index, nil, failure)
}

// isProof reports whether a 404 is about the resource. Some servers take %2F in a path for a slash, and then have no
// such path.
func isProof(a ask, failure *msgraph.Error) bool {
	return !failure.UnknownPath() || !strings.Contains(a.path, "%2F")
}

// absence returns the entry for a resource that does not exist. The request that said so has an end; its id goes.
func absence(failure *msgraph.Error, at time.Time) *entry {
	return &entry{at: at, absent: true, unknown: &msgraph.Error{
		Kind: msgraph.Refused, Status: http.StatusNotFound, Code: failure.Code, Message: failure.Message,
	}}
}

// cover answers from an entry that is past its time, if it is not too old and has everything.
func (w *wave) cover(a ask) bool {
	if a.known == nil || w.demand.isPast() {
		return false
	}
	if era, _ := w.identities.enter(w.id, w.Cache.now()); era != a.known.era {
		return false // dropped while the request was under way
	}
	if _, lacking := a.known.lack(a.query, w.now.Add(-w.life(a.known, a.path).Stale)); lacking {
		return false
	}
	w.count(a.request, Stale)
	w.serve(hit{a.index, a.request, a.known, true})
	return true
}

// drop forgets the entries of the identity.
func (w *wave) drop() {
	if w.identities.drop(w.id) {
		w.counters.drops.Add(1)
		w.second.drop(w.id.Key)
	}
}

// forget removes all entries at the path of a request, for its identity.
func (w *wave) forget(a ask) {
	var keys []string
	w.memory.remove(func(key string) bool {
		gone := strings.HasPrefix(key, keyOf(w.id, "")) && pathIn(key) == a.path
		if gone {
			keys = append(keys, key)
		}
		return gone
	})
	w.second.forget(keys)
}
