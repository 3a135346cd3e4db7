package cache

import "sync/atomic"

// The levels of the cache, as metrics name them.
const (
	InMemory = "memory"
	InRedis  = "redis"
)

// The results of a lookup, as metrics name them.
const (
	// Hit means that a fresh entry answered the lookup.
	Hit = "hit"
	// Negative means that a fresh entry says that the resource does not exist.
	Negative = "negative"
	// Stale means that an older entry answered the lookup while it is renewed, or because Microsoft Graph failed. In the
	// latter case, the lookup counts as a miss as well.
	Stale = "stale"
	// Partial means that only the properties that were not stored were requested.
	Partial = "partial"
	// Miss means that everything was requested.
	Miss = "miss"
)

// counters count since the start.
type counters struct {
	renewals, stores, drops atomic.Int64
}

// Snapshot is what the cache has done since it was made, and what it holds.
type Snapshot struct {
	// Renewals are the requests that renewed entries behind responses.
	Renewals int64
	// Stores are the responses that were stored; Drops the times that all entries of an identity were dropped.
	Stores, Drops int64
	// Entries and Bytes are what the memory holds, MaxBytes what it may hold.
	Entries         int
	Bytes, MaxBytes int64
}
