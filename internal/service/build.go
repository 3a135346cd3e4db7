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
	client   *msgraph.Client
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
	s := &Service{log: log}
	if err = s.open(cfg, emulated); err == nil {
		err = s.connect(cfg)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	s.handler = front(s.health.closeWhileDraining(s.routes(cfg)))
	s.handler = telemetry.Middleware(s.handler, log, auditTo(s.audit), s.measured.instruments, routeOf)
	return s, nil
}

// open opens what has an end: files, the emulator, what callers' keys and Redis need.
func (s *Service) open(cfg config.Config, emulated []emulator.Option) (err error) {
	if s.documents, err = newTrustedDocuments(cfg, s.log); err != nil {
		return err
	}
	if s.measured, err = newMeasurement(cfg, s.log); err != nil {
		return err
	}
	if s.upstream, err = newUpstream(cfg, s.measured.instruments, s.log, emulated); err != nil {
		return err
	}
	if s.audit, err = openAudit(cfg); err != nil {
		return err
	}
	if s.callers, err = newGate(cfg, s.upstream, s.measured.observer(), s.log); err != nil {
		return err
	}
	s.replicas, err = newReplicas(cfg, s.log)
	return err
}

// connect makes the client of Microsoft Graph and the cache in front of it, and has health and metrics follow them.
func (s *Service) connect(cfg config.Config) (err error) {
	options := append(s.measured.clientOptions(), s.replicas.options()...)
	if s.client, err = newClient(cfg, s.upstream, options, s.log); err != nil {
		return err
	}
	s.health = &health{
		ready: s.upstream.tokens.Ready, callers: s.callers.Ready, status: s.client.Status, shared: s.replicas, log: s.log,
	}
	if err := s.measured.observe(s.client, s.upstream.url); err != nil {
		return err
	}
	s.cache = newCache(cfg, s.client, s.upstream.tokens, s.replicas, s.measured)
	if err := s.measured.observeStores(s.cache, s.replicas); err != nil {
		return err
	}
	s.replicas.start()
	return nil
}

// routes leads to the endpoint, the schema and the playground.
func (s *Service) routes(cfg config.Config) http.Handler {
	schema := graph.SchemaHandler(!cfg.Introspects())
	return routes(s.endpoint(cfg), schema, graphiQL(cfg, s.upstream), s.callers, cfg.Origins, s.health)
}

// endpoint returns what answers GraphQL requests.
func (s *Service) endpoint(cfg config.Config) http.Handler {
	s.cursors = plan.NewSealer(cfg.CursorKey.Reveal(), cfg.CursorKeyOld.Reveal())
	return obeyCacheControl(graph.NewHandler(graph.Options{
		Admit: s.client.Admit, Stored: countStored(s.cache),
		Fetch: fetcher(s.client, s.cache), Identity: sharedAs(s.upstream.tokens.Identity), Limits: cfg.Limits,
		HostHints: cfg.HostHints.On(), ShowCost: cfg.ShowCost.On(), Cursors: s.cursors, Log: s.log,
		Challenge: s.callers.Challenge, Quota: quotaFor(cfg, s.replicas.quotas(cfg.Limits.CallerItems)),
		Emulated: cfg.Emulated(), HideSchema: !cfg.Introspects(), Trusted: s.documents.set(),
		Registrant: registrant(cfg), SharedDocuments: s.replicas.documents(),
		CrossOrigin: cfg.Origins.Protection(), RefusedOption: s.measured.instruments.RefusedOption,
	}))
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

// Close ends what the service runs in the background, even if New failed halfway. Serve has to have returned.
func (s *Service) Close() {
	if s.callers != nil {
		s.callers.Close()
	}
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
