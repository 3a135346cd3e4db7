package cache

// recall takes from the second level what memory cannot answer, in one read for the whole wave. It also reads the mark
// under which the responses of the wave are kept: without it, nothing is written.
func (w *wave) recall(requests []request) {
	if w.second == nil {
		return
	}
	keys := w.lacking(requests)
	if len(keys) == 0 && !w.past {
		return
	}
	if w.past || w.id.Unverified && w.era == 0 { // nothing may be served, but responses will be kept
		keys = nil
	}
	names := make([]string, len(keys))
	for i, key := range keys {
		names[i] = w.second.entries.Name(key)
	}
	values, mark, ok := w.second.read(w.ctx, w.id.Key, names)
	if !ok {
		return
	}
	w.mark, w.marked = mark, true
	w.era, w.ticket = w.identities.obey(w.id, mark, w.now)
	for i, value := range values {
		if e := decode(value, keys[i], mark, w.now); e != nil {
			w.take(keys[i], names[i], e)
		}
	}
}

// lacking returns the keys of the requests that memory cannot answer with what is fresh.
func (w *wave) lacking(requests []request) (keys []string) {
	asked := map[string]bool{}
	for _, r := range requests {
		e := w.stored(r)
		if e != nil {
			if _, lacking := e.lack(r.query, w.now.Add(-w.of(e, r.path).Fresh)); !lacking {
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
	if known := w.memory.get(key); known != nil && known.era == w.era {
		e = known.merge(e, w.now.Add(-w.of(e, pathIn(key)).longest()))
	}
	e.era = w.era
	w.second.names.add(name, key)
	if w.memory.set(key, e) {
		w.counters.recalled.Add(1)
	}
}

// changed forgets the entry in memory that another replica wrote anew.
func (c *Cache) changed(name string) {
	if key, found := c.second.names.key(name); found {
		c.memory.entries.Invalidate(key)
	}
}

// dropped forgets the entries in memory that another replica dropped: those of an identity, or all.
func (c *Cache) dropped(name string) {
	if name == c.second.marks.Name(everyone) {
		c.identities.purged()
		c.memory.remove(func(string) bool { return true })
		return
	}
	for _, key := range c.identities.keys() {
		if c.second.marks.Name(key) == name {
			c.identities.drop(Identity{Key: key})
		}
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
