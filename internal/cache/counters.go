package cache

import "sync/atomic"

// The levels of the cache, as metrics name them.
const (
	InMemory = "memory"
	InRedis  = "redis"
)

// What became of a lookup.
const (
	// Hit was answered from an entry that is fresh.
	Hit = "hit"
	// Negative was answered from an entry that says that the resource does not exist.
	Negative = "negative"
	// Stale was answered from an older entry, while it is renewed. What is answered so after Microsoft Graph failed counts
	// as a miss as well.
	Stale = "stale"
	// Partial was requested without the properties that were stored.
	Partial = "partial"
	// Miss was requested in whole.
	Miss = "miss"
)

// counters count since the start.
type counters struct {
	renewals, stores, drops, recalled atomic.Int64
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
