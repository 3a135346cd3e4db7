package documents

import (
	"context"
	"errors"
	"strings"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"portico/internal/bytelru"
)

// Clients choose what they register, so it has a bounded size: 32 MiB in all.
const (
	maxRegistrants  = 512
	maxRegistration = 64 << 10 // bytes of text for each caller
)

// ErrHash is returned for a text that is registered under a hash that is not its own.
var ErrHash = errors.New("the hash is not the SHA-256 of the text")

// sharedLife is how long other replicas find a registration after it was made.
const sharedLife = 24 * time.Hour

// Shared keeps registrations for other replicas. It never fails: what it cannot return in time is not there.
type Shared interface {
	// Name returns the name under which something is kept.
	Name(of string) string
	// Get returns the values under some names, by place, nil for those that are not there; false if there is no answer.
	Get(ctx context.Context, names ...string) (values [][]byte, ok bool)
	// Set keeps a value for a time, without waiting.
	Set(name string, value []byte, life time.Duration)
}

// Registry keeps the documents that callers registered under their SHA-256: automatic persisted queries. Each caller
// finds only its own. What was not used for the longest is forgotten first. It is safe for concurrent use.
type Registry struct {
	callers *lru.Cache[string, *registrations]
	shared  Shared
}

// NewRegistry returns an empty registry. Shared may be nil: then no other replica finds what is registered here.
func NewRegistry(shared Shared) *Registry {
	callers, err := lru.New[string, *registrations](maxRegistrants)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &Registry{callers: callers, shared: shared}
}

// Register keeps a text under its hash for a caller, or returns [ErrHash]. A text that is too long is not kept.
func (r *Registry) Register(caller, hash, text string) error {
	hash = strings.ToLower(hash)
	if Hash(text) != hash {
		return ErrHash
	}
	r.keep(caller, hash, text)
	if r.shared != nil && len(text) <= maxRegistration {
		r.shared.Set(r.sharedName(caller, hash), []byte(text), sharedLife)
	}
	return nil
}

func (r *Registry) sharedName(caller, hash string) string {
	return r.shared.Name(caller + "\x00" + hash)
}

func (r *Registry) keep(caller, hash, text string) {
	own, found := r.callers.Get(caller)
	if !found {
		own = newRegistrations()
		if earlier, ok, _ := r.callers.PeekOrAdd(caller, own); ok {
			own = earlier
		}
	}
	own.Add(hash, text)
}

// Text returns the text that a caller registered under a hash, here or at another replica.
func (r *Registry) Text(ctx context.Context, caller, hash string) (text string, known bool) {
	hash = Key(hash)
	if own, found := r.callers.Get(caller); found {
		if text, known = own.Get(hash); known {
			return text, true
		}
	}
	if r.shared == nil {
		return "", false
	}
	return r.fetch(ctx, caller, hash)
}

// fetch returns the text that a caller registered at another replica. Whatever else is found has another hash.
func (r *Registry) fetch(ctx context.Context, caller, hash string) (text string, known bool) {
	found, ok := r.shared.Get(ctx, r.sharedName(caller, hash))
	if !ok || Hash(string(found[0])) != hash {
		return "", false
	}
	text = string(found[0])
	r.keep(caller, hash, text)
	return text, true
}

// registrations are the texts of one caller, by their hashes.
type registrations = bytelru.Cache[string, string]

func newRegistrations() *registrations {
	return bytelru.New(maxRegistration, maxRegistration, func(_, text string) int { return len(text) })
}
