// Portico answers GraphQL questions about threat intelligence from Microsoft Graph, asking it for the least, in the
// fewest requests.
//
// This file is the wiring, in the order of a request: settings, Microsoft Graph or its emulator, tokens, the client,
// the GraphQL endpoint and what stands around it, and the listener.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzhttp"

	"portico/graph"
	"portico/graph/limits"
	"portico/internal/callers"
	"portico/internal/config"
	"portico/internal/playground"
	"portico/internal/quota"
	"portico/internal/telemetry"
	"portico/msgraph"
)

const (
	// flushLimit is how long the end of the process waits for the readers of its output.
	flushLimit = time.Second
	// closeLimit is how long the end may take once the requests under way have ended or were cut off.
	closeLimit = 2 * time.Second
)

func main() {
	// Neither a log reader that is gone nor a terminal that is closed ends the service.
	signal.Ignore(syscall.SIGPIPE, syscall.SIGHUP)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	stdout, stderr := telemetry.NewWriter(os.Stdout), telemetry.NewWriter(os.Stderr)
	err := run(ctx, os.Args[1:], os.Environ(), stdout, stderr, os.Exit)
	stdout.Close(flushLimit)
	stderr.Close(flushLimit)
	if err != nil {
		os.Exit(1)
	}
}

// run is the whole program: it ends with ctx, after the requests under way, or at once if it cannot start. An error has
// been reported on stderr. If the end takes longer than it may, run calls exit.
func run(ctx context.Context, args, environ []string, stdout, stderr io.Writer, exit func(int)) error {
	check := len(args) > 0 && args[0] == healthcheckCommand
	if check {
		args = args[1:]
	}
	cfg, err := config.Load(args, environ, stdout)
	if errors.Is(err, config.ErrHelp) {
		return nil
	}
	if errors.Is(err, config.ErrVersion) {
		_, err := fmt.Fprintln(stdout, readBuild())
		return err
	}
	if err != nil {
		return report(stderr, cfg.LogFormat, fmt.Errorf("the settings are wrong:\n%w", err))
	}
	if check {
		return report(stderr, cfg.LogFormat, healthcheck(ctx, cfg))
	}
	defer exitInTime(ctx, cfg.ShutdownTimeout+closeLimit, exit)()
	return report(stderr, cfg.LogFormat, runService(ctx, cfg, environ, stdout, stderr))
}

// exitInTime calls exit if the process lives on for the limit after ctx ended, unless stop is called first: whatever
// hangs then, a supervisor gets its process back.
func exitInTime(ctx context.Context, limit time.Duration, exit func(int)) (stop func()) {
	done := make(chan struct{})
	detach := context.AfterFunc(ctx, func() {
		select {
		case <-done:
		case <-time.After(limit):
			exit(1)
		}
	})
	return func() {
		detach()
		close(done)
	}
}

// report writes why the program ends, in the format of the log.
func report(stderr io.Writer, format string, err error) error {
	if err == nil {
		return nil
	}
	if log, bad := telemetry.New(stderr, format, slog.LevelError); bad == nil && format == "json" {
		log.Error("Portico ends", "error", err.Error())
		return err
	}
	_, _ = fmt.Fprintln(stderr, err)
	return err
}

// runService serves until ctx ends.
func runService(ctx context.Context, cfg config.Config, environ []string, stdout, stderr io.Writer) error {
	log, err := newLogger(cfg, stderr)
	if err != nil {
		return err
	}
	for _, warning := range cfg.Warnings {
		log.Warn(warning)
	}
	tuneMemory(environ)
	s, err := newService(cfg, log)
	if err != nil {
		return err
	}
	defer s.close()
	listeners, err := openListeners(ctx, cfg, log)
	if err != nil {
		return err
	}
	greet(stdout, log, listeners, cfg, s)
	return s.serve(ctx, listeners, cfg)
}

func newLogger(cfg config.Config, w io.Writer) (*slog.Logger, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		return nil, err
	}
	return telemetry.New(w, cfg.LogFormat, level)
}

// service is all that is between the listener and Microsoft Graph.
type service struct {
	handler  http.Handler
	upstream *upstream
	callers  *callers.Gate
	audit    *os.File // nil without one
	health   *health
	log      *slog.Logger
}

// newService wires everything up and sends nothing.
func newService(cfg config.Config, log *slog.Logger) (*service, error) {
	front, err := newFront(cfg)
	if err != nil {
		return nil, err
	}
	up, err := newUpstream(cfg, log)
	if err != nil {
		return nil, err
	}
	audit, err := openAudit(cfg)
	if err != nil {
		up.close()
		return nil, err
	}
	gate, err := newGate(cfg, up, log)
	if err != nil {
		up.close()
		return nil, err
	}
	health := &health{ready: up.tokens.Ready, callers: gate.Ready, log: log}
	client, err := msgraph.New(up.url,
		msgraph.WithHTTPClient(&http.Client{Transport: up.tokens.Transport(up.transport)}),
		msgraph.WithIdentity(up.tokens.Identity),
		msgraph.WithBatchesInFlight(cfg.Limits.Batches),
		msgraph.WithTryLimit(cfg.Limits.Deadline*2/5), // two whole tries fit, and their waits
		msgraph.WithLogger(log))
	if err != nil {
		gate.Close()
		up.close()
		return nil, err
	}
	endpoint := graph.NewHandler(graph.Options{
		Fetch: client, Identity: up.tokens.Identity, Limits: limitsOf(cfg.Limits),
		HostHints: cfg.HostHints.On(), ShowCost: cfg.ShowCost.On(), CursorKey: cfg.CursorKey.Reveal(), Log: log,
		Challenge: gate.Challenge, Quota: quotaFor(quota.NewMemory(cfg.Limits.CallerItems)), Emulated: cfg.Emulated(),
	})
	handler := telemetry.Middleware(front(routes(endpoint, graphiQL(cfg), gate, health)), log, auditTo(audit))
	return &service{handler: handler, upstream: up, callers: gate, audit: audit, health: health, log: log}, nil
}

