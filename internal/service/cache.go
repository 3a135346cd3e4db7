package service

import (
	"context"
	"fmt"
	"runtime/debug"

	"portico/graph"
	"portico/internal/auth"
	"portico/internal/cache"
	"portico/internal/config"
	"portico/msgraph"
	"portico/threatintel"
)

// newCache returns the cache in front of the client; nil if there is none.
func newCache(
	cfg config.Config, client *msgraph.Client, tokens *auth.Source, shared *replicas, measured *measurement,
) *cache.Cache {
	if cfg.CacheIn == config.CacheOff {
		return nil
	}
	lifetimes := lifetimesOf(cfg.Cache)
	o := cache.Options{
		Bytes:     min(int64(cfg.Cache.Size), debug.SetMemoryLimit(-1)/4),
		Lifetimes: func(path string) cache.Lifetime { return lifetimes[threatintel.TopicOf(path)] },
		Unknown:   cfg.Cache.FreshUnknown,
		Looked:    measured.looked(),
		Identify: func(ctx context.Context) cache.Identity {
			expires, unverified := tokens.Unverified(ctx)
			return cache.Identity{Key: tokens.Identity(ctx), Unverified: unverified, Expires: expires}
		},
	}
	shared.share(&o)
	return cache.New(client, o)
}

func lifetimesOf(c config.Cache) map[threatintel.Topic]cache.Lifetime {
	return map[threatintel.Topic]cache.Lifetime{
		threatintel.AboutHosts:           {Fresh: c.FreshHosts, Stale: c.StaleHosts},
		threatintel.AboutReputations:     {Fresh: c.FreshReputation, Stale: c.StaleReputation},
		threatintel.AboutPorts:           {Fresh: c.FreshPorts, Stale: c.StalePorts},
		threatintel.AboutPassiveDNS:      {Fresh: c.FreshPassiveDNS, Stale: c.StalePassiveDNS},
		threatintel.AboutComponents:      {Fresh: c.FreshComponents, Stale: c.StaleComponents},
		threatintel.AboutCertificates:    {Fresh: c.FreshCertificates, Stale: c.StaleCertificates},
		threatintel.AboutWhois:           {Fresh: c.FreshWhois, Stale: c.StaleWhois},
		threatintel.AboutListings:        {Fresh: c.FreshListings, Stale: c.StaleListings},
		threatintel.AboutArticles:        {Fresh: c.FreshArticles, Stale: c.StaleArticles},
		threatintel.AboutVulnerabilities: {Fresh: c.FreshVulnerabilities, Stale: c.StaleVulnerabilities},
	}
}

// fetcher returns what queries are answered from.
func fetcher(client *msgraph.Client, stored *cache.Cache) graph.Fetcher {
	if stored == nil {
		return client
	}
	return stored
}

// countStored returns what counts the requests that the cache answers; nil without a cache.
func countStored(stored *cache.Cache) func(ctx context.Context, urls []string) int {
	if stored == nil {
		return nil
	}
	return stored.Count
}

// sharedAs returns the key under which identical requests in flight share a response: only those that say the same
// about the cache do.
func sharedAs(identity func(context.Context) string) func(context.Context) string {
	return func(ctx context.Context) string {
		if demand := cache.DemandOf(ctx); demand != (cache.Demand{}) {
			return fmt.Sprintf("%s\n%+v", identity(ctx), demand)
		}
		return identity(ctx)
	}
}
