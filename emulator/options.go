package emulator

import (
	"crypto"
	"crypto/x509"
	"io"
	"log/slog"
	"time"

	"portico/emulator/entra"
	"portico/emulator/odata"
	"portico/emulator/world"
)

// The registration that an emulator has by default. None of it is secret, because the emulator is on loopback only.
const (
	DefaultTenant       = "11111111-2222-4333-8444-555555555555"
	DefaultClientID     = "66666666-7777-4888-9999-aaaaaaaaaaaa"
	DefaultClientSecret = "emulator-secret"
	DefaultAudience     = "https://graph.microsoft.com"

	// DefaultSubject is the subject of the workload tokens that [DefaultClientID] trusts, see
	// [entra.Directory.FederatedToken].
	DefaultSubject = "system:serviceaccount:default:portico"

	defaultHosts    = 200
	defaultPage     = 100
	defaultLifetime = 3599 * time.Second // Entra ID's usual hour
	defaultGrace    = 25 * time.Millisecond

	// maxPage is the most items on a page, whatever $top says.
	maxPage = 1000
)

// The parts of the data that tests and tools refer to most, see package world.
const (
	ExamplePortID    = world.ExamplePortID
	ExampleHostID    = world.ExampleHostID
	HuntSerialNumber = world.HuntSerialNumber
)

// An Option changes how an emulator behaves.
type Option func(*settings)

type settings struct {
	hosts       int // in the generated world
	seed        uint64
	documented  bool
	observed    observed
	rules       odata.Rules
	strict      bool
	pageSize    int
	latency     time.Duration
	now         func() time.Time
	logRequests bool
	noControl   bool
	compress    bool
	grace       time.Duration
	logger      *slog.Logger
	entra       entra.Config
}

// newSettings returns the default settings, changed by the options.
func newSettings(opts []Option) settings {
	s := settings{
		hosts:       defaultHosts,
		seed:        1,
		pageSize:    defaultPage,
		now:         time.Now,
		logRequests: true,
		compress:    true,
		grace:       defaultGrace,
		logger:      slog.New(slog.NewTextHandler(io.Discard, nil)),
		entra: entra.Config{
			Tenant: DefaultTenant, Audience: DefaultAudience, Lifetime: defaultLifetime,
			Clients: map[string]*entra.Client{}, Roles: []string{entra.Permission}, Scope: entra.Permission,
		},
	}
	for _, opt := range opts {
		opt(&s)
	}
	if s.entra.First == "" {
		WithClient(DefaultClientID, DefaultClientSecret)(&s)
		WithFederatedCredential(DefaultClientID, "", DefaultSubject, nil)(&s)
	}
	s.documented = s.documented && !s.strict
	return s
}

// client returns the application with that id, registered now if need be.
func (s *settings) client(id string) *entra.Client {
	c := s.entra.Clients[id]
	if c == nil {
		c = &entra.Client{}
		s.entra.Clients[id] = c
	}
	if s.entra.First == "" {
		s.entra.First = id
	}
	return c
}

// WithWorld sets the number of hosts in the generated world, 200 by default. Zero leaves only the published examples.
func WithWorld(hosts int) Option { return func(s *settings) { s.hosts = max(hosts, 0) } }

// WithSeed sets the seed of the generated world, 1 by default. Another seed gives another world.
func WithSeed(seed uint64) Option { return func(s *settings) { s.seed = seed } }

// WithDocumentedForms gives all responses the form of their documentation pages: what the example wraps in
// {"value":{…}} is wrapped, nothing has an @odata.context or @odata.count, certificates have alternateName in place of
// alternateNames, and articles accept $orderby. By default only the published examples have this form, requested
// without options, and the published hostPort with any.
func WithDocumentedForms(on bool) Option { return func(s *settings) { s.documented = on } }

// WithStrictForms gives the published examples the form of all other responses: not wrapped, with a context, and as
// parts of the lists that they belong to. Their values stay as published. It takes precedence over
// [WithDocumentedForms].
func WithStrictForms(on bool) Option { return func(s *settings) { s.strict = on } }

// WithPageSize sets the number of items on a page without $top, 100 by default, from 1 to 1,000.
func WithPageSize(items int) Option {
	return func(s *settings) { s.pageSize = min(max(items, 1), maxPage) }
}

// WithLatency delays the response to every request to Microsoft Graph.
func WithLatency(d time.Duration) Option { return func(s *settings) { s.latency = d } }

// WithControl serves the control routes under /_emulator, as it does by default, or does not.
func WithControl(on bool) Option { return func(s *settings) { s.noControl = !on } }

// WithClock replaces the clock that [Emulator.Advance] moves.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.now = now } }

// WithRequestLog switches the request log, which is on by default.
func WithRequestLog(on bool) Option { return func(s *settings) { s.logRequests = on } }

// WithCompression switches gzip for responses of more than 1 KiB, which is on by default.
func WithCompression(on bool) Option { return func(s *settings) { s.compress = on } }

// WithEarlyGrace sets for how long after a Retry-After was sent a request may still come, because it was on its way: 25
// ms by default, by the emulator's clock.
func WithEarlyGrace(d time.Duration) Option { return func(s *settings) { s.grace = d } }

// WithLogger sets the logger for warnings about requests that come before a Retry-After is over. By default there is
// none.
func WithLogger(l *slog.Logger) Option { return func(s *settings) { s.logger = l } }

// WithTenant sets the id of the one tenant.
func WithTenant(id string) Option { return func(s *settings) { s.entra.Tenant = id } }

// WithGraphAudience sets the audience of tokens for Microsoft Graph, [DefaultAudience] by default. The server's own
// base URL is always accepted too.
func WithGraphAudience(uri string) Option { return func(s *settings) { s.entra.Audience = uri } }

// WithTokenLifetime sets the lifetime of tokens by the emulator's clock, 3,599 s by default.
func WithTokenLifetime(d time.Duration) Option { return func(s *settings) { s.entra.Lifetime = d } }

// WithClient registers an application with a secret. Without any option that registers one, [DefaultClientID] is
// registered with [DefaultClientSecret].
func WithClient(id, secret string) Option {
	return func(s *settings) { s.client(id).Secret = secret }
}

// WithClientCertificate registers an application that authenticates with the key of a certificate.
func WithClientCertificate(id string, cert *x509.Certificate) Option {
	return func(s *settings) {
		c := s.client(id)
		c.Certificates = append(c.Certificates, cert)
	}
}

// WithFederatedCredential registers an application that authenticates with tokens of another issuer, signed with key.
// An empty issuer is the emulator's own workload issuer, see [entra.Directory.FederatedToken]; then key is ignored.
func WithFederatedCredential(id, issuer, subject string, key crypto.PublicKey) Option {
	return func(s *settings) {
		c := s.client(id)
		c.Federated = append(c.Federated, entra.FederatedCredential{Issuer: issuer, Subject: subject, Key: key})
	}
}

// WithGrantedRoles sets the application permissions of app-only tokens, ThreatIntelligence.Read.All by default. Without
// any, Microsoft Graph responds with 403, as it does before an administrator's consent.
func WithGrantedRoles(roles ...string) Option { return func(s *settings) { s.entra.Roles = roles } }

// WithGrantedScope sets the delegated permissions, space separated, of on-behalf-of tokens.
func WithGrantedScope(scope string) Option { return func(s *settings) { s.entra.Scope = scope } }
