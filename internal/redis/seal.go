package redis

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

const (
	// maxValue bounds a value before and after it is compressed. A longer one is not kept.
	maxValue = 1 << 20
	// compressFrom is the size from which values are compressed.
	compressFrom = 1 << 10
)

// The first byte of what is kept says how to read it.
const (
	plain      byte = iota
	compressed      // by zstd
)

// overhead is by how much sealing may lengthen a value: the first byte, nonce and tag of AES-GCM, and what zstd adds to
// what it cannot compress.
const overhead = 1 << 10

var (
	errTooLong  = errors.New("the value is too long")
	errUnsealed = errors.New("the value was not sealed under this name with one of the keys")
)

// sealer turns values into what is kept of them, and back. With keys it encrypts: the first key seals, and all open.
// Without keys everybody who may write to Redis can change values.
type sealer struct {
	keys    atomic.Pointer[[][]byte]
	encoder *zstd.Encoder
	decoder *zstd.Decoder
}

func newSealer(keys ...string) *sealer {
	s := &sealer{}
	s.setKeys(keys...)
	var err, err2 error
	s.encoder, err = zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1),
		zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(256<<10))
	s.decoder, err2 = zstd.NewReader(nil, zstd.WithDecoderMaxMemory(maxValue), zstd.WithDecoderLowmem(true))
	if err := errors.Join(err, err2); err != nil {
		panic(err) // the options are constants
	}
	return s
}

// setKeys replaces the keys. Empty ones are left out.
func (s *sealer) setKeys(keys ...string) {
	var all [][]byte
	for _, key := range keys {
		if key != "" {
			secret := sha256.Sum256([]byte(key))
			all = append(all, secret[:])
		}
	}
	s.keys.Store(&all)
}

// seal returns what is kept of a value under a name.
func (s *sealer) seal(name string, value []byte) ([]byte, error) {
	if len(value) > maxValue {
		return nil, errTooLong
	}
	kept := append(make([]byte, 0, len(value)+overhead), plain)
	if len(value) < compressFrom {
		kept = append(kept, value...)
	} else {
		kept[0] = compressed
		kept = s.encoder.EncodeAll(value, kept)
	}
	keys := *s.keys.Load()
	if len(keys) == 0 {
		return kept, nil
	}
	return aeadOf(keys[0], name).Seal(nil, nil, kept, []byte(name)), nil
}

// open returns the value of what is kept under a name, in new memory. What was sealed under another name, without a key
// while there is one, or with another key, is an error.
func (s *sealer) open(name string, kept []byte) ([]byte, error) {
	if len(kept) > maxValue+overhead {
		return nil, errTooLong
	}
	opened, err := s.decrypt(name, kept)
	switch {
	case err != nil:
		return nil, err
	case len(opened) == 0:
		return nil, errUnsealed
	case opened[0] == plain:
		return append([]byte{}, opened[1:]...), nil
	case opened[0] == compressed:
		return s.decoder.DecodeAll(opened[1:], nil)
	}
	return nil, errUnsealed
}

func (s *sealer) decrypt(name string, kept []byte) ([]byte, error) {
	keys := *s.keys.Load()
	if len(keys) == 0 {
		return kept, nil
	}
	for _, key := range keys {
		if opened, err := aeadOf(key, name).Open(nil, nil, kept, []byte(name)); err == nil {
			return opened, nil
		}
	}
	return nil, errUnsealed
}

// aeadOf returns the cipher for the values of one name. Each name has a key of its own, so that random nonces cannot
// run out, and a value that is moved to another name cannot be opened there.
func aeadOf(key []byte, name string) cipher.AEAD {
	own, err := hkdf.Key(sha256.New, key, nil, name, 32)
	if err != nil {
		panic(err) // 32 bytes are not too many
	}
	block, err := aes.NewCipher(own)
	if err != nil {
		panic(err) // 32 bytes are a key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has blocks of the right size
	}
	return aead
}
