package service

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"

	"portico/internal/cache"
	"portico/internal/config"
	"portico/internal/documents"
	"portico/internal/quota"
	"portico/internal/redis"
	"portico/internal/telemetry"
	"portico/msgraph"
)

// replicas is what the replicas share through Redis. The nil replicas share nothing.
type replicas struct {
	redis  *redis.Client
	pauses *redis.Pauses
}

// newReplicas connects to nothing before start. It returns nil without a Redis.
func newReplicas(cfg config.Config, log *slog.Logger) (*replicas, error) {
	if cfg.CacheIn.URL() == "" {
		return nil, nil
	}
	client, err := redis.New(redis.Settings{
		URL: cfg.CacheIn.URL(), Password: cfg.Cache.Password.Reveal(), Timeout: cfg.Cache.Timeout, Scope: scopeOf(cfg),
		Keys: cacheKeys(cfg), Log: log,
	})
	if err != nil {
		return nil, err
	}
	return &replicas{redis: client, pauses: redis.NewPauses(client)}, nil
}

// scopeOf returns what must be equal for replicas to share anything: as whom, and where, Microsoft Graph is asked.
func scopeOf(cfg config.Config) string {
	parts := []string{cfg.CloudName, cfg.GraphURL, cfg.TenantID, cfg.ClientID, cfg.Identity, cfg.ManagedIdentity}
	if cfg.EmulatorInProcess() {
		parts = append(parts, strconv.Itoa(cfg.EmulatorSize)) // each replica has one, and those of a size are alike
	}
	return strings.Join(parts, "\n")
}

// cacheKeys returns the keys that encrypt what is in Redis, the one that seals first.
func cacheKeys(cfg config.Config) []string {
	return []string{cfg.Cache.Key.Reveal(), cfg.Cache.KeyOld.Reveal()}
}

// start connects in the background, once all rooms are set up.
func (r *replicas) start() {
	if r != nil {
		r.redis.Start()
	}
}

func (r *replicas) close() {
	if r != nil {
		r.redis.Close()
	}
}

// setKeys takes over the keys of settings that were read again.
func (r *replicas) setKeys(cfg config.Config) {
	if r != nil {
		r.redis.SetKeys(cacheKeys(cfg)...)
	}
}

// share has the cache keep its entries, the marks of identities and the news of drops where other replicas find them.
func (r *replicas) share(o *cache.Options) {
	if r != nil {
		o.Entries, o.Marks, o.Drops = r.redis.Room("entity"), r.redis.Room("mark"), r.redis.Room("drop")
	}
}

// documents returns where replicas find each other's registered documents.
func (r *replicas) documents() documents.Shared {
	if r == nil {
		return nil
	}
	return r.redis.Room("document")
}

// quotas returns the store of callers' quotas.
func (r *replicas) quotas(limit int) quota.Store {
	if r == nil {
		return quota.NewMemory(limit)
	}
	return redis.NewQuotas(r.redis, limit)
}

// options lets the client share pauses.
func (r *replicas) options() []msgraph.Option {
	if r == nil {
		return nil
	}
	return []msgraph.Option{msgraph.WithPauses(r.pauses)}
}

// observe has metrics follow the connection to Redis, until stop.
func (r *replicas) observe(in *telemetry.Instruments) (stop func(), err error) {
	if r == nil {
		return func() {}, nil
	}
	return in.ObserveRedis(func() telemetry.Redis {
		n := r.redis.Counts()
		return telemetry.Redis{
			Connected: n.Connected, Waiting: n.Waiting, Lost: n.Lost,
			Reads: map[string]uint64{
				"hit": n.Hits, "miss": n.Misses, "unreadable": n.Unreadable, "unanswered": n.Unanswered,
			},
			Writes: map[string]uint64{"written": n.Written, "refused": n.Refused, "dropped": n.Dropped},
		}
	})
}

// verbose describes the connection to Redis, one fact a line. Readiness does not depend on it, because Portico also
// serves without Redis.
func (r *replicas) verbose() string {
	if r == nil {
		return ""
	}
	n := r.redis.Counts()
	connected := 0
	if n.Connected {
		connected = 1
	}
	return fmt.Sprintf(`
redis_connected %d
redis_hits %d
redis_misses %d
redis_unreadable %d
redis_unanswered %d
redis_writes_waiting %d
redis_writes_refused %d
redis_writes_dropped %d
redis_lost %d`,
		connected, n.Hits, n.Misses, n.Unreadable, n.Unanswered, n.Waiting, n.Refused, n.Dropped, n.Lost)
}
