package transport

import (
	"io"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
)

// torn is a body of which something arrives and the rest never does.
type torn struct{ io.Reader }

func (torn) Close() error { return nil }

func (b torn) Read(p []byte) (int, error) {
	n, err := b.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}

// A client that claims a long body and sends little gets little memory.
func TestMemoryOfABodyGrowsWithWhatArrives(t *testing.T) {
	const rounds, limit = 100, 256 << 10
	for _, row := range []struct {
		what    string
		length  int64
		arrives int
		most    uint64 // bytes for one request
	}{
		{"one byte of the most that is allowed", limit, 1, 8 << 10},
		{"one byte of an unknown length", -1, 1, 8 << 10},
		{"half of it", limit, limit / 2, 6 * limit},
	} {
		t.Run(row.what, func(t *testing.T) {
			text := strings.Repeat("x", row.arrives)
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", nil)
			r.ContentLength = row.length
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for range rounds {
				r.Body = torn{strings.NewReader(text)}
				if _, err := readBody(httptest.NewRecorder(), r, limit); err == nil {
					t.Fatal("no error")
				}
			}
			runtime.ReadMemStats(&after)
			if each := (after.TotalAlloc - before.TotalAlloc) / rounds; each > row.most {
				t.Errorf("%d bytes for one request, at most %d are right", each, row.most)
			}
		})
	}
}
