// Package interop runs foreign programs for tests: clients, gateways and compilers that nobody here wrote. They come
// from npm, each tree in a folder of its own that `make clients` installs.
package interop

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Limit is the time after which a program is ended. Each takes seconds on a machine that is not busy.
const Limit = 2 * time.Minute

// Tree is a folder with programs from npm.
type Tree struct {
	Folder string
	Env    []string // in addition to PATH and a HOME of its own, such as "NAME=value"
}

// Open returns the tree in a folder, and ends the test if it is not installed.
func Open(t testing.TB, folder string) Tree {
	t.Helper()
	if _, err := os.Stat(filepath.Join(folder, "node_modules/.package-lock.json")); err != nil {
		t.Fatalf("the programs of %s are not installed; install them with: make clients", folder)
	}
	return Tree{Folder: folder}
}

// Run runs a program in the folder, with an input as JSON, and returns what it prints. The test ends if the program
// fails.
func (tree Tree) Run(t testing.TB, input any, args ...string) string {
	t.Helper()
	text, err := json.Marshal(input)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), Limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // the arguments are a test's
	cmd.Dir, cmd.Stdin, cmd.WaitDelay = tree.Folder, bytes.NewReader(text), time.Second
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, tree.Env...)
	var complaints bytes.Buffer
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s%s", args, err, out, &complaints)
	}
	return string(out)
}

// deferred declares what the schema does not, because gqlgen does so itself.
const deferred = "\ndirective @defer(if: Boolean! = true, label: String) on FRAGMENT_SPREAD | INLINE_FRAGMENT\n"

// WriteSchema writes a schema into the folder as schema.graphql, with the directive @defer that it does not declare:
// Relay's compiler reads nothing outside of its folder. Several tests may do so at the same time.
func (tree Tree) WriteSchema(t testing.TB, file string) {
	t.Helper()
	schema, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	schema = append(schema, deferred...)
	written, err := os.CreateTemp(tree.Folder, "schema-*.graphql")
	if err != nil {
		t.Fatal(err)
	}
	_, err = written.Write(schema)
	if closing := written.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(written.Name(), filepath.Join(tree.Folder, "schema.graphql"))
	}
	if err != nil {
		_ = os.Remove(written.Name())
		t.Fatal(err)
	}
}
