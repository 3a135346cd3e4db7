package service

import (
	"io"
	"log/slog"
	"net/http"
	"os"
	"time"

	"portico/emulator"
	"portico/graph"
	"portico/graph/plan"
	"portico/internal/auth"
	"portico/internal/cache"
	"portico/internal/callers"
	"portico/internal/config"
	"portico/internal/telemetry"
	"portico/msgraph"
)

func newLogger(cfg config.Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, err
	}
	return telemetry.New(w, cfg.LogFormat, level)
}

// Service is all that is between the listener and Microsoft Graph.
type Service struct {
	handler  http.Handler
	upstream *upstream
	cache    *cache.Cache // nil if there is none
	replicas *replicas    // what they share, nil for nothing
	callers  *callers.Gate
	audit    *os.File // nil without one
	health   *health
	cursors  *plan.Sealer
	// documents are the trusted ones, nil without any.
	documents *trustedDocuments
	measured  *measurement
	log       *slog.Logger
}

// New wires everything up and sends nothing. The options change the emulator in this process, if that is the cloud.
func New(cfg config.Config, log *slog.Logger, emulated ...emulator.Option) (*Service, error) {
	front, err := newFront(cfg)
	if err != nil {
		return nil, err
	}
	trusted, err := newTrustedDocuments(cfg, log)
	if err != nil {
		return nil, err
	}
	measured, err := newMeasurement(cfg, log)
	if err != nil {
		trusted.close()
		return nil, err
	}
	up, err := newUpstream(cfg, measured.instruments, log, emulated)
	if err != nil {
		measured.close(log)
		trusted.close()
		return nil, err
	}
	s, err := newService(cfg, front, trusted, up, measured, log)
	if err != nil {
		up.close()
		measured.close(log)
		trusted.close()
	}
	return s, err
}

// newService wires up what stands behind the front.
func newService(
	cfg config.Config, front func(http.Handler) http.Handler, trusted *trustedDocuments, up *upstream,
	measured *measurement, log *slog.Logger,
) (*Service, error) {
	audit, err := openAudit(cfg)
	if err != nil {
		return nil, err
	}
	gate, err := newGate(cfg, up, measured.observer(), log)
	if err != nil {
		return nil, err
	}
	shared, err := newReplicas(cfg, log)
	if err != nil {
		gate.Close()
		return nil, err
	}
	health := &health{ready: up.tokens.Ready, callers: gate.Ready, log: log}
	client, err := newClient(cfg, up, append(measured.clientOptions(), shared.options()...), log)
	if err != nil {
		gate.Close()
		return nil, err
	}
	health.status, health.shared = client.Status, shared
	if err := measured.observe(client, up.url); err != nil {
		gate.Close()
		return nil, err
	}
	stored := newCache(cfg, client, up.tokens, shared, measured)
	if err := measured.observeStores(stored, shared); err != nil {
		gate.Close()
		return nil, err
	}
	shared.start()
	cursors := plan.NewSealer(cfg.CursorKey.Reveal(), cfg.CursorKeyOld.Reveal())
	endpoint := graph.NewHandler(graph.Options{
		Admit: client.Admit, Stored: countStored(stored),
		Fetch: fetcher(client, stored), Identity: sharedAs(up.tokens.Identity), Limits: cfg.Limits,
		HostHints: cfg.HostHints.On(), ShowCost: cfg.ShowCost.On(), Cursors: cursors, Log: log,
		Challenge: gate.Challenge, Quota: quotaFor(cfg, shared.quotas(cfg.Limits.CallerItems)), Emulated: cfg.Emulated(),
		HideSchema: !cfg.Introspects(), Trusted: trusted.set(), Registrant: registrant(cfg),
		SharedDocuments: shared.documents(),
		CrossOrigin:     cfg.Origins.Protection(), RefusedOption: measured.instruments.RefusedOption,
	})
	schema := graph.SchemaHandler(!cfg.Introspects())
	endpoint = obeyCacheControl(endpoint)
	routed := front(health.closeWhileDraining(routes(endpoint, schema, graphiQL(cfg, up), gate, cfg.Origins, health)))
	return &Service{
		handler:  telemetry.Middleware(routed, log, auditTo(audit), measured.instruments, routeOf),
		upstream: up, cache: stored, replicas: shared, callers: gate, audit: audit, health: health, cursors: cursors,
		documents: trusted, measured: measured, log: log,
	}, nil
}

// longestTry is how long Microsoft Graph may be silent before a request is sent again, however long an operation may
// take.
const longestTry = 30 * time.Second

// newClient returns the client of Microsoft Graph.
func newClient(
	cfg config.Config, up *upstream, shared []msgraph.Option, log *slog.Logger,
) (*msgraph.Client, error) {
	return msgraph.New(up.url, append(shared,
		msgraph.WithHTTPClient(&http.Client{Transport: up.tokens.Transport(up.wire)}),
		msgraph.WithIdentity(up.tokens.Identity),
		msgraph.WithCaller(auth.CallerKey),
		msgraph.WithInFlight(1, cfg.Limits.Concurrency),
		msgraph.WithTryLimit(min(cfg.Limits.Deadline*2/5, longestTry)), // two whole tries fit, and their waits
		msgraph.WithLogger(log))...)
}

// Close ends what the service runs in the background. Serve has to have returned.
func (s *Service) Close() {
	s.callers.Close()
	s.documents.close()
	if s.cache != nil {
		s.cache.Close()
	}
	s.replicas.close()
	if s.audit != nil {
		_ = s.audit.Close() // each line was written at once
	}
	s.upstream.close()
	s.measured.close(s.log)
}
