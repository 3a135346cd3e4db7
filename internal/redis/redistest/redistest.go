// Package redistest starts a real Redis, or Valkey, for tests.
package redistest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// Server is a Redis on a Unix socket, which keeps nothing on disk. It ends with the test.
type Server struct {
	// URL names it for Portico.
	URL string

	t      testing.TB
	dir    string
	args   []string
	server *exec.Cmd
	cancel context.CancelFunc
}

// startLimit is how long a server may take to listen on a busy machine.
const startLimit = 30 * time.Second

// Start starts a server with arguments such as "--maxmemory", "1mb".
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := New(t, args...)
	s.Run()
	return s
}

// New returns a server that does not run yet.
func New(t testing.TB, args ...string) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // t.TempDir may be too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: dir, args: args, URL: "unix://" + filepath.Join(dir, "s")}
	t.Cleanup(func() {
		s.Kill()
		_ = os.RemoveAll(dir)
	})
	return s
}

// Run starts the server, or starts it again. It is empty then.
func (s *Server) Run() {
	s.t.Helper()
	socket := filepath.Join(s.dir, "s")
	_ = os.Remove(socket)
	ctx, cancel := context.WithCancel(context.Background())
	args := append([]string{"--port", "0", "--unixsocket", socket, "--save", "", "--appendonly", "no", "--dir", s.dir},
		s.args...)
	s.server, s.cancel = exec.CommandContext(ctx, program(), args...), cancel //nolint:gosec // the arguments are a test's
	if err := s.server.Start(); err != nil {
		s.t.Fatalf("starting Redis; install it, e.g. with: apt-get install redis-server: %v", err)
	}
	for end := time.Now().Add(startLimit); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if connection, err := net.Dial("unix", socket); err == nil {
			_ = connection.Close()
			return
		}
	}
	s.t.Fatal("Redis does not listen")
}

// Kill ends the server at once.
func (s *Server) Kill() {
	if s.server != nil {
		s.cancel()
		_ = s.server.Wait() // it was killed
		s.server = nil
	}
}

// Freeze has the server answer nothing more until Thaw; it still accepts connections.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw has the server go on after Freeze.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(signal syscall.Signal) {
	s.t.Helper()
	if err := s.server.Process.Signal(signal); err != nil {
		s.t.Fatal(err)
	}
}

// Dump returns all that the server keeps, as it writes it to disk.
func (s *Server) Dump() string {
	s.t.Helper()
	s.Command("SAVE")
	text, err := os.ReadFile(filepath.Join(s.dir, "dump.rdb"))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// program returns the name of the server that is installed.
func program() string {
	for _, name := range []string{"redis-server", "valkey-server", "/usr/bin/redis-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "redis-server"
}
