package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
)

// dist is where the playground's build is, which no commit has and which the program embeds.
const dist = "internal/playground/dist"

// source is a clone of the last commit, with the playground that was built for it.
type source struct {
	folder  string
	notices []byte // the licenses of all software in the program
	page    string // the list of npm packages in the playground
}

// clone clones the last commit into a folder, so that a release has nothing that is not committed, and adds the
// playground.
func clone(ctx context.Context, from, folder string) (source, error) {
	if out, err := exec.CommandContext(ctx, "git", "clone", "--quiet", from, folder).CombinedOutput(); err != nil {
		return source{}, fmt.Errorf("cloning %s: %w\n%s", from, err, out)
	}
	page := filepath.Join(from, dist)
	if _, err := os.Stat(filepath.Join(page, "index.html.gz")); errors.Is(err, fs.ErrNotExist) {
		return source{}, errors.New("the playground is not built, and a release includes it: run make playground")
	}
	if err := addFolder(filepath.Join(folder, dist), os.DirFS(page)); err != nil {
		return source{}, fmt.Errorf("copying the playground: %w", err)
	}
	s := source{folder: folder}
	var err error
	if s.page, err = readCompressed(filepath.Join(page, "licenses.md.gz")); err != nil {
		return source{}, fmt.Errorf("reading the playground's licenses: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "run", "-trimpath", ".", "--licenses")
	cmd.Dir, cmd.Stderr = folder, os.Stderr
	cmd.Env = append(cmd.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
	if s.notices, err = cmd.Output(); err != nil {
		return source{}, fmt.Errorf("reading the licenses: %w", err)
	}
	if !bytes.Contains(s.notices, []byte(s.page)) { // the program leaves out a playground that it does not serve
		return source{}, errors.New("the playground was built from another version of its source: run make playground")
	}
	return s, nil
}

// addFolder copies files into a folder that may have some already.
func addFolder(to string, from fs.FS) error {
	return fs.WalkDir(from, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(to, filepath.FromSlash(name))
		if d.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		data, err := fs.ReadFile(from, name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o644)
	})
}

func readCompressed(file string) (string, error) {
	opened, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer opened.Close()
	plain, err := gzip.NewReader(opened)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(plain)
	return string(text), err
}
