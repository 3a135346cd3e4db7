package documents

import (
	"errors"
	"strings"

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

// Registry keeps the documents that callers registered under their SHA-256: automatic persisted queries. Each caller
// finds only its own. What was not used for the longest is forgotten first. It is safe for concurrent use.
type Registry struct {
	callers *lru.Cache[string, *registrations]
}

// NewRegistry returns an empty registry.
func NewRegistry() *Registry {
	callers, err := lru.New[string, *registrations](maxRegistrants)
	if err != nil {
		panic(err) // the size is a constant
	}
	return &Registry{callers: callers}
}

// Register keeps a text under its hash for a caller, or returns [ErrHash]. A text that is too long is not kept.
func (r *Registry) Register(caller, hash, text string) error {
	if Hash(text) != strings.ToLower(hash) {
		return ErrHash
	}
	own, found := r.callers.Get(caller)
	if !found {
		own = newRegistrations()
		if earlier, ok, _ := r.callers.PeekOrAdd(caller, own); ok {
			own = earlier
		}
	}
	own.Add(strings.ToLower(hash), text)
	return nil
}

// Text returns the text that a caller registered under a hash.
func (r *Registry) Text(caller, hash string) (text string, known bool) {
	own, found := r.callers.Get(caller)
	if !found {
		return "", false
	}
	return own.Get(Key(hash))
}

// registrations are the texts of one caller, by their hashes.
type registrations = bytelru.Cache[string]

func newRegistrations() *registrations {
	return bytelru.New(maxRegistration, maxRegistration, func(_, text string) int { return len(text) })
}
