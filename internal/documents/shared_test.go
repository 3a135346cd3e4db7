package documents_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/internal/documents"
)

// store keeps what registries share.
type store struct {
	mu   sync.Mutex
	kept map[string][]byte
}

// Name implements [documents.Shared].
func (s *store) Name(of string) string { return of }

// Get implements [documents.Shared].
func (s *store) Get(_ context.Context, names ...string) ([][]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	values := make([][]byte, len(names))
	for i, name := range names {
		values[i] = s.kept[name]
	}
	return values, true
}

// Set implements [documents.Shared].
func (s *store) Set(name string, value []byte, _ time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept[name] = value
}

func TestReplicasFindEachOthersRegistrations(t *testing.T) {
	t.Parallel()
	shared := &store{kept: map[string][]byte{}}
	here, there := documents.NewRegistry(shared), documents.NewRegistry(shared)
	const text = "{ __typename }"
	hash := documents.Hash(text)
	if err := here.Register("ada", strings.ToUpper(hash), text); err != nil {
		t.Fatal(err)
	}
	if got, known := there.Text(t.Context(), "ada", "sha256:"+hash); !known || got != text {
		t.Errorf("%q, %v", got, known)
	}
	if _, known := there.Text(t.Context(), "bob", hash); known {
		t.Error("another caller finds it")
	}
	clear(shared.kept)
	if _, known := there.Text(t.Context(), "ada", hash); !known {
		t.Error("it was not kept")
	}
}

// Whoever may write to what is shared cannot have another document executed.
func TestASharedTextMustHaveItsHash(t *testing.T) {
	t.Parallel()
	shared := &store{kept: map[string][]byte{}}
	here, there := documents.NewRegistry(shared), documents.NewRegistry(shared)
	const text = "{ __typename }"
	if err := here.Register("ada", documents.Hash(text), text); err != nil {
		t.Fatal(err)
	}
	for name := range shared.kept {
		shared.kept[name] = []byte("{ another }")
	}
	if got, known := there.Text(t.Context(), "ada", documents.Hash(text)); known {
		t.Errorf("got %q", got)
	}
}

func TestALongTextIsNotShared(t *testing.T) {
	t.Parallel()
	shared := &store{kept: map[string][]byte{}}
	text := "{ __typename }" + strings.Repeat(" ", 64<<10)
	if err := documents.NewRegistry(shared).Register("ada", documents.Hash(text), text); err != nil || len(shared.kept) > 0 {
		t.Errorf("%v, %d kept", err, len(shared.kept))
	}
}
