package emulator

import (
	"errors"
	"io"
	"sync"
)

// A buffer is used by one request after another.
type buffer struct{ bytes []byte }

// maxKept is the capacity in bytes above which a buffer is not used again.
const maxKept = 1 << 20

var buffers = sync.Pool{New: func() any { return &buffer{make([]byte, 0, 4096)} }}

func takeBuffer() *buffer { return buffers.Get().(*buffer) }

func giveBuffer(b *buffer) {
	if cap(b.bytes) > maxKept {
		return
	}
	b.bytes = b.bytes[:0]
	buffers.Put(b)
}

// Write appends, for the compressor.
func (b *buffer) Write(p []byte) (int, error) {
	b.bytes = append(b.bytes, p...)
	return len(p), nil
}

var errBodyLimit = errors.New("body too large")

// readFrom reads src to its end, at most limit bytes.
func (b *buffer) readFrom(src io.Reader, limit int) error {
	for {
		if len(b.bytes) == cap(b.bytes) {
			b.bytes = append(b.bytes, 0)[:len(b.bytes)]
		}
		n, err := src.Read(b.bytes[len(b.bytes):cap(b.bytes)])
		b.bytes = b.bytes[:len(b.bytes)+n]
		switch {
		case len(b.bytes) > limit:
			return errBodyLimit
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
	}
}
