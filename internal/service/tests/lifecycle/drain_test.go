//go:build unix

package lifecycle_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"portico/emulator"
	"portico/internal/service/servicetest"
)

// readyz returns the status of /readyz on a new connection; 0 if there is no response.
func (c *child) readyz() int {
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Get("http://" + c.address + "/readyz") //nolint:noctx // has a timeout
	if err != nil {
		return 0
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// query sends a query, and returns what is wrong with the response; "" for nothing.
func (c *child) query(client *http.Client) string {
	body := `{"query":"{ hostPort(id: \"` + servicetest.ExampleID + `\") { port } }"}`
	response, err := client.Post("http://"+c.address+"/graphql", "application/json", strings.NewReader(body)) //nolint:noctx // has a timeout
	if err != nil {
		return err.Error()
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(text), `"port":21`) {
		return response.Status + " " + string(text)
	}
	return ""
}

// A load balancer keeps connections, polls /readyz, and sends nothing more once it has seen a 503. None of its requests fails.
func TestAStopUnderLoadFailsNoRequest(t *testing.T) {
	t.Parallel()
	c := spawn(t, "PORTICO_DRAIN_DELAY=2s", "PORTICO_EMULATOR_LATENCY=20ms")
	var unready, failed, sent atomic.Int64
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{MaxIdleConnsPerHost: 100}}
	defer client.CloseIdleConnections()
	send := func() {
		if problem := c.query(client); problem != "" {
			failed.Add(1)
			t.Error(problem)
		}
		sent.Add(1)
	}
	var all sync.WaitGroup
	pace := time.NewTicker(10 * time.Millisecond)
	defer pace.Stop()
	start := time.Now()
	for signalled := false; unready.Load() == 0 && time.Since(start) < time.Minute; <-pace.C {
		all.Go(send)
		if !signalled && sent.Load() >= 20 {
			signalled = true
			if err := c.Process.Signal(syscall.SIGTERM); err != nil {
				t.Fatal(err)
			}
			all.Go(func() {
				for ; unready.Load() == 0; time.Sleep(5 * time.Millisecond) {
					switch status := c.readyz(); status {
					case http.StatusServiceUnavailable:
						unready.Store(1)
					case http.StatusOK: // the signal is on its way
					default:
						t.Errorf("/readyz returned %d before any 503", status)
						unready.Store(1)
					}
				}
			})
		}
	}
	fresh := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	for range 10 { // balancers that see it later
		if problem := c.query(fresh); problem != "" {
			t.Errorf("on a new connection, after the 503: %s", problem)
		}
	}
	all.Wait()
	if err := c.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	if sent.Load() < 20 || failed.Load() > 0 {
		t.Errorf("%d of %d requests failed", failed.Load(), sent.Load())
	}
}

func TestASecondSignalEndsItAtOnce(t *testing.T) {
	t.Parallel()
	c := spawn(t, "PORTICO_DRAIN_DELAY=10m")
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	servicetest.Eventually(t, "not ready", func() bool { return c.readyz() == http.StatusServiceUnavailable })
	if err := c.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	err := c.Wait()
	if status, ok := c.ProcessState.Sys().(syscall.WaitStatus); !ok || !status.Signaled() || status.Signal() != syscall.SIGTERM {
		t.Errorf("it ended with %v", err)
	}
}

// On loopback nobody balances load, so the end comes without a delay.
func TestOnLoopbackTheEndHasNoDelay(t *testing.T) {
	t.Parallel()
	c := spawn(t)
	c.wantEnd(t)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// A key is replaced by its file and SIGHUP: cursors of the old key open as long as it is named, and then no more.
func TestAHangUpReadsCursorKeysAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, old := filepath.Join(dir, "key"), filepath.Join(dir, "old")
	first, second, third := strings.Repeat("1", 32), strings.Repeat("2", 32), strings.Repeat("3", 32)
	write(t, key, first)
	write(t, old, first)
	c := spawn(t, "PORTICO_CURSOR_KEY_FILE="+key, "PORTICO_CURSOR_KEY_OLD_FILE="+old, "PORTICO_EMULATOR_SIZE=200")
	cursor := c.firstCursor(t)
	if got := c.page(t, cursor); strings.Contains(got, "BAD_USER_INPUT") {
		t.Fatalf("its own cursor is refused: %s", got)
	}
	hangUp := func() {
		t.Helper()
		if err := c.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	write(t, key, second)
	hangUp()
	servicetest.Eventually(t, "sealed with the second key", func() bool { return c.firstCursor(t) != cursor })
	if got := c.page(t, cursor); strings.Contains(got, "BAD_USER_INPUT") {
		t.Errorf("a cursor of the old key is refused: %s", got)
	}
	write(t, key, "too short")
	hangUp()
	newer := c.firstCursor(t)
	write(t, key, third)
	write(t, old, second)
	hangUp()
	servicetest.Eventually(t, "the first key is gone", func() bool { return strings.Contains(c.page(t, cursor), "BAD_USER_INPUT") })
	if got := c.page(t, newer); strings.Contains(got, "BAD_USER_INPUT") {
		t.Errorf("a cursor of the second key is refused: %s", got)
	}
	c.wantEnd(t)
}

// post returns the response to a query.
func (c *child) post(t *testing.T, query string) string {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.Post("http://"+c.address+"/graphql", "application/json", strings.NewReader(string(body))) //nolint:noctx // the test has a timeout
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// page returns the page of a list of one certificate after a cursor.
func (c *child) page(t *testing.T, after string) string {
	t.Helper()
	return c.post(t, `{ sslCertificates(first: 1, after: `+after+`, search: {serialNumber: "146473198"}) { pageInfo { endCursor } } }`)
}

// firstCursor returns the cursor of the first page, in quotes.
func (c *child) firstCursor(t *testing.T) string {
	t.Helper()
	text := c.page(t, "null")
	_, rest, found := strings.Cut(text, `"endCursor":`)
	cursor, _, ended := strings.Cut(rest, "}")
	if !found || !ended || !strings.HasPrefix(cursor, `"`) {
		t.Fatalf("no cursor in %s", text)
	}
	return cursor
}

// A new client secret in the file is used after SIGHUP, without a restart.
func TestAHangUpReadsTheClientSecretAgain(t *testing.T) {
	t.Parallel()
	e := emulator.New(emulator.WithWorld(0))
	server, err := emulator.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = server.Close() })
	dir := t.TempDir()
	secret, roots := filepath.Join(dir, "secret"), filepath.Join(dir, "roots.pem")
	write(t, secret, "a secret that has expired")
	write(t, roots, string(server.CertificatePEM()))
	c := spawn(t, "PORTICO_CLOUD=emulator", "PORTICO_GRAPH_URL="+server.URL+"/v1.0", "SSL_CERT_FILE="+roots,
		"AZURE_TENANT_ID="+e.Tenant(), "AZURE_CLIENT_ID="+e.ClientID(), "AZURE_CLIENT_SECRET_FILE="+secret)
	if status := c.readyz(); status != http.StatusServiceUnavailable {
		t.Errorf("with a wrong secret, /readyz is %d", status)
	}
	write(t, secret, e.ClientSecret())
	if err := c.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	servicetest.Eventually(t, "ready with the new secret", func() bool { return c.readyz() == http.StatusOK })
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	if err := c.Process.Signal(syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	if problem := c.query(http.DefaultClient); problem != "" {
		t.Errorf("when the file is gone: %s", problem)
	}
	c.wantEnd(t)
}

// SIGHUP reads trusted documents again, even where size and time of the file have not changed and nothing else shows it.
func TestAHangUpReadsTrustedDocumentsAgain(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "document.graphql")
	first, second := `query A { __typename }`, `query B { __typename }`
	wrong := `query C { __typenome }`
	at := time.Now().Add(-time.Hour)
	put := func(text string) {
		t.Helper()
		write(t, file+".new", text)
		if err := errors.Join(os.Chtimes(file+".new", at, at), os.Rename(file+".new", file)); err != nil {
			t.Fatal(err)
		}
	}
	put(first)
	c := spawn(t, "PORTICO_DOCUMENTS="+file, "PORTICO_DOCUMENTS_MODE=require")
	trusted := func(text string) bool { return !strings.Contains(c.post(t, text), "DOCUMENT_NOT_TRUSTED") }
	if !trusted(first) || trusted(second) {
		t.Fatal("the first document alone must be trusted")
	}
	hangUpWith := func(text string) {
		t.Helper()
		put(text)
		if err := c.Process.Signal(syscall.SIGHUP); err != nil {
			t.Fatal(err)
		}
	}
	hangUpWith(second)
	servicetest.Eventually(t, "the second document is trusted", func() bool { return trusted(second) })
	if trusted(first) {
		t.Error("the first document is still trusted")
	}
	hangUpWith(wrong)
	if trusted(wrong) || !trusted(second) {
		t.Error("a document that is not valid takes the place of another")
	}
	hangUpWith(first)
	servicetest.Eventually(t, "the first document is trusted again", func() bool { return trusted(first) })
	c.wantEnd(t)
}
