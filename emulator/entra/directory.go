package entra

import (
	"crypto/x509"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// Permission is what threat intelligence requires, as a role of an application and as a scope of a user.
	Permission = "ThreatIntelligence.Read.All"

	// GraphAppID is the application id of Microsoft Graph in every tenant.
	GraphAppID = "00000003-0000-0000-c000-000000000000"
)

// A Config describes a directory.
type Config struct {
	Tenant   string             // id of the one tenant
	Audience string             // of tokens for Microsoft Graph
	Clients  map[string]*Client // by application id; copied
	First    string             // the application that tokens made by hand are for
	Roles    []string           // of app-only tokens
	Scope    string             // of user tokens, space separated
	Lifetime time.Duration      // of every token
	Now      func() time.Time   // the clock that tokens are issued and expire by
	NewID    func() string      // a GUID that was not returned before
}

// A Directory is a tenant of Entra ID. All methods are safe for concurrent use.
type Directory struct {
	tenant, audience, first string
	roles                   []string
	scope                   string
	lifetime                time.Duration
	now                     func() time.Time
	newID                   func() string
	keys                    keyRing
	base                    atomic.Pointer[string]

	mu       sync.RWMutex
	clients  map[string]*Client
	verified grantCache
	sessions sessions
}

// New returns a directory. All directories of a process begin with the same signing key.
func New(c Config) *Directory {
	d := &Directory{
		tenant: c.Tenant, audience: strings.TrimSuffix(c.Audience, "/"), first: c.First, roles: c.Roles, scope: c.Scope,
		lifetime: c.Lifetime, now: c.Now, newID: c.NewID, clients: maps.Clone(c.Clients),
	}
	d.keys.add(processKey())
	return d
}

// Tenant returns the id of the tenant.
func (d *Directory) Tenant() string { return d.tenant }

// Audience returns the audience of tokens for Microsoft Graph.
func (d *Directory) Audience() string { return d.audience }

// ClientID returns the id of the first registered application.
func (d *Directory) ClientID() string { return d.first }

// ClientSecret returns the secret of the first registered application.
func (d *Directory) ClientSecret() string { return d.registered(d.first).Secret }

// ListenAt sets the base URL that the issuer of tokens made by hand has, such as "https://127.0.0.1:9443".
func (d *Directory) ListenAt(base string) { d.base.Store(&base) }

// registered returns the application with that id, or nil. It must not be changed.
func (d *Directory) registered(id string) *Client {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.clients[id]
}

// TrustCertificate registers one more certificate for an application, as an administrator could at any time.
func (d *Directory) TrustCertificate(clientID string, cert *x509.Certificate) {
	d.change(clientID, func(c *Client) { c.Certificates = append(c.Certificates, cert) })
}

// SetClientSecret replaces the secret of an application, as an administrator could at any time.
func (d *Directory) SetClientSecret(clientID, secret string) {
	d.change(clientID, func(c *Client) { c.Secret = secret })
}

// change replaces an application by a changed copy, because token requests read the old one without a lock.
func (d *Directory) change(id string, change func(*Client)) {
	d.mu.Lock()
	defer d.mu.Unlock()
	next := &Client{}
	if old := d.clients[id]; old != nil {
		*next = *old
		next.Certificates = slices.Clone(old.Certificates)
	}
	change(next)
	d.clients[id] = next
}

// An Origin is the address at which a request reached the server.
type Origin struct {
	Scheme string // "https" or "http"
	Host   string // with its port
}

// String returns the origin as a base URL.
func (o Origin) String() string { return o.Scheme + "://" + o.Host }

// isGraph reports whether a resource is Microsoft Graph: by its audience, by its application id, or by the URL of the
// server itself.
func (d *Directory) isGraph(resource string, at Origin) bool {
	if resource == d.audience || resource == GraphAppID {
		return true
	}
	scheme, host, ok := strings.Cut(resource, "://")
	return ok && host == at.Host && scheme == at.Scheme
}
