package cache

import (
	"context"
	"strings"
	"sync"
	"time"

	"portico/msgraph"
)

// Upstream is the part of msgraph.Client that the cache stands in front of.
type Upstream interface {
	Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error))
	NextPage(path, link string) (query string, ok bool)
}

// Options say what is stored, and for how long.
type Options struct {
	// Bytes is how much memory entries may take.
	Bytes int64
	// Lifetimes returns the lifetime of what is at a path.
	Lifetimes func(path string) Lifetime
	// Unknown is how long it is remembered that a resource does not exist. 0: it is not.
	Unknown time.Duration
	// Identify returns the identity that Microsoft Graph is asked as.
	Identify func(context.Context) Identity
	// Entries, Marks and Drops are the second level, which replicas share: the entries, under which mark they are in
	// force, and the news that a mark was replaced. All nil: there is none.
	Entries, Marks, Drops Shared
	// Now is the clock; time.Now if nil.
	Now func() time.Time
	// Looked is called for each lookup: where the entry was, or was last looked for, and the result. nil: nobody
	// counts.
	Looked func(path, level, result string)
}

// Cache answers GETs from what Microsoft Graph returned before, and sends the others on. It is safe for concurrent use.
type Cache struct {
	Upstream
	lifetimes  func(string) Lifetime
	unknown    time.Duration
	identify   func(context.Context) Identity
	now        func() time.Time
	memory     *memory
	identities *identities
	renewals   *renewals
	second     *second // nil if there is none
	counters   counters
	looked     func(path, level, result string)
}

// New returns a cache in front of upstream. Close ends it.
func New(upstream Upstream, o Options) *Cache {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Looked == nil {
		o.Looked = func(string, string, string) {}
	}
	c := &Cache{
		Upstream: upstream, lifetimes: o.Lifetimes, unknown: o.Unknown, identify: o.Identify, now: o.Now,
		looked:     o.Looked,
		identities: newIdentities(), renewals: newRenewals(), second: newSecond(o.Entries, o.Marks, o.Drops),
	}
	c.memory = newMemory(o.Bytes, func(key string, e *entry) time.Duration { return c.of(e, pathIn(key)).longest() },
		c.second.unname)
	if c.second != nil {
		o.Entries.OnChange(c.changed)
		o.Drops.OnChange(c.dropped)
	}
	return c
}

// Close ends the requests that renew entries, waits for them, and forgets all entries.
func (c *Cache) Close() {
	c.renewals.close()
	c.second.close()
	c.memory.close()
}

// Fetch gets resources like msgraph.Client.Fetch: from the cache where it has them, and the others from upstream, in
// one call.
func (c *Cache) Fetch(ctx context.Context, urls []string, done func(i int, body []byte, err error)) {
	w := c.wave(ctx, done)
	requests := make([]request, len(urls))
	for i, url := range urls {
		requests[i] = parse(url)
	}
	w.recall(requests)
	for i, r := range requests {
		w.look(i, r)
	}
	if len(w.renewed) > 0 {
		w.renew()
	}
	if len(w.asks) == 0 {
		w.answer()
		return
	}
	var all sync.WaitGroup
	all.Go(w.send)
	w.answer()
	all.Wait()
}

// changed forgets the entry in memory that another replica wrote anew.
func (c *Cache) changed(name string) {
	if key, found := c.second.names.key(name); found {
		c.memory.entries.Invalidate(key)
	}
}

// dropped forgets the entries in memory that another replica dropped: those of an identity, or all.
func (c *Cache) dropped(name string) {
	if name == c.second.drops.Name(everyone) {
		c.second.everyone.set("")
		c.identities.purged()
		c.memory.remove(func(string) bool { return true })
		return
	}
	for _, key := range c.identities.keys() {
		if c.second.drops.Name(key) == name {
			c.identities.drop(Identity{Key: key})
		}
	}
}

// of returns the lifetime of an entry: that of its resource, or that of resources that do not exist.
func (c *Cache) of(e *entry, path string) Lifetime {
	if e.absent {
		return Lifetime{Fresh: c.unknown}
	}
	return c.lifetimes(path)
}

// Snapshot returns the numbers for metrics.
func (c *Cache) Snapshot() Snapshot {
	n := &c.counters
	s := Snapshot{
		Renewals: n.renewals.Load(), Stores: n.stores.Load(), Drops: n.drops.Load(), MaxBytes: c.memory.most,
	}
	s.Entries, s.Bytes = c.memory.size()
	return s
}

// Count returns how many of the URLs are answered from the cache at the moment.
func (c *Cache) Count(ctx context.Context, urls []string) (stored int) {
	w := c.wave(ctx, nil)
	for _, url := range urls {
		if r := parse(url); w.answers(r) {
			stored++
		}
	}
	return stored
}

// keyOf returns the key of a resource's entry. An identity's key has no line break, and neither has a path.
func keyOf(id Identity, resource string) string { return id.Key + "\n" + resource }

// pathIn returns the path of the resource that a key is for.
func pathIn(key string) string {
	_, resource, _ := strings.Cut(key, "\n")
	path, _, _ := strings.Cut(strings.TrimPrefix(resource, "="), "?")
	return path
}

// fails reports whether a failure is one that older data may cover: Microsoft Graph cannot be reached, is overloaded,
// or is broken. What refuses the request or the identity is not.
func fails(e *msgraph.Error) bool {
	switch e.Kind {
	case msgraph.Unavailable, msgraph.Throttled, msgraph.Overloaded, msgraph.BadResponse, msgraph.TimedOut:
		return !e.Unauthorized()
	case msgraph.Refused:
		return e.Status >= 500
	}
	return false
}
