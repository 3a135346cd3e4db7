package cache

// Renewing reports whether a request to renew an entry is under way.
func (c *Cache) Renewing() bool {
	c.renewals.mu.Lock()
	defer c.renewals.mu.Unlock()
	return c.renewals.waves > 0
}
