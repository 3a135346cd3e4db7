package service

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"portico/internal/cache"
	"portico/internal/config"
	"portico/internal/listen"
)

const (
	// adminConnections is how many connections may be open at a time on an address other than the main one.
	adminConnections = 64
	// maxProfile is how many seconds a profile may take.
	maxProfile = 120
)

// newAdmin returns the server of PORTICO_ADMIN_LISTEN: health, for any Host, and what only users of this machine may
// do, for its loopback names: a name of a page's own could lead here too. config has checked that nothing of the latter
// is on if others reach the address.
func newAdmin(cfg config.Config, health *health, stored *cache.Cache, log *slog.Logger) *http.Server {
	private := http.NewServeMux()
	if cfg.Profiling.On() {
		handleProfiles(private)
	}
	if stored != nil && cfg.AdminIsPrivate() {
		handlePurge(private, stored, log)
	}
	mux := http.NewServeMux()
	health.handle(mux)
	mux.Handle("/", listen.NewHosts().Handler(private, http.HandlerFunc(refuseHost)))
	return secondServer(mux, log)
}

// handleProfiles adds the routes of Go's profiles. The command line is not among them.
func handleProfiles(mux *http.ServeMux) {
	mux.HandleFunc("GET /debug/pprof/", profile(pprof.Index)) // and each profile by name
	mux.HandleFunc("GET /debug/pprof/cmdline", http.NotFound)
	mux.HandleFunc("GET /debug/pprof/profile", profile(pprof.Profile))
	mux.HandleFunc("GET /debug/pprof/symbol", profile(pprof.Symbol))
	mux.HandleFunc("GET /debug/pprof/trace", profile(pprof.Trace))
}

// profile bounds how long a profile takes.
func profile(handler http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		text := r.URL.Query().Get("seconds")
		if seconds, err := strconv.Atoi(text); text != "" && (err != nil || seconds < 1 || seconds > maxProfile) {
			answer(w, http.StatusBadRequest, fmt.Sprintf("seconds must be between 1 and %d.", maxProfile))
			return
		}
		handler(w, r)
	}
}

// secondServer returns a server for an address other than the main one.
func secondServer(handler http.Handler, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler: handler, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10, Protocols: protocols(), ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn),
	}
}
