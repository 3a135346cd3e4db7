package emulator

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"sync/atomic"
)

// headLength is the length in bytes of the unsigned part of a token: where the page begins, and a number that makes
// each token different.
const headLength = 12

// A pageSigner makes the values of $skiptoken. Each is valid for one path with the same options only.
type pageSigner struct {
	key   [32]byte
	count atomic.Uint64
}

func newPageSigner() *pageSigner {
	s := &pageSigner{}
	_, _ = rand.Read(s.key[:]) // never fails
	return s
}

// write returns the token of the page that begins at that item.
func (s *pageSigner) write(url string, from int) string {
	var head [headLength]byte
	binary.BigEndian.PutUint32(head[:4], uint32(from))
	binary.BigEndian.PutUint64(head[4:], s.count.Add(1))
	return base64.RawURLEncoding.EncodeToString(append(head[:], s.sign(url, head[:])...))
}

// read returns the item at which the page of a token begins. It reports false for a token that was not made for the
// URL.
func (s *pageSigner) read(url, token string) (from int, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(text) < headLength || !hmac.Equal(text[headLength:], s.sign(url, text[:headLength])) {
		return 0, false
	}
	return int(binary.BigEndian.Uint32(text)), true
}

func (s *pageSigner) sign(url string, head []byte) []byte {
	mac := hmac.New(sha256.New, s.key[:])
	mac.Write(head)
	mac.Write([]byte(url))
	return mac.Sum(nil)[:16]
}
