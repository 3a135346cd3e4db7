//go:build interop

package replicas_test

import (
	"bytes"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"portico/internal/service/servicetest"
)

// build builds the program.
func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "portico")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", file, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return file
}

// process is a program that was started, and ends with the test at the latest.
type process struct {
	*exec.Cmd
}

// run starts a program, and returns when it listens at the address.
func run(t *testing.T, command *exec.Cmd, address string) *process {
	t.Helper()
	var log bytes.Buffer
	command.Stdout, command.Stderr = &log, &log
	if err := command.Start(); err != nil {
		t.Fatalf("starting %s: %v", command.Path, err)
	}
	p := &process{Cmd: command}
	t.Cleanup(func() {
		p.stop()
		if t.Failed() {
			t.Logf("%s says:\n%.20000s", filepath.Base(command.Path), &log)
		}
	})
	servicetest.WaitUntilListens(t, command.Path, address)
	return p
}

// stop ends the program as a supervisor does, and waits for its end.
func (p *process) stop() {
	if p.ProcessState == nil {
		_ = p.Process.Signal(syscall.SIGTERM)
		_ = p.Wait() // how it ends is not of interest
	}
}

// portico starts the program at an address, as a replica of the cluster.
func (c *cluster) portico(t *testing.T, binary, address string, settings ...string) *process {
	t.Helper()
	roots := filepath.Join(t.TempDir(), "roots.pem")
	if err := os.WriteFile(roots, c.server.CertificatePEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(binary) //nolint:noctx // it is ended by a signal
	command.Env = append(append(c.settings[:len(c.settings):len(c.settings)],
		"PORTICO_LISTEN="+address, "SSL_CERT_FILE="+roots, "PORTICO_DRAIN_DELAY=500ms"), settings...)
	p := run(t, command, address)
	servicetest.Eventually(t, "a replica is ready", func() bool {
		response, err := http.Get("http://" + address + "/readyz")
		if err != nil {
			return false
		}
		_ = response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return p
}

// balance starts nginx in front of two replicas, and returns its address.
func balance(t *testing.T, first, second string) string {
	t.Helper()
	template, err := os.ReadFile("internal/service/tests/replicas/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	dir, address := t.TempDir(), servicetest.FreeAddress(t)
	text := strings.NewReplacer("{dir}", dir, "{address}", address, "{first}", first, "{second}", second).Replace(string(template))
	servicetest.StartNginx(t, dir, address, text)
	return address
}
