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
	admin := newAdmin(cfg, s.health, s.log)
	failed := make(chan error, 2)
	go func() { failed <- listeners.serve(server, cfg.Limits.Connections, s.log) }()
	if listeners.admin != nil {
		go func() { failed <- listeners.serveAdmin(admin, s.log) }()
	}
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", errors.Join(err, server.Close(), admin.Close()))
	case <-ctx.Done():
	}
	s.health.drain()
	s.log.Info("stopping", "drain_delay", cfg.DrainDelay.String())
	select {
	case err := <-failed:
		return fmt.Errorf("serving: %w", errors.Join(err, server.Close(), admin.Close()))
	case <-time.After(cfg.DrainDelay):
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), cfg.ShutdownTimeout)
	defer cancel()
	if err := end(grace, server, admin); err != nil {
		return fmt.Errorf("shutting down: %w", err)
	}
	return nil
}
