package main

import (
	"context"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"
)

// refusalCounts is for how long a refusal keeps the service from being ready, unless an answer comes first. Who is not
// ready is asked nothing, and would never find out that it is accepted again.
const refusalCounts = 30 * time.Second

// health answers /livez and /readyz.
type health struct {
	ready func(context.Context) error
	// callers returns an error while callers' tokens cannot be verified.
	callers func() error
	// shared reports that all callers ask as the same identity, so that a refusal of one is a refusal of all.
	shared   bool
	log      *slog.Logger
	draining atomic.Bool
	refused  atomic.Int64 // when, in Unix nanoseconds; 0 while accepted
}

// live answers as long as the process can.
func (h *health) live(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") }

// readyz answers 503 while the process ends, while no token can be had, and after Microsoft Graph refused the identity.
func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	if h.draining.Load() {
		answer(w, http.StatusServiceUnavailable, "ending")
		return
	}
	if err := h.callers(); err != nil {
		h.log.WarnContext(ctx, "not ready: callers cannot be authenticated yet", "error", err.Error())
		answer(w, http.StatusServiceUnavailable, "callers cannot be authenticated yet: see the log")
		return
	}
	if err := h.ready(ctx); err != nil {
		h.log.WarnContext(ctx, "not ready: no token can be had", "error", err.Error())
		answer(w, http.StatusServiceUnavailable, "no token can be had: see the log")
		return
	}
	if at := h.refused.Load(); at != 0 && time.Since(time.Unix(0, at)) < refusalCounts {
		answer(w, http.StatusServiceUnavailable, "Microsoft Graph refuses this identity: see the log")
		return
	}
	answer(w, http.StatusOK, "ok")
}

func (h *health) drain() { h.draining.Store(true) }

// watch notes whether Microsoft Graph refused the identity the last time that it was asked. It stands below what renews
// tokens, so that it sees every answer.
func (h *health) watch(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := base.RoundTrip(r)
		if err == nil && h.shared {
			h.note(r.Context(), response)
		}
		return response, err
	})
}

func (h *health) note(ctx context.Context, response *http.Response) {
	switch response.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden:
		h.log.WarnContext(ctx, "Microsoft Graph refuses this identity",
			"status", response.StatusCode, "request_id", response.Header.Get("request-id"))
		h.refused.Store(time.Now().UnixNano())
	default:
		if h.refused.Load() != 0 {
			h.refused.Store(0)
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func answer(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
