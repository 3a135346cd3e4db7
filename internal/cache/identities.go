package cache

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// Identity is the identity that Microsoft Graph is asked as. Entries are never served to another.
type Identity struct {
	// Key is different for any two identities. It must not hold a claim that nobody has verified.
	Key string
	// Unverified reports that the key stands for a token that only Microsoft Graph can verify. Nothing is served for such
	// a token before Microsoft Graph accepted it, and after it expires.
	Unverified bool
	// Expires is when such a token expires; zero if that cannot be read.
	Expires time.Time
}

const (
	// maxIdentities is how many identities are known. The entries of the one that was not seen for the longest are
	// forgotten for another.
	maxIdentities = 10_000
	// opaqueTrust is how long a token is trusted after Microsoft Graph accepted it, if its expiry cannot be read.
	opaqueTrust = 5 * time.Minute
)

// identities remembers for whom entries are stored. Each identity has an era, a number that no other identity has or
// had: entries with another number are not served. So all entries of an identity are dropped by forgetting its number.
type identities struct {
	mu    sync.Mutex
	known *simplelru.LRU[string, standing]
	last  uint64
	drops uint64 // how often entries were dropped or purged
}

// standing is how an identity stands.
type standing struct {
	era     uint64
	trusted time.Time // until when, if it is unverified
	mark    string    // in the second level, see second; empty if that was not read yet
}

func newIdentities() *identities {
	known, err := simplelru.NewLRU[string, standing](maxIdentities, nil)
	if err != nil {
		panic(err) // only for a size below 1
	}
	return &identities{known: known}
}

// ticket is what a response needs to be stored: nothing was dropped or purged since its request was sent.
type ticket struct {
	era   uint64 // 0: nothing is stored for the identity
	drops uint64
}

// enter returns the era of the entries that the identity may be served, 0 for none.
func (s *identities) enter(id Identity, now time.Time) (era uint64, t ticket) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.known.Get(id.Key)
	t = ticket{found.era, s.drops}
	if known && (!id.Unverified || now.Before(found.trusted)) {
		era = found.era
	}
	return era, t
}

// obey is enter for an identity whose mark in the second level was read. If that is another than before, its entries
// were dropped by another replica.
func (s *identities) obey(id Identity, mark string, now time.Time) (era uint64, t ticket) {
	s.mu.Lock()
	found, known := s.known.Get(id.Key)
	if known && found.mark != "" && found.mark != mark {
		s.known.Remove(id.Key)
		s.drops++
		found, known = standing{}, false
	}
	if !known && !id.Unverified {
		s.last++
		found.era, known = s.last, true
	}
	if known {
		found.mark = mark
		s.known.Add(id.Key, found)
	}
	s.mu.Unlock()
	return s.enter(id, now)
}

// trust returns until when an unverified identity is trusted.
func (s *identities) trust(id Identity) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, _ := s.known.Peek(id.Key)
	return found.trusted
}

// mark returns the mark of an identity that was read last; empty if none is in force as far as is known.
func (s *identities) mark(id Identity) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, _ := s.known.Peek(id.Key)
	return found.mark
}

// keys returns the keys of the known identities.
func (s *identities) keys() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known.Keys()
}

// accept notes that Microsoft Graph served a request of the identity.
func (s *identities) accept(id Identity, t ticket, now time.Time) {
	if !id.Unverified {
		return
	}
	until := id.Expires
	if until.IsZero() {
		until = now.Add(opaqueTrust)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.known.Get(id.Key)
	if t.drops != s.drops || t.era != found.era {
		return // refused or purged meanwhile
	}
	if !known {
		s.last++
		found.era = s.last
	}
	found.trusted = until
	s.known.Add(id.Key, found)
}

// era returns the era under which a response is stored; 0 if it is not.
func (s *identities) era(id Identity, t ticket) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, known := s.known.Get(id.Key)
	switch {
	case t.drops != s.drops, t.era != 0 && t.era != found.era:
		return 0 // dropped while the request was under way
	case known:
		return found.era
	case id.Unverified:
		return 0 // not accepted
	}
	s.last++
	s.known.Add(id.Key, standing{era: s.last})
	return s.last
}

// drop forgets the entries of an identity. It reports whether there could be any.
func (s *identities) drop(id Identity) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.known.Remove(id.Key) {
		return false // others' responses are stored all the same, however many wrong tokens somebody sends
	}
	s.drops++
	return true
}

// purged keeps responses from being stored that were requested before now.
func (s *identities) purged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops++
}
