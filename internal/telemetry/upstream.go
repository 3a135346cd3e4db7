package telemetry

import (
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
	about := metric.WithAttributes(attribute.String("version", build.Version),
		attribute.String("commit", build.Commit), attribute.String("go_version", build.Go))
	return in.follow(b, func(o metric.Observer) {
		u := read()
		o.ObserveFloat64(info, 1, about)
		o.ObserveFloat64(limit, float64(u.Limit))
		o.ObserveFloat64(active, float64(u.InFlight))
		o.ObserveFloat64(waiting, float64(u.Waiting))
		o.ObserveFloat64(paused, float64(u.Paused))
		o.ObserveFloat64(pause, u.Pause.Seconds())
		o.ObserveFloat64(breaker, breakerStates[u.Breaker], metric.WithAttributes(attribute.String("host", u.Host)))
	}, info, limit, active, waiting, paused, pause, breaker)
}
