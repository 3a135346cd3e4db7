package emulator

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"log/slog"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Emulator is an [http.Handler] that serves Microsoft Graph under /v1.0, Entra ID under its tenant, the managed-identity
// endpoint under /metadata and its own control routes under /_emulator. All methods may be called at any time.
type Emulator struct {
	documented bool
	strict     bool
	pageSize   int
	compress   bool
	latency    time.Duration
	logger     *slog.Logger

	endpoints map[string]*endpoint // by set
	sets      map[string]*collection
	below     map[string][]*row // by owner
	lists     lists
	indexes   map[*row]*searchIndex
	canned    cannedAnswers
	world     world
	pageKey   [32]byte // signs the tokens of pages

	baseNow func() time.Time
	moved   atomic.Int64 // how far the clock was moved, in nanoseconds
	date    atomic.Pointer[stamp]

	tenant, audience, clientID string
	lifetime                   time.Duration
	roles                      []string
	delegated                  string
	clientsMu                  sync.RWMutex
	clients                    map[string]*client
	key                        *rsa.PrivateKey
	base                       atomic.Pointer[string] // where the server listens, once started
	tokens                     tokenCache

	faults faultQueue
	log    requestLog
	early  ledger

	idPrefix uint64
	idCount  atomic.Uint64
}

// New returns an emulator with its world made. It listens nowhere: see [Start].
func New(opts ...Option) *Emulator {
	s := defaults()
	for _, opt := range opts {
		opt(s)
	}
	if s.firstID == "" {
		WithClient(DefaultClientID, DefaultClientSecret)(s)
		WithFederatedCredential(DefaultClientID, "", DefaultSubject, nil)(s)
	}
	e := &Emulator{
		documented: s.documented && !s.strict, strict: s.strict, pageSize: s.pageSize,
		compress: s.compress, latency: s.latency, logger: s.logger,
		baseNow: s.now,
		tenant:  s.tenant, audience: strings.TrimSuffix(s.audience, "/"), clientID: s.firstID,
		lifetime: s.lifetime, roles: s.roles, delegated: s.delegated,
		clients: maps.Clone(s.clients), key: processKey(),
		log:   requestLog{on: s.logRequests},
		early: ledger{grace: s.grace},
	}
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	_, _ = rand.Read(e.pageKey[:])
	e.idPrefix = binary.BigEndian.Uint64(seed[:])
	e.settle(s.world, s.seed)
	return e
}

// settle fills the sets with the published examples, and prepares the generated world.
func (e *Emulator) settle(hosts int, seed uint64) {
	e.endpoints, e.sets = map[string]*endpoint{}, map[string]*collection{}
	for _, p := range endpoints() {
		e.endpoints[p.set] = p
		e.sets[p.set] = &collection{byKey: make(map[string]*entity)}
	}
	e.endpoints["whoisHistoryRecord"] = e.endpoints["whoisHistoryRecords"] // its page spells it in the singular
	e.below, e.indexes = map[string][]*row{}, map[*row]*searchIndex{}
	for _, r := range rows(e.endpoint, e.documented) {
		e.below[r.owner] = append(e.below[r.owner], r)
		if r.fields != nil {
			e.indexes[r] = &searchIndex{}
		}
	}
	e.lists.byKey = map[listKey][]listItem{}
	e.prepare(hosts, seed)
	e.publish()
}

// endpoint finds a set by its name, in any letter case, or returns nil.
func (e *Emulator) endpoint(set string) *endpoint {
	if p := e.endpoints[set]; p != nil {
		return p
	}
	for name, p := range e.endpoints {
		if strings.EqualFold(name, set) {
			return p
		}
	}
	return nil
}

// Tenant returns the id of the one tenant.
func (e *Emulator) Tenant() string { return e.tenant }

// ClientID returns the id of the first registered application.
func (e *Emulator) ClientID() string { return e.clientID }

// ClientSecret returns the secret of the first registered application.
func (e *Emulator) ClientSecret() string {
	e.clientsMu.RLock()
	defer e.clientsMu.RUnlock()
	return e.clients[e.clientID].secret
}

// ServeHTTP serves one request.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case hasPrefixFold(path, "/v1.0/"):
		e.serveGraph(w, r)
	case path == "/_emulator" || strings.HasPrefix(path, "/_emulator/"):
		e.serveControl(w, r)
	case strings.HasPrefix(path, "/metadata/identity/"):
		e.serveManagedIdentity(w, r)
	case path == "/beta" || strings.HasPrefix(path, "/beta/"):
		c := e.newCall(r)
		e.refuse(w, r, c, badRequest("Invalid version: beta. This emulator serves v1.0 alone."))
	default:
		e.serveEntra(w, r)
	}
}

func hasPrefixFold(text, prefix string) bool {
	return len(text) >= len(prefix) && strings.EqualFold(text[:len(prefix)], prefix)
}

// pause waits, unless the caller leaves first. It reports whether the caller is still there.
func pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
