package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"portico/internal/config"
	"portico/internal/listen"
)

// listeners are the addresses that Portico serves on.
type listeners struct {
	main    net.Listener
	admin   net.Listener        // nil without one
	metrics net.Listener        // nil, too
	tls     *listen.Certificate // nil without TLS
}

// openListeners opens all addresses, and names the settings of all that cannot be opened.
func openListeners(ctx context.Context, cfg config.Config, log *slog.Logger) (*listeners, error) {
	l := &listeners{}
	var problems [4]error
	if cfg.TLSCertificate != "" {
		if l.tls, problems[0] = listen.LoadCertificate(cfg.TLSCertificate, cfg.TLSKey, log); problems[0] != nil {
			problems[0] = configError{fmt.Errorf("PORTICO_TLS_CERTIFICATE: %w", problems[0])}
		}
	}
	if l.main, problems[1] = listen.Open(ctx, cfg.Listen); problems[1] != nil {
		problems[1] = lasting(fmt.Errorf("PORTICO_LISTEN: %w", problems[1]))
	}
	if cfg.AdminListen != "" {
		if l.admin, problems[2] = listen.Open(ctx, cfg.AdminListen); problems[2] != nil {
			problems[2] = lasting(fmt.Errorf("PORTICO_ADMIN_LISTEN: %w", problems[2]))
		}
	}
	if address := cfg.Telemetry.MetricsListen; address != "" {
		if l.metrics, problems[3] = listen.Open(ctx, address); problems[3] != nil {
			problems[3] = lasting(fmt.Errorf("PORTICO_METRICS_LISTEN: %w", problems[3]))
		}
	}
	if err := errors.Join(problems[:]...); err != nil {
		l.close()
		return nil, err
	}
	return l, nil
}

func (l *listeners) close() {
	for _, listener := range []net.Listener{l.main, l.admin, l.metrics} {
		if listener != nil {
			_ = listener.Close() // nothing was accepted
		}
	}
}

// serve runs the server on the main address. It returns [http.ErrServerClosed] after a shutdown.
func (l *listeners) serve(server *http.Server, most int, log *slog.Logger) error {
	bounded := boundConnections(l.main, most, log)
	bounded.hook(server)
	if l.tls == nil {
		return server.Serve(bounded)
	}
	server.TLSConfig = l.tls.TLS()
	return server.ServeTLS(bounded, "", "")
}

// serveSecond runs a server on an address other than the main one.
func serveSecond(listener net.Listener, server *http.Server, log *slog.Logger) error {
	bounded := boundConnections(listener, adminConnections, log)
	bounded.hook(server)
	return server.Serve(bounded)
}

// url returns the base URL by which this machine reaches the main address, and what curl needs beside it.
func (l *listeners) url() (base, curl string) {
	switch address := l.main.Addr().(type) {
	case *net.TCPAddr:
		base = "http://" + address.String()
		if address.IP.IsUnspecified() {
			base = "http://localhost:" + strconv.Itoa(address.Port) // an address that means all interfaces is not a host
		}
	default:
		base, curl = "http://localhost", "--unix-socket "+address.String()+" "
	}
	if l.tls != nil {
		return "https" + strings.TrimPrefix(base, "http"), curl + "-k "
	}
	return base, curl
}

// end lets the requests in flight end, for as long as ctx does.
func end(ctx context.Context, servers ...*http.Server) error {
	var problems []error
	for _, server := range servers {
		if err := server.Shutdown(ctx); err != nil {
			problems = append(problems, err, server.Close())
		}
	}
	return errors.Join(problems...)
}

// protocols are HTTP/1.1 and HTTP/2, the latter without TLS too, for proxies.
func protocols() *http.Protocols {
	p := &http.Protocols{}
	p.SetHTTP1(true)
	p.SetHTTP2(true)
	p.SetUnencryptedHTTP2(true)
	return p
}

// maxStreams is how many requests one HTTP/2 connection may carry at a time.
const maxStreams = 100

// newFront returns what stands in front of all routes and decides where requests come from, and which hosts they may be
// for.
func newFront(cfg config.Config) (func(http.Handler) http.Handler, error) {
	proxies, err := listen.ParseProxies(cfg.TrustedProxies)
	if err != nil {
		return nil, err
	}
	hosts := listen.NewHosts(hostNames(cfg)...)
	return func(next http.Handler) http.Handler {
		return proxies.Handler(closeAfterChunks(hosts.Handler(next, http.HandlerFunc(refuseHost))))
	}, nil
}

// hostNames returns the names that requests may be for beside this machine's loopback names.
func hostNames(cfg config.Config) []string {
	names := slices.Clone(cfg.AllowedHosts)
	if public, err := url.Parse(cfg.PublicURL); err == nil && public.Host != "" {
		names = append(names, public.Host)
	}
	if host, _, err := net.SplitHostPort(cfg.Listen); err == nil {
		if ip := net.ParseIP(host); ip != nil && !ip.IsUnspecified() {
			names = append(names, cfg.Listen)
		}
	}
	return names
}

func refuseHost(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusForbidden,
		"Requests for this host are not allowed. "+
			"Use localhost or a loopback address, or add the host to PORTICO_ALLOWED_HOSTS.")
}

// healthcheckCommand is the argument, in front of all flags, that asks a running Portico for its health.
const healthcheckCommand = "healthcheck"

// healthcheck asks the Portico that runs with these settings on this machine whether it is ready.
func healthcheck(ctx context.Context, cfg config.Config) error {
	probe := listen.Probe{Address: cfg.Listen, TLS: cfg.TLSCertificate != ""}
	if cfg.AdminListen != "" {
		probe = listen.Probe{Address: cfg.AdminListen}
	}
	if err := probe.Get(ctx, "/readyz"); err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	return nil
}
