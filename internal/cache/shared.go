package cache

import (
	"context"
	"time"
)

// Shared is a place where replicas keep something for each other. It never fails: what it cannot return in time is not
// there. What it returns may have been written by others than Portico.
type Shared interface {
	// Name returns the name under which something is kept.
	Name(of string) string
	// Get returns the values under some names, by place, nil for those that are not there; false if there is no answer.
	Get(ctx context.Context, names ...string) (values [][]byte, ok bool)
	// Set keeps a value for a time, without waiting.
	Set(name string, value []byte, life time.Duration)
	// Put keeps a value for a time, and waits until it is kept.
	Put(ctx context.Context, name string, value []byte, life time.Duration) error
	// Add keeps a value for a time if there is none that can be read, and returns the one that is kept then; false if
	// there is no answer.
	Add(ctx context.Context, name string, value []byte, life time.Duration) (kept []byte, ok bool)
	// Delete drops what is kept under some names, without waiting.
	Delete(names ...string)
	// OnChange has a function called with each name that another replica wrote.
	OnChange(changed func(name string))
}
