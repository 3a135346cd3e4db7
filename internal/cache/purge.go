package cache

import (
	"net/url"
	"strings"
)

// PurgeAll removes all entries and returns how many there were. What is requested at the moment is not stored.
func (c *Cache) PurgeAll() int {
	c.identities.purged()
	c.second.drop(everyone)
	return c.memory.remove(func(string) bool { return true })
}

// Purge removes the entries at a path and below it, for all identities, and returns how many there were. What is
// requested at the moment is not stored. Lists elsewhere that have the entity as an item stay. The path may be escaped
// or not, in any letter case: to remove too much costs a request, to remove too little serves old data.
func (c *Cache) Purge(path string) int {
	path = plain(path)
	c.identities.purged()
	c.second.drop(everyone)
	return c.memory.remove(func(key string) bool {
		below, found := strings.CutPrefix(plain(pathIn(key)), path)
		return found && (below == "" || below[0] == '/')
	})
}

// plain returns the form of a path in which paths are compared.
func plain(path string) string {
	if unescaped, err := url.PathUnescape(path); err == nil {
		path = unescaped
	}
	return strings.ToLower(strings.TrimSuffix(path, "/"))
}
