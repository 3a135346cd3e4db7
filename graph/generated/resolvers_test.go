package generated_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"testing"

	"portico/graph/generated"
	"portico/internal/service/servicetest"
)

func TestMain(m *testing.M) {
	generated.WatchResolvers(func(ctx context.Context) (context.Context, func()) {
		l := &lent{Context: ctx}
		return l, func() { resolved.Add(1); l.returned.Store(true) }
	})
	servicetest.Main(m)
}

var resolved, misused atomic.Int64

// lent is a context that belongs to the resolver of one field at a time.
type lent struct {
	context.Context
	returned atomic.Bool
}

// Value implements context.Context.
func (l *lent) Value(key any) any {
	if l.returned.Load() && misused.Add(1) == 1 {
		debug.PrintStack()
	}
	return l.Context.Value(key)
}

// All values at one depth share a context. A resolver that used its own after it has returned would see another's path.
func TestNoResolverUsesItsContextAfterItHasReturned(t *testing.T) {
	s := servicetest.Start(t, "PORTICO_EMULATOR_SIZE=40")
	var files []string
	for _, pattern := range []string{"testdata/documents/*.graphql", "testdata/wire/*.graphql"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatal(pattern, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "# variables") {
			continue
		}
		s.Send(t, servicetest.Operation{Query: string(text), Accept: "application/json"})
	}
	if resolved.Load() < 100 {
		t.Errorf("only %d resolvers were called", resolved.Load())
	}
	if n := misused.Load(); n > 0 {
		t.Errorf("resolvers used their contexts %d times after they had returned", n)
	}
}
