package graph

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
)

// position is a place in a list: so many to skip, or a page by its link, which is for what was asked, and so many of it to
// drop.
type position struct {
	Skip int    `json:"s,omitempty"`
	Link string `json:"l,omitempty"`
	For  string `json:"f,omitempty"`
	Drop int    `json:"d,omitempty"`
}

// cursors makes positions opaque. A cursor is good for the list that it was made for, with the same arguments, and for no
// other; nobody can read or make one without the key.
type cursors struct {
	key  []byte
	aead cipher.AEAD
}

// newCursors returns cursors under a key; with an empty one, under a key of this process, whose cursors end with it.
func newCursors(key string) *cursors {
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
	return &cursors{key: secret[:], aead: aead}
}

// seal is the cursor of a position. Equal positions of one list have equal cursors: the nonce is taken from what is
// sealed, so that no two texts share one.
func (c *cursors) seal(p position, place string) string {
	text, _ := json.Marshal(p) // numbers and strings
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(place))
	mac.Write([]byte{0})
	mac.Write(text)
	nonce := mac.Sum(nil)[:c.aead.NonceSize()]
	return base64.RawURLEncoding.EncodeToString(c.aead.Seal(nonce, nonce, text, []byte(place)))
}

// open reports false for what was not sealed for this place.
func (c *cursors) open(cursor, place string) (p position, ok bool) {
	return c.openSealed(unsealed(cursor), place)
}

// unsealed decodes a cursor; nil for what is none.
func unsealed(cursor string) []byte {
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	// The decoder skips line ends; nobody gave out a cursor with one.
	if err != nil || base64.RawURLEncoding.EncodeToString(sealed) != cursor {
		return nil
	}
	return sealed
}

func (c *cursors) openSealed(sealed []byte, place string) (p position, ok bool) {
	if len(sealed) < c.aead.NonceSize() {
		return p, false
	}
	nonce, text := sealed[:c.aead.NonceSize()], sealed[c.aead.NonceSize():]
	text, err := c.aead.Open(nil, nonce, text, []byte(place))
	ok = err == nil && json.Unmarshal(text, &p) == nil
	return p, ok
}
