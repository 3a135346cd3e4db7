// Package quota bounds what each caller may cost in a minute, by token buckets.
//
// It deals with keys and numbers only. What is counted, and who a key belongs to, is up to its callers.
package quota

import (
	"context"
	"fmt"
	"strconv"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
)

// window is the time in which an empty bucket fills.
const window = time.Minute

// maxBuckets is how many callers are counted at a time. A caller that is evicted starts again with a full bucket.
const maxBuckets = 10_000

// A State is what is left of a quota.
type State struct {
	// Limit is the size of the bucket, and what flows into it in a minute.
	Limit int
	// Left is what may be taken at once; negative after more was taken than was estimated.
	Left int
	// Wait is how long it takes until what was asked for is there, or, if nothing was refused, until the bucket is full.
	Wait time.Duration
}

// Headers returns the values of RateLimit-Policy and RateLimit for a quota with the name.
// https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/
func (s State) Headers(name string) (policy, limit string) {
	quoted := strconv.Quote(name)
	return fmt.Sprintf("%s;q=%d;w=%d", quoted, s.Limit, int(window.Seconds())),
		fmt.Sprintf("%s;r=%d;t=%d", quoted, max(0, s.Left), Seconds(s.Wait))
}

// Seconds rounds up, so that who waits that long has waited long enough.
func Seconds(d time.Duration) int { return int((d + time.Second - 1) / time.Second) }

// A Store keeps buckets. [Memory] keeps them in this process; another one may share them among replicas.
type Store interface {
	// Take takes n from the bucket under the key, or reports false and takes nothing if it holds less. A negative n puts
	// back; a forced one is taken in any case, so that the bucket may owe. An n above the limit is never granted.
	Take(ctx context.Context, key string, n int, forced bool) (State, bool)
}

// Memory is a [Store] in this process. It is safe for concurrent use.
type Memory struct {
	limit   int
	buckets *lru.Cache[string, *bucket]
}

// NewMemory returns a store whose buckets hold limit, and are full at first.
func NewMemory(limit int) *Memory {
	buckets, err := lru.New[string, *bucket](maxBuckets)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &Memory{limit: limit, buckets: buckets}
}

// Take implements [Store].
func (m *Memory) Take(_ context.Context, key string, n int, forced bool) (State, bool) {
	now := time.Now()
	return m.bucket(key, now).take(n, forced, now)
}

// Learn takes over the level of a bucket that is shared with other processes, after n was taken from it, or refused. It
// returns the state as Take does.
func (m *Memory) Learn(key string, level float64, n int, granted bool) State {
	now := time.Now()
	return m.bucket(key, now).learn(level, n, granted, now)
}

func (m *Memory) bucket(key string, now time.Time) *bucket {
	b, found := m.buckets.Get(key)
	if !found {
		b = &bucket{limit: float64(m.limit), level: float64(m.limit), at: now}
		if earlier, ok, _ := m.buckets.PeekOrAdd(key, b); ok {
			b = earlier
		}
	}
	return b
}
