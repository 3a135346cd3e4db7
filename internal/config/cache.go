package config

import (
	"fmt"
	"slices"
	"time"

	"portico/graph/limits"
	"portico/internal/redis"
)

// Cache says what is stored of Microsoft Graph's responses, and for how long. What is fresh is served without a
// request; what is stale is served if Microsoft Graph fails.
type Cache struct {
	Password Secret        `name:"password-file" group:"Cache" variable:"PORTICO_CACHE_PASSWORD" placeholder:"FILE" help:"Password of the Redis, in place of the one in PORTICO_CACHE. The variable holds the password, the flag names a file."`
	Key      Secret        `name:"key-file" group:"Cache" variable:"PORTICO_CACHE_KEY" placeholder:"FILE" help:"Key (32+ characters) that encrypts what Portico stores in Redis. Set the same key on all replicas. The variable holds the key, the flag names a file. Unset: not encrypted."`
	KeyOld   Secret        `name:"key-old-file" group:"Cache" variable:"PORTICO_CACHE_KEY_OLD" placeholder:"FILE" help:"Previous key (32+ characters). Portico still reads what was encrypted with it, but encrypts with PORTICO_CACHE_KEY. The variable holds the key, the flag names a file."`
	Timeout  time.Duration `name:"timeout" group:"Cache" variable:"PORTICO_CACHE_TIMEOUT" default:"50ms" least:"1ms" most:"1m" placeholder:"DURATION" help:"How long a request waits for the Redis. Once it has not answered in time, no request waits for it until it answers again."`

	Size limits.Bytes `name:"size" group:"Cache" variable:"PORTICO_CACHE_SIZE" default:"64MiB" least:"1MiB" most:"16384MiB" placeholder:"SIZE" help:"Memory that the cache may use in this process. Never more than a quarter of the memory limit."`

	FreshHosts           time.Duration `name:"fresh-hosts" group:"Cache" variable:"PORTICO_CACHE_FRESH_HOSTS" default:"1h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long hosts are served without a request. 0s: they are not cached."`
	StaleHosts           time.Duration `name:"stale-hosts" group:"Cache" variable:"PORTICO_CACHE_STALE_HOSTS" default:"24h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which hosts are served if Microsoft Graph fails."`
	FreshReputation      time.Duration `name:"fresh-reputation" group:"Cache" variable:"PORTICO_CACHE_FRESH_REPUTATION" default:"10m" least:"0s" most:"720h" placeholder:"DURATION" help:"How long reputations of hosts are served without a request. 0s: they are not cached."`
	StaleReputation      time.Duration `name:"stale-reputation" group:"Cache" variable:"PORTICO_CACHE_STALE_REPUTATION" default:"1h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which reputations of hosts are served if Microsoft Graph fails."`
	FreshPorts           time.Duration `name:"fresh-ports" group:"Cache" variable:"PORTICO_CACHE_FRESH_PORTS" default:"1h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long ports of hosts are served without a request. 0s: they are not cached."`
	StalePorts           time.Duration `name:"stale-ports" group:"Cache" variable:"PORTICO_CACHE_STALE_PORTS" default:"24h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which ports of hosts are served if Microsoft Graph fails."`
	FreshPassiveDNS      time.Duration `name:"fresh-passive-dns" group:"Cache" variable:"PORTICO_CACHE_FRESH_PASSIVE_DNS" default:"1h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long passive DNS records and subdomains are served without a request. 0s: they are not cached."`
	StalePassiveDNS      time.Duration `name:"stale-passive-dns" group:"Cache" variable:"PORTICO_CACHE_STALE_PASSIVE_DNS" default:"24h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which passive DNS records and subdomains are served if Microsoft Graph fails."`
	FreshComponents      time.Duration `name:"fresh-components" group:"Cache" variable:"PORTICO_CACHE_FRESH_COMPONENTS" default:"6h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long components, cookies, trackers, host pairs, and which hosts had which certificates are served without a request. 0s: they are not cached."`
	StaleComponents      time.Duration `name:"stale-components" group:"Cache" variable:"PORTICO_CACHE_STALE_COMPONENTS" default:"48h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which components, cookies, trackers, host pairs, and which hosts had which certificates are served if Microsoft Graph fails."`
	FreshCertificates    time.Duration `name:"fresh-certificates" group:"Cache" variable:"PORTICO_CACHE_FRESH_CERTIFICATES" default:"24h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long certificates by id are served without a request. 0s: they are not cached."`
	StaleCertificates    time.Duration `name:"stale-certificates" group:"Cache" variable:"PORTICO_CACHE_STALE_CERTIFICATES" default:"168h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which certificates by id are served if Microsoft Graph fails."`
	FreshWhois           time.Duration `name:"fresh-whois" group:"Cache" variable:"PORTICO_CACHE_FRESH_WHOIS" default:"12h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long WHOIS records are served without a request. 0s: they are not cached."`
	StaleWhois           time.Duration `name:"stale-whois" group:"Cache" variable:"PORTICO_CACHE_STALE_WHOIS" default:"48h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which WHOIS records are served if Microsoft Graph fails."`
	FreshListings        time.Duration `name:"fresh-listings" group:"Cache" variable:"PORTICO_CACHE_FRESH_LISTINGS" default:"15m" least:"0s" most:"720h" placeholder:"DURATION" help:"How long lists of articles and of profiles are served without a request. 0s: they are not cached."`
	StaleListings        time.Duration `name:"stale-listings" group:"Cache" variable:"PORTICO_CACHE_STALE_LISTINGS" default:"6h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which lists of articles and of profiles are served if Microsoft Graph fails."`
	FreshArticles        time.Duration `name:"fresh-articles" group:"Cache" variable:"PORTICO_CACHE_FRESH_ARTICLES" default:"1h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long articles and profiles by id, and their indicators are served without a request. 0s: they are not cached."`
	StaleArticles        time.Duration `name:"stale-articles" group:"Cache" variable:"PORTICO_CACHE_STALE_ARTICLES" default:"24h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which articles and profiles by id, and their indicators are served if Microsoft Graph fails."`
	FreshVulnerabilities time.Duration `name:"fresh-vulnerabilities" group:"Cache" variable:"PORTICO_CACHE_FRESH_VULNERABILITIES" default:"1h" least:"0s" most:"720h" placeholder:"DURATION" help:"How long vulnerabilities are served without a request. 0s: they are not cached."`
	StaleVulnerabilities time.Duration `name:"stale-vulnerabilities" group:"Cache" variable:"PORTICO_CACHE_STALE_VULNERABILITIES" default:"24h" least:"0s" most:"720h" placeholder:"DURATION" help:"Age up to which vulnerabilities are served if Microsoft Graph fails."`
	FreshUnknown         time.Duration `name:"fresh-unknown" group:"Cache" variable:"PORTICO_CACHE_FRESH_UNKNOWN" default:"5m" least:"0s" most:"24h" placeholder:"DURATION" help:"How long Portico remembers that Microsoft Graph does not know an id. 0s: not at all."`
}