// graphiQL is the page, which says so where data is invented.
func graphiQL(cfg config.Config) http.Handler {
	if cfg.Emulated() {
		return playground.Handler("/graphql", inventedData)
	}
	return playground.Handler("/graphql")
}

// routes leads to what answers a request.
func routes(endpoint, page http.Handler, gate *callers.Gate, health *health) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", gate.Handler(compressed(endpoint)))
	mux.Handle("GET "+callers.MetadataPath, gate.Metadata())
	mux.Handle("GET "+callers.MetadataPath+"/", gate.Metadata())
	health.handle(mux)
	mux.Handle("/", page)
	return mux
}

// compressed packs answers of JSON; the parts of a multipart one have to leave as they come.
func compressed(next http.Handler) http.Handler {
	wrap, err := gzhttp.NewWrapper(gzhttp.MinSize(1024),
		gzhttp.ContentTypes([]string{"application/json", "application/graphql-response+json"}))
	if err != nil {
		panic(err) // the options above are constants
	}
	return wrap(next)
}

func limitsOf(l config.Limits) limits.Limits {
	bounds := limits.Default()
	bounds.Body, bounds.Tokens, bounds.Fields, bounds.Nodes, bounds.Depth = int64(l.Body), l.Tokens, l.Fields, l.Nodes, l.Depth
	bounds.Aliases, bounds.Directives, bounds.RootFields, bounds.Errors = l.Aliases, l.Directives, l.RootFields, l.Errors
	bounds.Value, bounds.Response, bounds.InFlight = int(l.Value), l.Response, l.InFlight
	bounds.IDs, bounds.UpstreamRequests, bounds.Deadline = l.IDs, l.UpstreamRequests, l.Deadline
	return bounds
}

// serve answers until ctx ends, and then until the requests under way are answered or their time is over.
func (s *service) serve(ctx context.Context, listeners *listeners, cfg config.Config) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      cfg.Limits.Deadline + 10*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		Protocols:         protocols(),
		HTTP2:             &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	admin := newAdmin(s.health, s.log)
	failed := make(chan error, 2)
	go func() { failed <- listeners.serve(server, cfg.Limits.Connections) }()
	if listeners.admin != nil {
		go func() { failed <- admin.Serve(listeners.admin) }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", errors.Join(err, server.Close(), admin.Close()))
	case <-ctx.Done():
	}
	s.health.drain()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	if err := end(grace, server, admin); err != nil {
		return fmt.Errorf("ending requests under way: %w", err)
	}
	return nil
}

func (s *service) close() {
	s.callers.Close()
	if s.audit != nil {
		_ = s.audit.Close() // each line was written at once
	}
	s.upstream.close()
}

// inventedData is what people are told where the emulator stands in for Microsoft Graph.
const inventedData = "The emulator stands in for Microsoft Graph: all data is invented."

// greet says where Portico listens and what it sends requests to: in the log, and, unless that is JSON, as text with a
// line to try. The log always says that data is invented.
func greet(stdout io.Writer, log *slog.Logger, l *listeners, cfg config.Config, s *service) {
	if cfg.Emulated() {
		log.Warn(inventedData)
	}
	base, curl := l.url()
	log.Info("listening", greetingAttrs(base, l, cfg, s)...)
	if cfg.LogFormat == "json" {
		return
	}
	query := `{"query":"{ hostPort(id: \"ODUuMTMuMTM5LjE4JCQyMQ==\") { port status banners { banner } } }"}`
	_, _ = fmt.Fprintf(stdout, "Portico is at %s/ (GraphiQL) and %[1]s/graphql\n", base)
	_, _ = fmt.Fprintf(stdout, "It sends its requests to %s at %s\n", cloudName(cfg), s.upstream.url)
	if cfg.EmulatorControl.On() && s.upstream.server != nil {
		_, _ = fmt.Fprintf(stdout, "The emulator is controlled at %s/_emulator\n", s.upstream.server.URL)
	}
	_, _ = fmt.Fprintf(stdout, "Try: curl %s-s %s/graphql -H 'Content-Type: application/json' -d '%s'\n",
		curl, base, strings.ReplaceAll(query, "'", `'\''`))
}

func greetingAttrs(base string, l *listeners, cfg config.Config, s *service) []any {
	b := readBuild()
	attrs := []any{
		"version", b.version, "commit", b.commit, "address", l.main.Addr().String(), "tls", l.tls != nil,
		"cloud", cfg.Cloud.Name, "identity", cfg.Identity, "callers", cfg.Callers, "graphiql", base + "/", "graphql", base + "/graphql",
	}
	if l.admin != nil {
		attrs = append(attrs, "admin_address", l.admin.Addr().String())
	}
	if cfg.EmulatorControl.On() && s.upstream.server != nil {
		attrs = append(attrs, "emulator_control", s.upstream.server.URL+"/_emulator")
	}
	return attrs
}

func cloudName(cfg config.Config) string {
	if cfg.EmulatorInProcess() {
		return "the embedded emulator, whose data is invented,"
	}
	return "the cloud " + cfg.Cloud.Name
}
