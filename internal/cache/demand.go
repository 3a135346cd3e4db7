package cache

import (
	"context"
	"time"
)

// Demand is what a request says about the cache, as HTTP's Cache-Control has it. The zero Demand says nothing.
type Demand struct {
	// MaxAge is the age up to which what is stored may answer the request, if HasMaxAge is set. 0: nothing may.
	MaxAge    time.Duration
	HasMaxAge bool
	// NoStore reports that responses are not stored.
	NoStore bool
}

type demandKey struct{}

// With returns a context whose requests have a demand.
func With(ctx context.Context, d Demand) context.Context {
	return context.WithValue(ctx, demandKey{}, d)
}

// DemandOf returns the demand of the requests of a context.
func DemandOf(ctx context.Context) Demand {
	d, _ := ctx.Value(demandKey{}).(Demand)
	return d
}

// isPast reports whether nothing that is stored may answer a request.
func (d Demand) isPast() bool { return d.HasMaxAge && d.MaxAge <= 0 }

// limit returns how long a request may be served what has a lifetime.
func (d Demand) limit(life Lifetime) Lifetime {
	if d.HasMaxAge {
		life.Fresh, life.Stale = min(life.Fresh, d.MaxAge), min(life.Stale, d.MaxAge)
	}
	return life
}
