package cache

import "time"

// Lifetime says how long what Microsoft Graph returned may be served.
type Lifetime struct {
	// Fresh is how long it is served without a request. 0: it is not stored.
	Fresh time.Duration
	// Stale is the age up to which it is served if Microsoft Graph fails. At most Fresh: it is not served then.
	Stale time.Duration
}

// behind returns the age up to which a response is served at once while a request to renew it runs. It is twice as
// long as the response is fresh: what nobody requested for longer is requested anew.
func (l Lifetime) behind() time.Duration { return min(2*l.Fresh, l.Stale) }

// longest is the age after which a response is of no use.
func (l Lifetime) longest() time.Duration { return max(l.Fresh, l.Stale) }
