package msgraph

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
)

const (
	// smallBody is how many bytes of a body are read without asking for room. Nearly all bodies are smaller.
	smallBody = 256 << 10
	// maxIntake is how many bytes all larger bodies may take together while they are read.
	maxIntake = 64 << 20
)

// intake bounds the memory of all bodies that are being read. A body that finds no more room waits for its turn to go
// on without: one at a time does, so that bodies that are half read never wait for each other.
type intake struct {
	most int64
	turn chan struct{} // has an element while somebody has the turn

	mu   sync.Mutex
	used int64
}

func newIntake(most int64) *intake {
	return &intake{most: most, turn: make(chan struct{}, 1)}
}

func (in *intake) take(n int64) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.used+n > in.most {
		return false
	}
	in.used += n
	return true
}

// room is what one body has of the intake.
type room struct {
	*intake
	held    int64
	hasTurn bool
}

// reserve makes room for n bytes more, or waits for the turn. It ends with ctx.
func (r *room) reserve(ctx context.Context, n int64) error {
	if r.hasTurn {
		return nil
	}
	if r.take(n) {
		r.held += n
		return nil
	}
	select {
	case r.turn <- struct{}{}:
		r.hasTurn = true
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (r *room) release() {
	if r.hasTurn {
		<-r.turn
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.used -= r.held
}

// growing is a body of unknown length on its way into a buffer, which takes up to three times as much memory: it
// doubles, and is copied at the end.
type growing struct {
	io.Reader
	ctx      context.Context //nolint:containedctx // of one reading, which the io.Reader cannot be given
	room     *room
	read     int64
	reserved int64
}

func (g *growing) Read(p []byte) (int, error) {
	n, err := g.Reader.Read(p)
	g.read += int64(n)
	for err == nil && g.read > smallBody && 3*g.read > g.reserved {
		more := max(smallBody, g.reserved)
		if err = g.room.reserve(g.ctx, more); err == nil {
			g.reserved += more
		}
	}
	return n, err
}

// readBody reads an answer in whole, or fails, with as much as had come. It waits while too many others are being read.
func (in *intake) readBody(ctx context.Context, resp *http.Response, limit int64) ([]byte, error) {
	room := &room{intake: in}
	defer room.release()
	switch size := resp.ContentLength; {
	case size > limit:
		return nil, errTooLarge
	case size == 0:
		return nil, nil
	case size > 0:
		if size > smallBody {
			if err := room.reserve(ctx, size); err != nil {
				return nil, err
			}
		}
		body := make([]byte, size)
		if n, err := io.ReadFull(resp.Body, body); err != nil {
			return body[:n], err
		}
		// Only reading to the end hands the connection back for reuse.
		_, err := io.Copy(io.Discard, resp.Body)
		return body, err
	}
	return readUnsized(&growing{Reader: resp.Body, ctx: ctx, room: room}, limit)
}

// buffers hold answers that do not say their length, as compressed ones do not, until it is known.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

func readUnsized(body io.Reader, limit int64) ([]byte, error) {
	buffer := buffers.Get().(*bytes.Buffer)
	defer func() {
		if buffer.Cap() <= 1<<20 { // one large answer must not hold its memory for ever
			buffer.Reset()
			buffers.Put(buffer)
		}
	}()
	if _, err := buffer.ReadFrom(&io.LimitedReader{R: body, N: limit + 1}); err != nil {
		return bytes.Clone(buffer.Bytes()), err
	}
	if int64(buffer.Len()) > limit {
		return nil, errTooLarge
	}
	return bytes.Clone(buffer.Bytes()), nil
}

var errTooLarge = errors.New("the response exceeds the size limit")
