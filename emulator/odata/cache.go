package odata

import (
	"strings"
	"sync"
)

// maxQueries bounds the number of query strings in a [Cache], maxQueryLength the length in bytes of each. A full cache
// is emptied.
const (
	maxQueries     = 16_384
	maxQueryLength = 2048
)

// A Cache remembers parsed query strings, because clients repeat a few. The zero value is ready for use.
type Cache struct {
	Rules Rules // of every query

	mu     sync.RWMutex
	parsed map[cacheKey]parsed
}

type cacheKey struct {
	endpoint *Endpoint
	raw      string
}

type parsed struct {
	query *Query
	err   *Error
}

// Parse is [Parse] with a memory. The query is shared and must not be changed.
func (c *Cache) Parse(e *Endpoint, raw string) (*Query, *Error) {
	c.mu.RLock()
	p, ok := c.parsed[cacheKey{e, raw}]
	c.mu.RUnlock()
	if ok {
		return p.query, p.err
	}
	p.query, p.err = Parse(e, raw, c.Rules)
	if len(raw) <= maxQueryLength && (p.query == nil || p.query.Token == "") {
		c.put(cacheKey{e, strings.Clone(raw)}, p)
	}
	return p.query, p.err
}

func (c *Cache) put(key cacheKey, p parsed) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.parsed == nil || len(c.parsed) >= maxQueries {
		c.parsed = map[cacheKey]parsed{}
	}
	c.parsed[key] = p
}
