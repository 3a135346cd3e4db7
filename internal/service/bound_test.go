package service

import (
	"bytes"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// A connection that is being answered is never closed for another, and a listener that is closed lets Accept return.
func TestConnectionsWithRunningRequestsStay(t *testing.T) {
	t.Parallel()
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	arrived, release := make(chan struct{}), make(chan struct{})
	bounded := boundConnections(inner, 2, slog.New(slog.DiscardHandler))
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		arrived <- struct{}{}
		<-release
		_, _ = io.WriteString(w, "done")
	})}
	bounded.hook(server)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(bounded) }()
	dial := func(text string) net.Conn {
		connection, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = connection.Close() })
		_ = connection.SetDeadline(time.Now().Add(time.Minute))
		_, _ = io.WriteString(connection, text)
		return connection
	}
	answered := []net.Conn{dial("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), dial("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n{")}
	<-arrived
	<-arrived
	third := dial("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
	close(release)
	for _, connection := range answered {
		text := make([]byte, len("HTTP/1.1 200"))
		if _, err := io.ReadFull(connection, text); string(text) != "HTTP/1.1 200" {
			t.Errorf("got %q, %v", text, err)
		}
		_ = connection.Close()
	}
	<-arrived
	if text, _ := io.ReadAll(third); !strings.HasSuffix(string(text), "done") {
		t.Errorf("the third got %q", text)
	}
	_ = bounded.Close()
	if err := <-ended; err == nil {
		t.Error("the server goes on")
	}
	counted := func() int {
		bounded.mu.Lock()
		defer bounded.mu.Unlock()
		return len(bounded.open)
	}
	for range 500 {
		if counted() == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d connections are still counted", counted())
}

// exhaustedListener has no file descriptor for a while.
type exhaustedListener struct {
	net.Listener
	failures int
}

func (l *exhaustedListener) Accept() (net.Conn, error) {
	if l.failures--; l.failures >= 0 {
		return nil, &net.OpError{Op: "accept", Err: syscall.EMFILE}
	}
	one, other := net.Pipe()
	_ = other.Close()
	return one, nil
}

func (l *exhaustedListener) Close() error { return nil }

func TestAConnectionWithoutAFileDescriptorWaitsWithOneWarning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		listener := &exhaustedListener{failures: 300} // half a minute
		bounded := boundConnections(listener, 2, slog.New(slog.NewTextHandler(&log, nil)))
		for range 2 {
			conn, err := bounded.Accept()
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.Close()
			listener.failures = 100
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 1 {
			t.Errorf("%d warnings in less than a minute:\n%s", n, log.String())
		}
		time.Sleep(time.Minute)
		listener.failures = 1
		if _, err := bounded.Accept(); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(log.String(), "level=WARN"); n != 2 {
			t.Errorf("%d warnings after another minute:\n%s", n, log.String())
		}
	})
}
