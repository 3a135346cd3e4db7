package telemetry

import (
	"context"
	"errors"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// Upstream is how the service stands with Microsoft Graph.
type Upstream struct {
	// Host is Microsoft Graph's.
	Host string
	// Limit is how many requests may be in flight, InFlight and Waiting how many are and wait for it.
	Limit, InFlight, Waiting int
	// Paused counts the identities that Microsoft Graph told to wait, and Pause is the longest wait.
	Paused int
	Pause  time.Duration
	// Breaker is closed, half-open or open.
	Breaker string
}

// Build is what the toolchain recorded about the program.
type Build struct{ Version, Commit, Go string }

// breakerStates are the values of the gauge.
var breakerStates = map[string]float64{"closed": 0, "half-open": 1, "open": 2}

// Observe has the gauges read how the service stands with Microsoft Graph whenever metrics are collected, until stop.
func (in *Instruments) Observe(build Build, read func() Upstream) (stop func(), err error) {
	if in == nil {
		return func() {}, nil
	}
	b := builder{meter: in.meter}
	var (
		info = b.gauge("portico.build_info", "", "version,commit,go_version",
			"Always 1; the labels say which program runs.")
		limit   = b.gauge("portico.upstream.limit", "{request}", "", "How many requests may be in flight to Microsoft Graph.")
		active  = b.gauge("portico.upstream.in_flight", "{request}", "", "Requests in flight to Microsoft Graph.")
		waiting = b.gauge("portico.upstream.waiting", "{request}", "", "Requests that wait to be sent to Microsoft Graph.")
		paused  = b.gauge("portico.upstream.paused", "{identity}", "", "Identities that Microsoft Graph told to wait.")
		pause   = b.gauge("portico.upstream.pause", "s", "",
			"The longest time that Microsoft Graph told an identity to wait.")
		breaker = b.gauge("portico.breaker.state", "", "host", "Circuit breaker: 0 closed, 1 half-open, 2 open.")
	)
	in.described = append(in.described, b.described...)
	if err := errors.Join(b.problems...); err != nil {
		return nil, err
	}
	about := metric.WithAttributes(attribute.String("version", build.Version),
		attribute.String("commit", build.Commit), attribute.String("go_version", build.Go))
	registration, err := in.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		u := read()
		o.ObserveFloat64(info, 1, about)
		o.ObserveFloat64(limit, float64(u.Limit))
		o.ObserveFloat64(active, float64(u.InFlight))
		o.ObserveFloat64(waiting, float64(u.Waiting))
		o.ObserveFloat64(paused, float64(u.Paused))
		o.ObserveFloat64(pause, u.Pause.Seconds())
		o.ObserveFloat64(breaker, breakerStates[u.Breaker], metric.WithAttributes(attribute.String("host", u.Host)))
		return nil
	}, info, limit, active, waiting, paused, pause, breaker)
	if err != nil {
		return nil, err
	}
	return func() { _ = registration.Unregister() }, nil // nothing depends on it any more
}

// Stored is what the cache did since the start, and what it holds.
type Stored struct {
	// Hits were answered from it, Stale from what was past its time. Partial were requested without the properties that
	// were stored, Misses in whole.
	Hits, Stale, Partial, Misses int64
	// Bytes are held in memory.
	Bytes int64
}

// ObserveCache has metrics read what the cache did whenever they are collected, until stop.
func (in *Instruments) ObserveCache(read func() Stored) (stop func(), err error) {
	if in == nil {
		return func() {}, nil
	}
	b := builder{meter: in.meter}
	requests := b.observed("portico.cache.requests", "{request}", "result", "Lookups that went by the cache.")
	held := b.gauge("portico.cache.size", "By", "", "What the cache holds in memory.")
	in.described = append(in.described, b.described...)
	if err := errors.Join(b.problems...); err != nil {
		return nil, err
	}
	registration, err := in.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := read()
		for result, n := range map[string]int64{"hit": s.Hits, "stale": s.Stale, "partial": s.Partial, "miss": s.Misses} {
			o.ObserveInt64(requests, n, metric.WithAttributes(attribute.String("result", result)))
		}
		o.ObserveFloat64(held, float64(s.Bytes))
		return nil
	}, requests, held)
	if err != nil {
		return nil, err
	}
	return func() { _ = registration.Unregister() }, nil // nothing depends on it any more
}
