package service

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"portico/internal/cache"
	"portico/internal/callers"
	"portico/internal/config"
	"portico/internal/opentelemetry"
	"portico/internal/telemetry"
	"portico/msgraph"
	"portico/threatintel"
)

// exportLimit is how long the end of the service waits for the last spans and metrics to be sent.
const exportLimit = time.Second

// measurement is what measures the service. Without instruments nothing is measured.
type measurement struct {
	instruments *telemetry.Instruments // nil if nothing is exported
	sdk         *opentelemetry.SDK     // nil, too
	stop        func()                 // the gauges
}

func newMeasurement(cfg config.Config, log *slog.Logger) (*measurement, error) {
	m := &measurement{stop: func() {}}
	options := cfg.Telemetry.Export
	if !options.Enabled() {
		return m, nil
	}
	options.Version, options.Log = readBuild().version, log
	var err error
	if m.sdk, err = opentelemetry.New(options); err != nil {
		return nil, err
	}
	m.instruments, err = telemetry.NewInstruments(m.sdk)
	if err != nil {
		m.close(log)
		return nil, err
	}
	return m, nil
}

// observe has the gauges follow the client.
func (m *measurement) observe(client *msgraph.Client, base string) (err error) {
	b := readBuild()
	host := hostOf(base)
	m.stop, err = m.instruments.Observe(telemetry.Build{Version: b.version, Commit: b.commit, Go: b.goes},
		func() telemetry.Upstream {
			s := client.Status()
			return telemetry.Upstream{
				Host: host, Limit: s.Limit, InFlight: s.InFlight, Waiting: s.Waiting,
				Paused: s.Paused, Pause: s.Pause, Breaker: s.Breaker,
			}
		})
	return err
}

// observeStores has metrics follow the cache and Redis, nil without one.
func (m *measurement) observeStores(stored *cache.Cache, shared *replicas) error {
	if stored == nil {
		return nil
	}
	stop, err := m.instruments.ObserveCache(func() int64 { return stored.Snapshot().Bytes })
	if err == nil {
		m.alsoStop(stop)
		stop, err = shared.observe(m.instruments)
	}
	if err == nil {
		m.alsoStop(stop)
	}
	return err
}

func (m *measurement) alsoStop(stop func()) {
	others := m.stop
	m.stop = func() { others(); stop() }
}

// looked returns what counts lookups that went through the cache; nil if nobody does.
func (m *measurement) looked() func(path, level, result string) {
	if m.instruments == nil {
		return nil
	}
	return func(path, level, result string) {
		m.instruments.CacheLooked(level, cmp.Or(string(threatintel.TopicOf(path)), "other"), result)
	}
}

// clientOptions are what a client of Microsoft Graph tells the instruments.
func (m *measurement) clientOptions() []msgraph.Option {
	if m.instruments == nil {
		return nil
	}
	return []msgraph.Option{msgraph.WithRetried(func(ctx context.Context, failed *msgraph.Error) {
		status := failed.FailureClass()
		if failed.Status > 0 {
			status = strconv.Itoa(failed.Status)
		}
		m.instruments.Retried(ctx, status)
	})}
}

// observer is what the gate tells the instruments.
func (m *measurement) observer() callers.Observer {
	return callers.Observer{Refused: m.instruments.CallerRefused, Fetched: m.instruments.KeysFetched}
}

// handler serves Prometheus; nil without it.
func (m *measurement) handler() http.Handler {
	if m.sdk == nil || m.sdk.Metrics == nil {
		return nil
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.sdk.Metrics)
	return mux
}

// close sends what is left, for a moment.
func (m *measurement) close(log *slog.Logger) {
	if m == nil || m.sdk == nil {
		return
	}
	defer m.stop()
	ctx, cancel := context.WithTimeout(context.Background(), exportLimit)
	defer cancel()
	if err := m.sdk.Close(ctx); err != nil {
		log.Warn("the last traces and metrics were not sent", "error", err.Error())
	}
}

func hostOf(base string) string {
	u, err := url.Parse(base)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// outgoing returns what says of each request to the Microsoft Graph at base what it is for. A request for a token,
// which a lookup may have to wait for, has the same context and is not one of them.
func outgoing(base string) func(*http.Request) (telemetry.Outgoing, bool) {
	root, err := url.Parse(base)
	if err != nil {
		root = &url.URL{} // config has checked it
	}
	prefix := strings.TrimSuffix(root.Path, "/")
	return func(r *http.Request) (telemetry.Outgoing, bool) {
		s, ours := msgraph.SendingOf(r.Context())
		if !ours || r.URL.Host != root.Host || !strings.HasPrefix(r.URL.Path, prefix) {
			return telemetry.Outgoing{}, false
		}
		out := telemetry.Outgoing{Template: threatintel.Endpoint(s.Path), Attempt: s.Attempt, Wave: s.Wave}
		if r.Method == http.MethodPost {
			out.Items = s.Items
		}
		return out, true
	}
}

// routeOf returns the pattern of the route that a path belongs to: one of those in routes, or an empty one.
func routeOf(path string) string {
	switch {
	case path == "/graphql", path == "/schema.graphqls", path == "/":
		return path
	case strings.HasPrefix(path, "/graphql/"):
		return "/graphql/{document}"
	case strings.HasPrefix(path, callers.MetadataPath):
		return callers.MetadataPath
	}
	return ""
}
