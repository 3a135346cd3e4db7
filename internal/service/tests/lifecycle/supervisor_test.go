//go:build unix

package lifecycle_test

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/service/servicetest"
)

// Systemd starts what comes after a service of Type=notify when it is ready.
func TestTheSupervisorIsNotifiedWhenPorticoIsReadyAndWhenItStops(t *testing.T) {
	t.Parallel()
	folder, err := os.MkdirTemp("", "notify") // t.TempDir is too long for a socket's path
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(folder)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: filepath.Join(folder, "socket"), Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	defer socket.Close()
	notified := func() string {
		_ = socket.SetReadDeadline(time.Now().Add(time.Minute))
		text := make([]byte, 100)
		n, err := socket.Read(text)
		if err != nil {
			t.Fatal(err)
		}
		return string(text[:n])
	}
	p := servicetest.Launch(t, "NOTIFY_SOCKET="+socket.LocalAddr().String())
	if got := notified(); got != "READY=1" {
		t.Errorf("when it listens: %q", got)
	}
	p.End()
	if err := p.Result(t); err != nil {
		t.Error(err)
	}
	if got := notified(); got != "STOPPING=1" {
		t.Errorf("when it stops: %q", got)
	}
}

func TestASupervisorThatIsGoneIsLoggedAndPorticoServes(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "NOTIFY_SOCKET=/nonexistent/socket")
	servicetest.Eventually(t, "a warning", func() bool {
		return strings.Contains(p.Stderr.String(), "the supervisor cannot be notified")
	})
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{}}
	defer client.CloseIdleConnections()
	if text, err := p.Ask(client, ""); err != nil || !strings.Contains(text, `"port":21`) {
		t.Errorf("got %s, %v", text, err)
	}
}
