package entra

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"math/big"
	"strconv"
	"sync"
)

// A keyRing holds the published signing keys. The last one signs.
type keyRing struct {
	mu   sync.RWMutex
	made int
	keys []signingKey
}

type signingKey struct {
	id      string // the "kid"
	private *rsa.PrivateKey
}

// processKey is made at first use, because an RSA key takes longer to make than most tests take to run.
var processKey = sync.OnceValue(newKey)

func newKey() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic("entra: making a signing key: " + err.Error()) // the size is valid
	}
	return key
}

func (r *keyRing) add(key *rsa.PrivateKey) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.made++
	r.keys = append(r.keys, signingKey{"emulator-" + strconv.Itoa(r.made), key})
}

func (r *keyRing) withdraw() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keys = r.keys[len(r.keys)-1:]
}

// current returns the key that signs.
func (r *keyRing) current() signingKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	return r.keys[len(r.keys)-1]
}

// public returns the published key with the id; the current one if there is none.
func (r *keyRing) public(id any) crypto.PublicKey {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, key := range r.keys {
		if key.id == id {
			return &key.private.PublicKey
		}
	}
	return &r.keys[len(r.keys)-1].private.PublicKey
}

// RollKey makes a new signing key, as Entra ID does from time to time. The earlier keys stay published, so their tokens
// stay good. See [Directory.WithdrawKeys].
func (d *Directory) RollKey() { d.keys.add(newKey()) }

// WithdrawKeys stops publishing all keys but the one that signs, as Entra ID does in an emergency.
func (d *Directory) WithdrawKeys() {
	d.keys.withdraw()
	d.verified.clear()
}

// KeySet returns the JSON Web Key Set that verifies tokens. Like Entra ID's, it has no "alg".
func (d *Directory) KeySet() map[string]any {
	d.keys.mu.RLock()
	defer d.keys.mu.RUnlock()
	encode := base64.RawURLEncoding.EncodeToString
	set := []map[string]any{}
	for _, key := range d.keys.keys {
		set = append(set, map[string]any{
			"kty": "RSA", "use": "sig", "kid": key.id, "x5t": key.id,
			"n": encode(key.private.N.Bytes()), "e": encode(big.NewInt(int64(key.private.E)).Bytes()),
		})
	}
	return map[string]any{"keys": set}
}
