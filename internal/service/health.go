package service

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"portico/internal/failure"
	"portico/msgraph"
)

// health answers /livez and /readyz.
//
// Readiness depends on what every request needs and on nothing else: a token, the keys that verify callers' tokens, and
// that the process is not ending. The status of single requests says nothing about the others: one 403 must not take
// every replica out of service.
type health struct {
	ready func(context.Context) error
	// callers returns an error while callers' tokens cannot be verified.
	callers func() error
	// status is how Portico stands with Microsoft Graph, for ?verbose.
	status func() msgraph.Status
	// shared is what replicas share, for ?verbose; nil without Redis.
	shared   *replicas
	log      *slog.Logger
	reports  failure.Limiter
	draining atomic.Bool
}

// handle adds the routes of health.
func (h *health) handle(mux *http.ServeMux) {
	mux.HandleFunc("GET /livez", h.live)
	mux.HandleFunc("GET /readyz", h.readyz)
}

// live answers as long as the process can.
func (h *health) live(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") }

// readyz answers 503 while the process ends and while cannot get a token.
func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if h.draining.Load() {
		answer(w, http.StatusServiceUnavailable, "ending")
		return
	}
	if err := h.callers(); err != nil {
		h.refuse(ctx, w, "the signing keys are not loaded yet", err)
		return
	}
	if err := h.ready(ctx); err != nil {
		h.refuse(ctx, w, "cannot get a token", err)
		return
	}
	if r.URL.Query().Has("verbose") {
		answer(w, http.StatusOK, "ok\n"+verbose(h.status())+h.shared.verbose())
		return
	}
	answer(w, http.StatusOK, "ok")
}

// verbose describes how Portico stands with Microsoft Graph, one fact a line.
func verbose(s msgraph.Status) string {
	return fmt.Sprintf(`upstream_limit %d
upstream_ceiling %d
upstream_in_flight %d
upstream_waiting %d
upstream_latency_seconds %.3f
upstream_paused_identities %d
upstream_pause_seconds %.1f
upstream_breaker %s`,
		s.Limit, s.Ceiling, s.InFlight, s.Waiting, s.Latency.Seconds(), s.Paused, s.Pause.Seconds(), s.Breaker)
}

// refuse answers that the process is not ready, and logs why.
func (h *health) refuse(ctx context.Context, w http.ResponseWriter, reason string, err error) {
	if _, ok := h.reports.Allow(reason, time.Now()); ok {
		h.log.WarnContext(ctx, "not ready: "+reason, "error", err.Error())
	}
	answer(w, http.StatusServiceUnavailable, reason+": see the log")
}

func (h *health) drain() { h.draining.Store(true) }

// closeWhileDraining has each connection closed after its next response while the process ends: a client that kept one
// could send a request at the moment in which it is closed as idle. HTTP/2 clients get a GOAWAY.
func (h *health) closeWhileDraining(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h.draining.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
