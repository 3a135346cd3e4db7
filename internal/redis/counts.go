package redis

import "sync/atomic"

type counts struct {
	hits, misses, unreadable, unanswered, queued, written, refused, dropped, lost atomic.Uint64
}

// Counts are what happened since the start.
type Counts struct {
	// Connected reports whether Redis answers.
	Connected bool
	// Hits and Misses count values that were asked for. Unreadable ones were there, and could not be opened.
	Hits, Misses, Unreadable uint64
	// Unanswered counts reads without an answer in time, or while Redis is away.
	Unanswered uint64
	// Written, Refused and Dropped count writes: taken by Redis, refused by it, and never sent or never answered.
	Written, Refused, Dropped uint64
	// Waiting is how many writes are not sent, or not answered yet.
	Waiting uint64
	// Lost counts how often Redis stopped to answer.
	Lost uint64
}
