package servicetest

import (
	"bytes"
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// StartNginx starts Debian's nginx with a configuration, which it writes into a folder. It returns when nginx listens
// at the address. nginx ends with the test.
func StartNginx(t *testing.T, dir, address, configuration string) {
	t.Helper()
	file := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(file, []byte(configuration), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var log bytes.Buffer
	command := exec.CommandContext(ctx, nginx(), "-c", file, "-p", dir, "-e", "stderr")
	command.Stdout, command.Stderr = &log, &log
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // so that nginx ends its workers
	if err := command.Start(); err != nil {
		cancel()
		t.Fatalf("starting nginx; install it, e.g. with: apt-get install nginx-light: %v", err)
	}
	t.Cleanup(func() {
		cancel()
		_ = command.Wait() // it was interrupted
		if t.Failed() {
			t.Logf("nginx says:\n%.20000s", &log)
		}
	})
	WaitUntilListens(t, "nginx", address)
}

// nginx returns the path of nginx, which Debian has in a folder that is not in everybody's PATH.
func nginx() string {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "nginx"
}

// Nobody is a loopback address at which nothing listens: a kernel never assigns port 1 to a listener on port 0. The
// port of a closed listener may be assigned to a test that runs in parallel.
const Nobody = "127.0.0.1:1"

// FreeAddress returns a loopback address at which nothing listens.
func FreeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// WaitUntilListens waits until a program accepts connections at an address.
func WaitUntilListens(t *testing.T, program, address string) {
	t.Helper()
	Eventually(t, program+" listens", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
}
