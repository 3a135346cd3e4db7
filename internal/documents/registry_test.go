package documents_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"portico/internal/documents"
)

func TestEachCallerFindsOnlyItsOwnRegistrations(t *testing.T) {
	t.Parallel()
	r := documents.NewRegistry(nil)
	const text = "{ __typename }"
	hash := documents.Hash(text)
	if _, known := r.Text(t.Context(), "ada", hash); known {
		t.Error("known before it was registered")
	}
	if err := r.Register("ada", strings.ToUpper(hash), text); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{hash, strings.ToUpper(hash), "sha256:" + hash} {
		if got, known := r.Text(t.Context(), "ada", id); !known || got != text {
			t.Errorf("%s: %q, %v", id, got, known)
		}
	}
	if _, known := r.Text(t.Context(), "bob", hash); known {
		t.Error("another caller finds it")
	}
	if err := r.Register("bob", documents.Hash("another"), text); !errors.Is(err, documents.ErrHash) {
		t.Errorf("the hash of another text: %v", err)
	}
}

func TestRegistrationsAreBounded(t *testing.T) {
	t.Parallel()
	r := documents.NewRegistry(nil)
	register := func(caller, text string) string {
		t.Helper()
		hash := documents.Hash(text)
		if err := r.Register(caller, hash, text); err != nil {
			t.Fatal(err)
		}
		return hash
	}
	known := func(caller, hash string) bool {
		_, known := r.Text(t.Context(), caller, hash)
		return known
	}
	first := register("ada", "a"+strings.Repeat(" ", 30<<10))
	second := register("ada", "b"+strings.Repeat(" ", 30<<10))
	known("ada", first) // it is used, so the second is forgotten first
	third := register("ada", "c"+strings.Repeat(" ", 30<<10))
	if !known("ada", first) || known("ada", second) || !known("ada", third) {
		t.Error("the one that was not used for the longest must be forgotten")
	}
	if known("ada", register("ada", strings.Repeat(" ", 64<<10+1))) || !known("ada", third) {
		t.Error("a text that is too long must not be kept, nor take the place of others")
	}
	for n := range 512 {
		register("caller "+strings.Repeat("x", n), "a")
	}
	if known("ada", third) {
		t.Error("the 513th caller replaced no other")
	}
}

func TestCallersRegisterAtTheSameTime(t *testing.T) {
	t.Parallel()
	r := documents.NewRegistry(nil)
	const text = "{ __typename }"
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := r.Register("ada", documents.Hash(text), text); err != nil {
				t.Error(err)
			}
			if _, known := r.Text(t.Context(), "ada", documents.Hash(text)); !known {
				t.Error("not known after it was registered")
			}
		})
	}
	all.Wait()
}
