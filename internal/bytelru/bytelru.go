// Package bytelru has a cache that is bounded by bytes. Clients choose what Portico remembers of their requests, so a
// number of entries alone bounds nothing.
package bytelru

import (
	"math"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Cache remembers values by their keys, and forgets those that were not asked for the longest. It is safe for
// concurrent use.
type Cache[K comparable, V any] struct {
	budget, most int
	size         func(key K, value V) int

	mu    sync.Mutex
	bytes int
	lru   *simplelru.LRU[K, V]
}

// New returns a cache of entries that have at most budget bytes together, as size counts them. One of more than most
// bytes is not kept.
func New[K comparable, V any](budget, most int, size func(key K, value V) int) *Cache[K, V] {
	c := &Cache[K, V]{budget: budget, most: most, size: size}
	lru, err := simplelru.NewLRU(math.MaxInt, func(key K, value V) { c.bytes -= size(key, value) })
	if err != nil {
		panic(err) // only for a size below 1
	}
	c.lru = lru
	return c
}

// Get returns the value of a key.
func (c *Cache[K, V]) Get(key K) (value V, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lru.Get(key)
}

// Add remembers a value, unless its key has one.
func (c *Cache[K, V]) Add(key K, value V) {
	size := c.size(key, value)
	if size > c.most {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lru.Contains(key) {
		return
	}
	c.bytes += size
	c.lru.Add(key, value)
	for c.bytes > c.budget {
		c.lru.RemoveOldest()
	}
}
