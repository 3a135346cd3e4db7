package plan

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"sync/atomic"

	"github.com/go-json-experiment/json"
)

// Cursor is a place in a list: a number of items to skip, or a page by its link, with the number of its items to drop.
type Cursor struct {
	Skip int    `json:"s,omitzero"`
	Link string `json:"l,omitzero"`
	// For is what the link was requested with: another query may not continue by it.
	For  string `json:"f,omitzero"`
	Drop int    `json:"d,omitzero"`
}

// Scope is what a cursor is sealed to: the list that it was made for, with the same arguments. It opens nowhere else.
type Scope string

// Sealer makes cursors opaque. Nobody can read or make one without a key. It is safe for concurrent use.
type Sealer struct{ keys atomic.Pointer[[]sealKey] } // the first one seals, all of them open

// sealKey is one key of a sealer.
type sealKey struct {
	key  []byte
	aead cipher.AEAD
}

// NewSealer returns a sealer with a key. With an empty one it makes its own, and cursors end with this process. Old
// keys open cursors and seal none; empty ones are left out.
func NewSealer(key string, old ...string) *Sealer {
	s := &Sealer{}
	s.SetKeys(key, old...)
	return s
}

// SetKeys replaces the keys, as in [NewSealer].
func (s *Sealer) SetKeys(key string, old ...string) {
	keys := []sealKey{newSealKey(key)}
	for _, one := range old {
		if one != "" {
			keys = append(keys, newSealKey(one))
		}
	}
	s.keys.Store(&keys)
}

func newSealKey(key string) sealKey {
	secret := sha256.Sum256([]byte(key))
	if key == "" {
		_, _ = rand.Read(secret[:]) // never fails
	}
	block, err := aes.NewCipher(secret[:])
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		panic(err) // AES has blocks of the right size
	}
	return sealKey{key: secret[:], aead: aead}
}

// scopeOf returns the scope of parts that no other list has together. They are written as JSON, so that no part can
// contain the end of another. A long text is digested, since each cursor of the list is sealed with it.
func scopeOf(parts []string) Scope {
	text, _ := json.Marshal(parts) // strings
	if len(text) <= 4*sha256.Size {
		return Scope(text)
	}
	sum := sha256.Sum256(text)
	return Scope(sum[:])
}

// Seal returns the opaque text of a cursor. Equal cursors of one scope have equal texts: the nonce is taken from what
// is sealed, so that no two texts share one.
func (s *Sealer) Seal(c Cursor, scope Scope) string {
	text, _ := json.Marshal(c) // numbers and strings
	k := (*s.keys.Load())[0]
	mac := hmac.New(sha256.New, k.key)
	mac.Write([]byte(scope))
	mac.Write([]byte{0})
	mac.Write(text)
	nonce := mac.Sum(nil)[:k.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(k.aead.Seal(nonce, nonce, text, []byte(scope)))
}

// Open returns the cursor of a text. It returns false for a text that was not sealed in this scope.
func (s *Sealer) Open(text string, scope Scope) (c Cursor, ok bool) {
	return s.open(decodeCursor(text), scope)
}

// decodeCursor returns the sealed cursor in a text, or nil if the text is not a cursor.
func decodeCursor(text string) []byte {
	sealed, err := base64.RawURLEncoding.DecodeString(text)
	// The decoder skips line ends; nobody gave out a cursor with one.
	if err != nil || base64.RawURLEncoding.EncodeToString(sealed) != text {
		return nil
	}
	return sealed
}

func (s *Sealer) open(sealed []byte, scope Scope) (c Cursor, ok bool) {
	for _, k := range *s.keys.Load() {
		if c, ok = k.open(sealed, scope); ok {
			return c, true
		}
	}
	return Cursor{}, false
}

func (k sealKey) open(sealed []byte, scope Scope) (c Cursor, ok bool) {
	if len(sealed) < k.aead.NonceSize() {
		return c, false
	}
	nonce, rest := sealed[:k.aead.NonceSize()], sealed[k.aead.NonceSize():]
	opened, err := k.aead.Open(nil, nonce, rest, []byte(scope))
	ok = err == nil && json.Unmarshal(opened, &c) == nil
	return c, ok
}
