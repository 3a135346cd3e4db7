package main

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"
)

// health answers /livez and /readyz.
type health struct {
	ready func(context.Context) error
	// shared reports that all callers ask as the same identity, so that a refusal of one is a refusal of all.
	shared   bool
	draining atomic.Bool
	refused  atomic.Bool
}

// live answers as long as the process can.
func (h *health) live(w http.ResponseWriter, _ *http.Request) { answer(w, http.StatusOK, "ok") }

// readyz answers 503 while the process ends, while no token can be had, and while Microsoft Graph refuses the token.
func (h *health) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 5*time.Second)
	defer cancel()
	switch {
	case h.draining.Load():
		answer(w, http.StatusServiceUnavailable, "ending")
	case h.ready(ctx) != nil:
		answer(w, http.StatusServiceUnavailable, "no token can be had: see the log")
	case h.refused.Load():
		answer(w, http.StatusServiceUnavailable, "Microsoft Graph refuses this identity: see the log")
	default:
		answer(w, http.StatusOK, "ok")
	}
}

func (h *health) drain() { h.draining.Store(true) }

// watch notes whether Microsoft Graph refused the identity the last time that it was asked.
func (h *health) watch(base http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		response, err := base.RoundTrip(r)
		if err == nil && h.shared {
			refused := response.StatusCode == http.StatusUnauthorized || response.StatusCode == http.StatusForbidden
			if h.refused.Load() != refused {
				h.refused.Store(refused)
			}
		}
		return response, err
	})
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
