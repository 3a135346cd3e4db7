package transport

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"portico/graph/code"
)

// stuck is a client that does not read until it is told to.
type stuck struct {
	*httptest.ResponseRecorder
	began, read chan struct{}
	once        sync.Once
}

func (s *stuck) Write(p []byte) (int, error) {
	s.once.Do(func() { close(s.began) })
	<-s.read
	return s.ResponseRecorder.Write(p)
}

// Clients that do not read their answers cannot fill the memory with them, nor keep small answers from others.
func TestUnreadResponsesAreBounded(t *testing.T) {
	const length = 16 << 20
	large := &answer{status: http.StatusOK, mediaType: typeJSON, data: make([]byte, length)}
	read := make(chan struct{})
	var all sync.WaitGroup
	for range maxOutgoing / length {
		client := &stuck{ResponseRecorder: httptest.NewRecorder(), began: make(chan struct{}), read: read}
		all.Go(func() { large.write(client) })
		<-client.began
	}
	refused := httptest.NewRecorder()
	large.write(refused)
	if refused.Code != http.StatusServiceUnavailable || refused.Header().Get("Retry-After") == "" || !strings.Contains(refused.Body.String(), code.Overloaded) {
		t.Errorf("one more got %d %v %.100s", refused.Code, refused.Header(), refused.Body)
	}
	small := httptest.NewRecorder()
	(&answer{status: http.StatusOK, mediaType: typeJSON, data: make([]byte, 1000)}).write(small)
	if small.Code != http.StatusOK {
		t.Errorf("a small one got %d", small.Code)
	}
	close(read)
	all.Wait()
	if n := outgoing.bytes.Load(); n != 0 {
		t.Errorf("%d bytes are counted after all was read", n)
	}
	after := httptest.NewRecorder()
	large.write(after)
	if after.Code != http.StatusOK || after.Body.Len() != length {
		t.Errorf("afterwards %d, %d bytes", after.Code, after.Body.Len())
	}
}
