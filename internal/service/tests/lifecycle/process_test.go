//go:build unix

package lifecycle_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"portico/internal/service/servicetest"
)

// binary builds the program once for all tests of this file, and names it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "portico-test")
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "portico")
	if out, err := exec.Command("go", "build", "-o", file, ".").CombinedOutput(); err != nil { //nolint:noctx // as long as it takes
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return file, nil
})

// child is the real program as a process of its own.
type child struct {
	*exec.Cmd
	address string
	stderr  *os.File // the end to read its log from
}

// spawn starts the program, and reads its log up to the greeting.
func spawn(t *testing.T, settings ...string) *child {
	t.Helper()
	file, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	return start(t, exec.Command(file), settings...) //nolint:noctx // it is ended by its own signals
}

// start is spawn for a command that becomes the program.
func start(t *testing.T, command *exec.Cmd, settings ...string) *child {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := &child{Cmd: command, stderr: read}
	c.Env = append([]string{"PORTICO_LISTEN=127.0.0.1:0", "PORTICO_EMULATOR_SIZE=0", "PORTICO_LOG_FORMAT=json"}, settings...)
	c.Stdout, c.Stderr = write, write
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Kill() // it has ended, or never will
		_ = c.Wait()
		_ = read.Close()
	})
	_ = write.Close() // the child has its own
	for lines := bufio.NewReaderSize(read, 1<<10); c.address == ""; {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("it ended before it greeted: %v", err)
		}
		if match := servicetest.Greeting.FindStringSubmatch(line); match != nil {
			c.address = match[1]
		}
	}
	return c
}

// ask sends n requests, each of which makes a log line of some length, and counts those that are answered.
func (c *child) ask(t *testing.T, n int) (answered int) {
	t.Helper()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	operation := strings.Repeat("q", 120)
	for i := range n {
		query := fmt.Sprintf(`{"query":"query %s { hostPort(id: \"%s\") { port } } # %d"}`, operation, servicetest.ExampleID, i)
		response, err := client.Post("http://"+c.address+"/graphql", "application/json", strings.NewReader(query)) //nolint:noctx // has a timeout
		if err != nil {
			t.Errorf("request %d: %v", i, err)
			return answered
		}
		text, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err == nil && strings.Contains(string(text), `"port":21`) {
			answered++
		}
	}
	return answered
}

// wantEnd sends SIGTERM and expects a clean end.
func (c *child) wantEnd(t *testing.T) {
	t.Helper()
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			t.Errorf("it ended with %v", err)
		}
	case <-time.After(time.Minute):
		t.Error("it does not end")
	}
}

func TestALogReaderThatIsGoneCostsNoRequest(t *testing.T) {
	t.Parallel()
	c := spawn(t)
	_ = c.stderr.Close()
	if n := c.ask(t, 601); n != 601 {
		t.Errorf("%d of 601 requests got a response", n)
	}
	c.wantEnd(t)
}

// A pipe holds 64 KiB, and these requests log about 250.
func TestALogReaderThatIsStuckBlocksNeitherRequestsNorTheEnd(t *testing.T) {
	t.Parallel()
	c := spawn(t)
	if n := c.ask(t, 601); n != 601 {
		t.Errorf("%d of 601 requests got a response", n)
	}
	c.wantEnd(t)
}

func TestAHangUpDoesNotEndTheProgram(t *testing.T) {
	t.Parallel()
	c := spawn(t)
	for range 3 {
		if err := c.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
		if n := c.ask(t, 2); n != 2 {
			t.Errorf("%d of 2 requests got a response after SIGHUP", n)
		}
	}
	c.wantEnd(t)
}
