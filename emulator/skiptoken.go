package emulator

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

var errSkipToken = badRequest("The $skiptoken is not valid for this request.")

// tokenHead is the length of what a page's token says: where the page begins, and a number that makes each token
// different. Its signature follows.
const tokenHead = 12

// writeToken makes the token of the page that begins there. It is good for the same path and options alone.
func (e *Emulator) writeToken(bound string, from int) string {
	var head [tokenHead]byte
	binary.BigEndian.PutUint32(head[:4], uint32(from))
	binary.BigEndian.PutUint64(head[4:], e.idCount.Add(1))
	return base64.RawURLEncoding.EncodeToString(append(head[:], e.signToken(bound, head[:])...))
}

func (e *Emulator) readToken(bound, token string) (from int, ok bool) {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(text) < tokenHead || !hmac.Equal(text[tokenHead:], e.signToken(bound, text[:tokenHead])) {
		return 0, false
	}
	return int(binary.BigEndian.Uint32(text)), true
}

func (e *Emulator) signToken(bound string, head []byte) []byte {
	mac := hmac.New(sha256.New, e.pageKey[:])
	mac.Write(head)
	mac.Write([]byte(bound))
	return mac.Sum(nil)[:16]
}
