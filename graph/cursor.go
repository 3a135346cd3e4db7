package graph

import (
	"bytes"
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
// other; nobody can make one without the key.
type cursors struct{ key []byte }

const macSize = 16

// newCursors returns cursors under a key; with an empty one, under a key of this process, whose cursors end with it.
func newCursors(key string) *cursors {
	if key == "" {
		random := make([]byte, 32)
		_, _ = rand.Read(random) // never fails
		return &cursors{key: random}
	}
	return &cursors{key: []byte(key)}
}

func (c *cursors) seal(p position, place string) string {
	text, _ := json.Marshal(p) // numbers and a string
	return base64.RawURLEncoding.EncodeToString(append(c.mac(text, place), text...))
}

// open reports false for what was not sealed for this place.
func (c *cursors) open(cursor, place string) (p position, ok bool) {
	sealed, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(sealed) < macSize || base64.RawURLEncoding.EncodeToString(sealed) != cursor {
		return p, false // the decoder forgives line ends and spare bits
	}
	text := sealed[macSize:]
	if !hmac.Equal(sealed[:macSize], c.mac(text, place)) {
		return p, false
	}
	return p, json.NewDecoder(bytes.NewReader(text)).Decode(&p) == nil
}

func (c *cursors) mac(text []byte, place string) []byte {
	mac := hmac.New(sha256.New, c.key)
	mac.Write([]byte(place))
	mac.Write([]byte{0})
	mac.Write(text)
	return mac.Sum(nil)[:macSize]
}
