package emulator

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"sync/atomic"
)

// An idSource makes GUIDs that differ within a process and between processes.
type idSource struct {
	prefix uint64
	count  atomic.Uint64
}

func newIDSource() *idSource {
	var seed [8]byte
	_, _ = rand.Read(seed[:]) // never fails
	return &idSource{prefix: binary.BigEndian.Uint64(seed[:])}
}

// next returns a new GUID.
func (s *idSource) next() string {
	var id [16]byte
	binary.BigEndian.PutUint64(id[:8], s.prefix)
	binary.BigEndian.PutUint64(id[8:], s.count.Add(1))
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	var text [36]byte
	hex.Encode(text[0:8], id[0:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:36], id[10:16])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

// isGUID reports whether text is a GUID with hyphens.
func isGUID(text string) bool {
	if len(text) != 36 {
		return false
	}
	for i := range len(text) {
		switch b := text[i]; {
		case i == 8 || i == 13 || i == 18 || i == 23:
			if b != '-' {
				return false
			}
		case b >= '0' && b <= '9', b >= 'a' && b <= 'f', b >= 'A' && b <= 'F':
		default:
			return false
		}
	}
	return true
}
