//go:build interop

package main

import (
	"archive/tar"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"portico/packaging/binary"
	"portico/packaging/binary/binarytest"
)

// host is the system that the tests run on. They release for it alone.
var host = binary.Target{OS: "linux", Arch: runtime.GOARCH}

// repository is the clone that the tests are in. A release is made of its last commit.
const repository = "../.."

func TestMain(m *testing.M) { binarytest.Main(m) }

// released makes one release, which all tests look at.
var released = sync.OnceValues(func() (string, error) {
	folder := filepath.Join(binarytest.Folder, "first")
	from, err := filepath.Abs(repository)
	if err != nil {
		return "", err
	}
	return folder, release(context.Background(), from, folder, []binary.Target{host})
})

// theFile returns the only file of the release that matches a pattern.
func theFile(t *testing.T, pattern string) string {
	t.Helper()
	folder, err := released()
	if err != nil {
		t.Fatal(err)
	}
	found, err := filepath.Glob(filepath.Join(folder, pattern))
	if err != nil || len(found) != 1 {
		t.Fatalf("%d files match %s, want 1 (%v)", len(found), pattern, err)
	}
	return found[0]
}

// unpack unpacks a tar archive, compressed or not, into a new folder.
func unpack(t *testing.T, file string) string {
	t.Helper()
	opened, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	var plain io.Reader = opened
	if strings.HasSuffix(file, "gz") {
		if plain, err = gzip.NewReader(opened); err != nil {
			t.Fatal(err)
		}
	}
	return unpackTar(t, plain)
}

func unpackTar(t *testing.T, plain io.Reader) string {
	t.Helper()
	folder := t.TempDir()
	for entries := tar.NewReader(plain); ; {
		header, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return folder
		}
		if err != nil {
			t.Fatal(err)
		}
		name := filepath.Join(folder, header.Name)
		if header.Typeflag == tar.TypeDir {
			err = os.MkdirAll(name, header.FileInfo().Mode().Perm())
		} else {
			err = extract(entries, name, header.FileInfo().Mode().Perm())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func extract(from io.Reader, name string, mode os.FileMode) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	data, err := io.ReadAll(from)
	if err != nil {
		return err
	}
	return os.WriteFile(name, data, mode)
}

// program is Portico as a process.
type program struct {
	url string // of what it serves, without a slash at the end
	cmd *exec.Cmd
	log *bufio.Reader
}

// start starts a command that becomes Portico, and returns when it listens. The command's environment gets JSON logs and a
// small emulator; the test ends it.
func start(t *testing.T, cmd *exec.Cmd) *program {
	t.Helper()
	cmd.Env = append(cmd.Env, "PORTICO_LOG_FORMAT=json", "PORTICO_EMULATOR_SIZE=0")
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr = write, write
	err = cmd.Start()
	_ = write.Close() // the process has its own
	if err != nil {
		t.Fatal(err)
	}
	p := &program{cmd: cmd, log: bufio.NewReader(read)}
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it has ended, or is to
		_ = cmd.Wait()
		_ = read.Close()
	})
	var seen strings.Builder
	for p.url == "" {
		line, err := p.log.ReadString('\n')
		seen.WriteString(line)
		if err != nil {
			t.Fatalf("it ended before it listened: %v\n%s", err, &seen)
		}
		var entry struct{ Msg, GraphQL string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "listening" {
			p.url = strings.TrimSuffix(entry.GraphQL, "/graphql")
		}
	}
	return p
}

// wantRefusal runs a command that becomes Portico, and wants it to end because of its settings.
func wantRefusal(t *testing.T, cmd *exec.Cmd, want string) {
	t.Helper()
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), want) {
		t.Errorf("it ended with %v and %s; want an error with %q", err, out, want)
	}
}

// client reaches a process on this machine.
var client = &http.Client{Timeout: time.Minute}

// get fetches a path.
func (p *program) get(t *testing.T, path string) (int, string) {
	t.Helper()
	response, err := client.Get(p.url + path) //nolint:noctx // the client has a timeout
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// wantAnswer sends the README's query, and wants its response.
func (p *program) wantAnswer(t *testing.T) {
	t.Helper()
	query := `{"query":"{ hostPort(id: \"ODUuMTMuMTM5LjE4JCQyMQ==\") { port host { firstSeenDateTime } } }"}`
	response, err := client.Post(p.url+"/graphql", "application/json", strings.NewReader(query)) //nolint:noctx // the client has a timeout
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	want := `{"data":{"hostPort":{"port":21,"host":{"firstSeenDateTime":"2016-07-13T08:43:41.000Z"}}}`
	if err != nil || !strings.HasPrefix(string(text), want) {
		t.Errorf("got %s (%v), want %s", text, err, want)
	}
}
