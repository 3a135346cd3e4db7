package telemetry

import (
	"context"
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// ObserveCache has metrics read how many bytes the cache holds whenever they are collected, until stop.
func (in *Instruments) ObserveCache(read func() int64) (stop func(), err error) {
	if in == nil {
		return func() {}, nil
	}
	b := builder{meter: in.meter}
	held := b.gauge("portico.cache.size", "By", "", "What the cache holds in memory.")
	return in.follow(b, func(o metric.Observer) { o.ObserveFloat64(held, float64(read())) }, held)
}

// Redis is what became of values that replicas share through Redis since the start, and how it stands.
type Redis struct {
	// Connected reports whether Redis answers.
	Connected bool
	// Waiting is how many writes are not answered yet.
	Waiting uint64
	// Lost counts how often Redis stopped answering.
	Lost uint64
	// Reads and Writes are by result.
	Reads, Writes map[string]uint64
}

// ObserveRedis has metrics read how the service stands with Redis whenever they are collected, until stop.
func (in *Instruments) ObserveRedis(read func() Redis) (stop func(), err error) {
	if in == nil {
		return func() {}, nil
	}
	b := builder{meter: in.meter}
	var (
		connected = b.gauge("portico.redis.connected", "", "",
			"Whether Redis answers: 1, or 0 while the circuit breaker is open and no request waits for Redis.")
		waiting = b.gauge("portico.redis.waiting", "{value}", "", "Values that wait to be written to Redis.")
		lost    = b.observed("portico.redis.losses", "{loss}", "", "How often Redis stopped answering in time.")
		reads   = b.observed("portico.redis.reads", "{value}", "result", "Values that were read from Redis.")
		writes  = b.observed("portico.redis.writes", "{value}", "result", "Values that were to be written to Redis.")
	)
	return in.follow(b, func(o metric.Observer) {
		r, up := read(), 0.0
		if r.Connected {
			up = 1
		}
		o.ObserveFloat64(connected, up)
		o.ObserveFloat64(waiting, float64(r.Waiting))
		o.ObserveInt64(lost, int64(r.Lost)) //nolint:gosec // a count
		observeResults(o, reads, r.Reads)
		observeResults(o, writes, r.Writes)
	}, connected, waiting, lost, reads, writes)
}

func observeResults(o metric.Observer, into metric.Int64Observable, counts map[string]uint64) {
	for result, n := range counts {
		o.ObserveInt64(into, int64(n), metric.WithAttributes(attribute.String("result", result))) //nolint:gosec // a count
	}
}

// follow has what the builder made read whenever metrics are collected, until stop.
func (in *Instruments) follow(
	b builder, read func(metric.Observer), all ...metric.Observable,
) (stop func(), err error) {
	in.described = append(in.described, b.described...)
	if err := errors.Join(b.problems...); err != nil {
		return nil, err
	}
	registration, err := in.meter.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		read(o)
		return nil
	}, all...)
	if err != nil {
		return nil, err
	}
	return func() { _ = registration.Unregister() }, nil // nothing depends on it any more
}
