package msgraph

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
)

// watched looks at the intake at each read of a body.
type watched struct {
	io.Reader
	look func()
}

func (w watched) Read(p []byte) (int, error) {
	w.look()
	return w.Reader.Read(p[:min(len(p), 16<<10)])
}

// Many large bodies at once are all read, and never take more memory than is allowed together, but for the one whose turn
// it is.
func TestBodiesInFlightAreBoundedTogether(t *testing.T) {
	t.Parallel()
	const size, most, bodies = 2 << 20, 8 << 20, 64
	for _, row := range []struct {
		what   string
		length int64
	}{{"of known length", size}, {"of unknown length", -1}} {
		t.Run(row.what, func(t *testing.T) {
			t.Parallel()
			in := newIntake(most)
			var peak int64
			look := func() {
				in.mu.Lock()
				defer in.mu.Unlock()
				peak = max(peak, in.used)
			}
			var all sync.WaitGroup
			for range bodies {
				all.Go(func() {
					resp := &http.Response{ContentLength: row.length, Body: io.NopCloser(watched{bytes.NewReader(make([]byte, size)), look})}
					body, err := in.readBody(t.Context(), resp, size)
					if err != nil || len(body) != size {
						t.Errorf("%d bytes, %v", len(body), err)
					}
				})
			}
			all.Wait()
			if peak == 0 || peak > most {
				t.Errorf("%d bytes at a time, at most %d are allowed", peak, most)
			}
			if in.used != 0 || len(in.turn) != 0 {
				t.Errorf("%d bytes and %d turns are never given back", in.used, len(in.turn))
			}
		})
	}
}

// Small bodies never wait, and a body that waits for room stops waiting when its context ends.
func TestABodyThatFindsNoRoomWaitsNoLongerThanItsCaller(t *testing.T) {
	t.Parallel()
	in := newIntake(0)
	in.turn <- struct{}{} // another body has it
	small := &http.Response{ContentLength: -1, Body: io.NopCloser(bytes.NewReader(make([]byte, smallBody)))}
	if body, err := in.readBody(t.Context(), small, 8<<20); err != nil || len(body) != smallBody {
		t.Errorf("a small body: %d bytes, %v", len(body), err)
	}
	gone := errors.New("the caller left")
	ctx, leave := context.WithCancelCause(t.Context())
	leave(gone)
	for _, length := range []int64{-1, 1 << 20} {
		large := &http.Response{ContentLength: length, Body: io.NopCloser(bytes.NewReader(make([]byte, 1<<20)))}
		if _, err := in.readBody(ctx, large, 8<<20); !errors.Is(err, gone) {
			t.Errorf("a body of length %d: %v", length, err)
		}
	}
	if in.used != 0 {
		t.Errorf("%d bytes are never given back", in.used)
	}
}
