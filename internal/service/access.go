package service

import (
	"net/http"

	"portico/emulator"
)

// The accessors in this file are for servicetest.

// Handler is what answers requests.
func (s *Service) Handler() http.Handler { return s.handler }

// UpstreamURL is the base URL of the Microsoft Graph in use, with the version.
func (s *Service) UpstreamURL() string { return s.upstream.url }

// UpstreamTransport sends all requests to Microsoft Graph and Microsoft Entra ID.
func (s *Service) UpstreamTransport() *http.Transport { return s.upstream.transport }

// Emulator is the emulator that runs in this process. It is nil with a real cloud.
func (s *Service) Emulator() *emulator.Emulator { return s.upstream.emulator }

// EmulatorServer is the listener of that emulator. It is nil with a real cloud.
func (s *Service) EmulatorServer() *emulator.Server { return s.upstream.server }

// CallersReady returns an error as long as callers' tokens cannot be verified.
func (s *Service) CallersReady() error { return s.callers.Ready() }

// MetricsHandler serves /metrics for Prometheus. It is nil without PORTICO_METRICS_LISTEN.
func (s *Service) MetricsHandler() http.Handler { return s.measured.handler() }
