package servicetest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"portico/internal/service"
)

// Process is the whole program, with its listener and its end, in the test's process.
type Process struct {
	// Address is host and port of the listener.
	Address        string
	Stdout, Stderr *Buffer
	// End has the program end, as SIGTERM does.
	End context.CancelFunc
	// Begun counts the requests of Ask that the program reads, or has read.
	Begun atomic.Int32
	ended chan error
}

// Environment is an environment with settings. It sets GOGC and GOMEMLIMIT, so that a program in the test's process
// changes neither the garbage collector nor its limit.
func Environment(settings ...string) []string {
	return append([]string{"GOGC=100", "GOMEMLIMIT=off"}, settings...)
}

// Greeting matches the line that says where the program listens. Its group is the address.
var Greeting = regexp.MustCompile(`https?://((?:127\.0\.0\.1|localhost):[0-9]+)/graphql`)

// Launch runs the program with settings as in the environment, and returns when it listens. It ends with the test, at
// the latest.
func Launch(t *testing.T, settings ...string) *Process {
	t.Helper()
	p := &Process{Stdout: &Buffer{}, Stderr: &Buffer{}, ended: make(chan error, 1)}
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	p.End = end
	settings = append([]string{"PORTICO_LISTEN=127.0.0.1:0", "PORTICO_EMULATOR_SIZE=0", "PORTICO_DRAIN_DELAY=0s"},
		settings...)
	go func() {
		p.ended <- service.Run(ctx, nil, Environment(settings...), p.Stdout, p.Stderr, service.Process{Exit: ExitOf(t)})
	}()
	t.Cleanup(func() {
		end()
		select {
		case <-p.ended:
		case <-time.After(time.Minute):
			t.Error("the program does not end")
		}
	})
	written := func() string { return p.Stdout.String() + p.Stderr.String() } // with JSON logs, the greeting is in the log
	Eventually(t, "a greeting", func() bool { return Greeting.MatchString(written()) })
	if match := Greeting.FindStringSubmatch(written()); match != nil {
		p.Address = match[1]
		return p
	}
	t.Fatalf("no address in %q, log %s", p.Stdout, p.Stderr)
	return nil
}

// Ask sends a query for the published example's port, with a note as its comment, and returns the response's body.
func (p *Process) Ask(client *http.Client, note string) (string, error) {
	query := fmt.Sprintf(`{"query":"{ hostPort(id: \"%s\") { port } } # %s"}`, ExampleID, note)
	begun := &httptrace.ClientTrace{Got1xxResponse: func(int, textproto.MIMEHeader) error {
		p.Begun.Add(1)
		return nil
	}}
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(context.Background(), begun),
		http.MethodPost, "http://"+p.Address+"/graphql", strings.NewReader(query))
	if err != nil {
		return "", err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Expect", "100-continue") // which a server answers when the body is read
	response, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return string(text), err
}

// Result waits for the program to end, and returns its error.
func (p *Process) Result(t *testing.T) error {
	t.Helper()
	select {
	case err := <-p.ended:
		p.ended <- err // for the end of the test
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the program does not end")
		return nil
	}
}

// ExitOf is the exit function of a program in the test's process. The program must end without it.
func ExitOf(t testing.TB) func(int) {
	return func(int) { t.Error("the program does not end by itself in time") }
}