// Store is where Portico stores what Microsoft Graph returned. It prints without its URL, which may hold a password.
type Store struct {
	kind string
	url  Secret
}

// The values of CacheIn that have no URL. Auto is decided by the time that [Load] returns.
var (
	CacheOff    = Store{kind: "off"}
	CacheMemory = Store{kind: "memory"}

	cacheAuto = Store{kind: string(Auto)}
)

// URL returns the URL of the Redis that replicas share, empty if there is none.
func (s Store) URL() string { return s.url.Reveal() }

// String returns auto, memory, off or redis.
func (s Store) String() string { return s.kind }

func parseStore(text string) (Store, error) {
	for _, store := range []Store{CacheOff, CacheMemory, cacheAuto} {
		if text == store.kind {
			return store, nil
		}
	}
	if err := redis.CheckURL(text); err != nil {
		return CacheOff, fmt.Errorf("must be memory, off, or the URL of a Redis, which %w", err)
	}
	return Store{kind: "redis", url: NewSecret(text)}, nil
}

// checkCache decides whether there is a cache. The emulator has none unless it is set, so that the playground shows
// what queries cost.
func (l *loader) checkCache(c *Config) {
	if c.CacheIn == cacheAuto {
		c.CacheIn = CacheMemory
		if c.Emulated() {
			c.CacheIn = CacheOff
		}
	}
	l.checkKeys(map[string]Secret{"PORTICO_CACHE_KEY": c.Cache.Key, "PORTICO_CACHE_KEY_OLD": c.Cache.KeyOld},
		"PORTICO_CACHE_KEY", "it encrypts new values")
	l.checkRedis(c)
}

// checkRedis warns of what is set for a Redis and not used, and of one that others can read.
func (l *loader) checkRedis(c *Config) {
	var unused []string
	for variable, secret := range map[string]Secret{
		"PORTICO_CACHE_PASSWORD": c.Cache.Password, "PORTICO_CACHE_KEY": c.Cache.Key,
	} {
		if !secret.IsZero() {
			unused = append(unused, variable)
		}
	}
	slices.Sort(unused)
	switch {
	case c.CacheIn.URL() == "":
		l.unused(unused, "PORTICO_CACHE is "+c.CacheIn.String())
	case c.Cache.Key.IsZero() && redis.IsPlain(c.CacheIn.URL()):
		l.warn("PORTICO_CACHE leads to another machine without TLS, and PORTICO_CACHE_KEY is not set: " +
			"whoever sees the traffic can read and change what Microsoft Graph returned")
	}
}
