package service

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"portico/internal/config"
)

// serve answers until ctx ends and the drain delay is over, and then until the requests under way are answered or their
// time is over.
func (s *Service) serve(ctx context.Context, listeners *listeners, cfg config.Config) error {
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
	admin, metrics := newAdmin(cfg, s.health, s.cache, s.log), secondServer(s.MetricsHandler(), s.log)
	failed := make(chan error, 3)
	go func() { failed <- listeners.serve(server, cfg.Limits.Connections, s.log) }()
	if listeners.admin != nil {
		go func() { failed <- serveSecond(listeners.admin, admin, s.log) }()
	}
	if listeners.metrics != nil {
		go func() { failed <- serveSecond(listeners.metrics, metrics, s.log) }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", errors.Join(err, server.Close(), admin.Close(), metrics.Close()))
	case <-ctx.Done():
	}
	s.health.drain()
	s.log.Info("stopping", "drain_delay", cfg.DrainDelay.String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", errors.Join(err, server.Close(), admin.Close(), metrics.Close()))
	case <-time.After(cfg.DrainDelay):
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	if err := end(grace, server, admin, metrics); err != nil {
		return fmt.Errorf("shutting down: %w", err)
	}
	return nil
}
