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
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/signal"
	"strconv"
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
	listener, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	greet(stdout, log, listener.Addr(), cfg, s)
	return s.serve(ctx, listener, cfg)
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
	handler := routes(endpoint, graphiQL(cfg), gate, health, log, audit)
	return &service{handler: handler, upstream: up, callers: gate, audit: audit, health: health, log: log}, nil
}

// graphiQL is the page, which says so where data is invented.
func graphiQL(cfg config.Config) http.Handler {
	if cfg.Emulated() {
		return playground.Handler("/graphql", inventedData)
	}
	return playground.Handler("/graphql")
}

// routes puts what every request passes in front of what answers it.
func routes(endpoint, page http.Handler, gate *callers.Gate, health *health, log *slog.Logger, audit *os.File) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/graphql", gate.Handler(compressed(endpoint)))
	mux.Handle("GET "+callers.MetadataPath, gate.Metadata())
	mux.Handle("GET "+callers.MetadataPath+"/", gate.Metadata())
	mux.HandleFunc("GET /livez", health.live)
	mux.HandleFunc("GET /readyz", health.readyz)
	mux.Handle("/", page)
	return telemetry.Middleware(closeAfterChunks(local(mux)), log, auditTo(audit))
}

// local refuses requests that were sent to another name than this machine's own. While callers are not authenticated, a
// web page whose name was made to resolve to a loopback address could ask otherwise.
func local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isLocal(r.Host) {
			answer(w, http.StatusForbidden, "ask for localhost, 127.0.0.1 or [::1]")
			return
		}
		next.ServeHTTP(w, r)
	})
}

// isLocal reports whether a Host header, with or without a port, names this machine: by a loopback address, IPv6 in
// brackets, or as localhost in any letter case.
func isLocal(host string) bool {
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		if _, err := strconv.ParseUint("0"+host[at+1:], 10, 16); err != nil {
			return false
		}
		host = host[:at]
	}
	inner, opened := strings.CutPrefix(host, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	ip, err := netip.ParseAddr(inner)
	if opened || closed {
		return opened && closed && err == nil && ip.Is6() && ip.Zone() == "" && ip.Unmap().IsLoopback()
	}
	return strings.EqualFold(host, "localhost") || err == nil && ip.Is4() && ip.IsLoopback()
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
func (s *service) serve(ctx context.Context, listener net.Listener, cfg config.Config) error {
	server := &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      cfg.Limits.Deadline + 10*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	bounded := boundConnections(listener, cfg.Limits.Connections)
	bounded.hook(server)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(bounded) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", err)
	case <-ctx.Done():
	}
	s.health.drain()
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	if err := server.Shutdown(grace); err != nil {
		return fmt.Errorf("ending requests under way: %w", errors.Join(err, server.Close()))
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

// greet says where Portico listens and what it sends requests to, in the log if that is JSON, else as text with a line
// to try. The log always says that data is invented.
func greet(stdout io.Writer, log *slog.Logger, at net.Addr, cfg config.Config, s *service) {
	if cfg.Emulated() {
		log.Warn(inventedData)
	}
	if cfg.LogFormat == "json" {
		log.Info("listening", greetingAttrs(at, cfg, s)...)
		return
	}
	query := `{"query":"{ hostPort(id: \"ODUuMTMuMTM5LjE4JCQyMQ==\") { port status banners { banner } } }"}`
	_, _ = fmt.Fprintf(stdout, "Portico is at http://%s/ (GraphiQL) and http://%s/graphql\n", at, at)
	_, _ = fmt.Fprintf(stdout, "It sends its requests to %s at %s\n", cloudName(cfg), s.upstream.url)
	if cfg.EmulatorControl.On() && s.upstream.server != nil {
		_, _ = fmt.Fprintf(stdout, "The emulator is controlled at %s/_emulator\n", s.upstream.server.URL)
	}
	_, _ = fmt.Fprintf(stdout, "Try: curl -s http://%s/graphql -H 'Content-Type: application/json' -d '%s'\n",
		at, strings.ReplaceAll(query, "'", `'\''`))
}

func greetingAttrs(at net.Addr, cfg config.Config, s *service) []any {
	attrs := []any{"graphiql", "http://" + at.String() + "/", "graphql", "http://" + at.String() + "/graphql", "cloud", cfg.Cloud.Name}
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
