package service

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"portico/internal/config"
)

// greet says where Portico listens and what it sends requests to: in the log, and, unless that is JSON, as text with a
// line to try. The log always says that data is invented.
func greet(stdout io.Writer, log *slog.Logger, l *listeners, cfg config.Config, s *Service) {
	if cfg.Emulated() {
		log.Warn(inventedData)
	}
	base, curl := l.url()
	log.Info("listening", greetingAttrs(base, l, cfg, s)...)
	if cfg.LogFormat == "json" {
		return
	}
	query := `{"query":"{ hostPort(id: \"ODUuMTMuMTM5LjE4JCQyMQ==\") { port status banners { banner } } }"}`
	page := ""
	if cfg.Playground.On() {
		page = base + "/ (GraphiQL) and "
	}
	_, _ = fmt.Fprintf(stdout, "Portico is listening at %s%s/graphql\n", page, base)
	if cfg.PublicURL != "" {
		_, _ = fmt.Fprintf(stdout, "Public URL: %s\n", cfg.PublicURL)
	}
	_, _ = fmt.Fprintf(stdout, "Upstream: %s at %s\n", cloudName(cfg), s.upstream.url)
	if cfg.EmulatorControl.On() && s.upstream.server != nil {
		_, _ = fmt.Fprintf(stdout, "Emulator control routes: %s/_emulator\n", s.upstream.server.URL)
	}
	if cfg.Callers != config.CallersNone || cfg.Identity != config.IdentityApp {
		curl += `-H "Authorization: Bearer $TOKEN" `
	}
	_, _ = fmt.Fprintf(stdout, "Try: curl %s-s %s/graphql -H 'Content-Type: application/json' -d '%s'\n",
		curl, base, strings.ReplaceAll(query, "'", `'\''`))
}

func greetingAttrs(base string, l *listeners, cfg config.Config, s *Service) []any {
	b := readBuild()
	attrs := []any{
		"version", b.version, "commit", b.commit, "address", l.main.Addr().String(), "tls", l.tls != nil,
		"cloud", cfg.Cloud.Name, "identity", cfg.Identity, "callers", cfg.Callers,
		"introspection", cfg.Introspection, "graphql", base + "/graphql",
	}
	if cfg.Playground.On() {
		attrs = append(attrs, "graphiql", base+"/")
	}
	if l.admin != nil {
		attrs = append(attrs, "admin_address", l.admin.Addr().String())
	}
	if l.metrics != nil {
		attrs = append(attrs, "metrics_address", l.metrics.Addr().String())
	}
	if cfg.EmulatorControl.On() && s.upstream.server != nil {
		attrs = append(attrs, "emulator_control", s.upstream.server.URL+"/_emulator")
	}
	return attrs
}

func cloudName(cfg config.Config) string {
	if cfg.EmulatorInProcess() {
		return "the embedded emulator (invented data)"
	}
	return "the cloud " + cfg.Cloud.Name
}
