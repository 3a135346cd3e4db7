package cache

import "sync/atomic"

// counters count requests since the start, each once.
type counters struct {
	hits, stale, covered, partial, misses, renewals, stores, drops, recalled atomic.Int64
}

// Snapshot is what the cache has done since it was made, and what it holds.
type Snapshot struct {
	// Hits were served from entries that are fresh; Stale from older ones while they are renewed, or after Microsoft
	// Graph failed. Partial were requested without the properties that were stored; Misses in whole.
	Hits, Stale, Partial, Misses int64
	// Renewals are the requests that renewed entries behind responses.
	Renewals int64
	// Stores are the responses that were stored; Drops the times that all entries of an identity were dropped.
	Stores, Drops int64
	// Entries and Bytes are what the memory holds, MaxBytes what it may hold.
	Entries         int
	Bytes, MaxBytes int64
}
