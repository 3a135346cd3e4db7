// Package binarytest has what the tests of several packages need to run Portico.
package binarytest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// Folder holds what the tests of a package share. It is there while Main runs.
var Folder string

// Main is TestMain of a package whose tests share files.
func Main(m *testing.M) {
	code := 1
	var err error
	if Folder, err = os.MkdirTemp("", "portico-test"); err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
		_ = os.RemoveAll(Folder)
	}
	os.Exit(code)
}

// Portico returns the program, which is built once from the files as they are, whether a commit has them or not. The
// compiler's settings are those of a release, so that it reuses what a release compiled, and the other way round.
var Portico = sync.OnceValues(func() (string, error) {
	file := filepath.Join(Folder, "portico")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-trimpath", "-buildvcs=false", "-o", file, ".")
	cmd.Dir = "../.."
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building Portico: %w\n%s", err, out)
	}
	return file, nil
})
