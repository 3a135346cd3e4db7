package emulator

import (
	"crypto"
	"crypto/x509"
	"io"
	"log/slog"
	"time"
)

// What an emulator is registered with unless told otherwise. None of it is secret: the emulator is for loopback.
const (
	DefaultTenant       = "11111111-2222-4333-8444-555555555555"
	DefaultClientID     = "66666666-7777-4888-9999-aaaaaaaaaaaa"
	DefaultClientSecret = "emulator-secret"
	DefaultAudience     = "https://graph.microsoft.com"

	defaultWorld    = 200
	defaultPage     = 100
	defaultLifetime = 3599 * time.Second // Entra ID's usual hour
	defaultGrace    = 25 * time.Millisecond
)

// An Option changes how an emulator behaves.
type Option func(*settings)

type settings struct {
	world       int
	seed        uint64
	documented  bool
	strict      bool
	pageSize    int
	latency     time.Duration
	now         func() time.Time
	logRequests bool
	compress    bool
	grace       time.Duration
	logger      *slog.Logger

	tenant    string
	audience  string
	lifetime  time.Duration
	clients   map[string]*client
	firstID   string
	roles     []string
	delegated string
}

// A client is one application registered in the pretended tenant.
type client struct {
	secret       string
	certificates []*x509.Certificate
	federated    []federatedCredential
}

// A federatedCredential trusts tokens of another issuer.
type federatedCredential struct {
	issuer, subject string // issuer empty: this emulator
	key             crypto.PublicKey
}

func defaults() *settings {
	return &settings{
		world:       defaultWorld,
		seed:        1,
		pageSize:    defaultPage,
		now:         time.Now,
		logRequests: true,
		compress:    true,
		grace:       defaultGrace,
		logger:      slog.New(slog.NewTextHandler(io.Discard, nil)),
		tenant:      DefaultTenant,
		audience:    DefaultAudience,
		lifetime:    defaultLifetime,
		clients:     map[string]*client{},
		roles:       []string{permission},
		delegated:   permission,
	}
}

func (s *settings) client(id string) *client {
	c := s.clients[id]
	if c == nil {
		c = &client{}
		s.clients[id] = c
	}
	if s.firstID == "" {
		s.firstID = id
	}
	return c
}

// WithWorld sets how many hosts the generated world has, 200 by default. Zero leaves the published examples alone.
func WithWorld(hosts int) Option { return func(s *settings) { s.world = max(hosts, 0) } }

// WithSeed chooses another generated world.
func WithSeed(seed uint64) Option { return func(s *settings) { s.seed = seed } }

// WithDocumentedForms answers everything in the form of its documentation page: what its example wraps in
// {"value":{…}} comes wrapped, nothing has an @odata.context or @odata.count, certificates have alternateName in place of
// alternateNames, and articles take $orderby. By default only the published examples are served like that, asked
// without options, and the published hostPort with any.
func WithDocumentedForms(on bool) Option { return func(s *settings) { s.documented = on } }

// WithStrictForms answers the published examples in the form of everything else: bare, with a context, and as parts of
// the lists that they belong to. Their values stay as published. It outdoes [WithDocumentedForms] as to wrappers.
func WithStrictForms(on bool) Option { return func(s *settings) { s.strict = on } }

// WithPageSize sets how many items a page has where $top is absent, 100 by default.
func WithPageSize(items int) Option {
	return func(s *settings) { s.pageSize = min(max(items, 1), maxPage) }
}

// WithLatency makes every request to Microsoft Graph wait before it is answered.
func WithLatency(d time.Duration) Option { return func(s *settings) { s.latency = d } }

// WithClock replaces the clock that [Emulator.Advance] moves.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithRequestLog switches the request log, on by default, off for benchmarks.
func WithRequestLog(on bool) Option { return func(s *settings) { s.logRequests = on } }

// WithCompression switches gzip of answers of more than 1 KiB, on by default.
func WithCompression(on bool) Option { return func(s *settings) { s.compress = on } }

// WithEarlyGrace sets for how long after a Retry-After was handed out a request still counts as sent before it, 25 ms by
// default. It is measured by the emulator's clock.
func WithEarlyGrace(d time.Duration) Option { return func(s *settings) { s.grace = d } }

// WithLogger receives the emulator's warnings: requests that came before their Retry-After had passed.
func WithLogger(l *slog.Logger) Option { return func(s *settings) { s.logger = l } }

// WithTenant sets the id of the one tenant.
func WithTenant(id string) Option { return func(s *settings) { s.tenant = id } }

// WithGraphAudience sets the audience that tokens for Microsoft Graph have, [DefaultAudience] by default. The server's
// own base URL is taken as well.
func WithGraphAudience(uri string) Option { return func(s *settings) { s.audience = uri } }

// WithTokenLifetime sets how long tokens are good for by the emulator's clock, 3,599 s by default.
func WithTokenLifetime(d time.Duration) Option { return func(s *settings) { s.lifetime = d } }

// WithClient registers an application with a secret. Without any such option, [DefaultClientID] is registered with
// [DefaultClientSecret].
func WithClient(id, secret string) Option {
	return func(s *settings) { s.client(id).secret = secret }
}

// WithClientCertificate registers an application that proves itself with the key of a certificate.
func WithClientCertificate(id string, cert *x509.Certificate) Option {
	return func(s *settings) {
		c := s.client(id)
		c.certificates = append(c.certificates, cert)
	}
}

// WithFederatedCredential registers an application that proves itself with tokens of another issuer, signed with key.
// An empty issuer stands for the emulator's own workload issuer, see [Emulator.FederatedToken]; key is then ignored.
func WithFederatedCredential(id, issuer, subject string, key crypto.PublicKey) Option {
	return func(s *settings) {
		c := s.client(id)
		c.federated = append(c.federated, federatedCredential{issuer, subject, key})
	}
}

// WithGrantedRoles sets the application permissions that app-only tokens carry, ThreatIntelligence.Read.All by default.
// With none, Microsoft Graph answers 403 as it does before an administrator's consent.
func WithGrantedRoles(roles ...string) Option { return func(s *settings) { s.roles = roles } }

// WithGrantedScope sets the delegated permissions, space separated, that on-behalf-of tokens carry.
func WithGrantedScope(scope string) Option { return func(s *settings) { s.delegated = scope } }
