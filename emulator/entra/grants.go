package entra

import (
	"strings"
	"sync"
	"time"
)

// A Grant is what a verified token allows.
type Grant struct {
	Identity string // application and user; the same for all tokens of both

	audience  string
	expires   time.Time
	permitted bool // to read threat intelligence
}

// maxGrants bounds the cache of verified tokens. When it is full, it is emptied.
const maxGrants = 4096

// A grantCache remembers verified tokens, because checking a signature takes longer than the rest of a request.
type grantCache struct {
	mu      sync.RWMutex
	byToken map[string]*Grant
}

func (c *grantCache) get(token string) *Grant {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.byToken[token]
}

func (c *grantCache) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.byToken = nil
}

func (c *grantCache) put(token string, g *Grant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.byToken == nil || len(c.byToken) >= maxGrants {
		c.byToken = map[string]*Grant{}
	}
	c.byToken[strings.Clone(token)] = g
}
