package lifecycle_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"portico/emulator"
	"portico/internal/listen/listentest"
	"portico/internal/service"
	"portico/internal/service/servicetest"
)

// pemFiles writes a self-signed certificate and its key.
func pemFiles(t *testing.T) (certificate, key string) {
	t.Helper()
	text, private := listentest.SelfSigned(t, x509.Certificate{})
	certificate, key = filepath.Join(t.TempDir(), "tls.crt"), filepath.Join(t.TempDir(), "tls.key")
	for name, content := range map[string][]byte{certificate: text, key: private} {
		if err := os.WriteFile(name, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return certificate, key
}

// through sends a query over a transport, for a host, and returns the response with its body.
func through(t *testing.T, p *servicetest.Process, transport *http.Transport, base, host string) (*http.Response, string) {
	t.Helper()
	t.Cleanup(transport.CloseIdleConnections)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, base+"/graphql", bytes.NewReader(servicetest.Body("{ __typename }")))
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	r.Header.Set("Content-Type", "application/json")
	response, err := transport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response, string(body)
}

func TestTLSWithHTTP2(t *testing.T) {
	t.Parallel()
	certificate, key := pemFiles(t)
	p := servicetest.Launch(t, "PORTICO_TLS_CERTIFICATE="+certificate, "PORTICO_TLS_KEY="+key)
	for _, row := range []struct {
		what      string
		transport *http.Transport
		major     int
	}{
		{"HTTP/2", &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, 2},
		{"HTTP/1.1", &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"http/1.1"}}}, 1},
	} {
		response, body := through(t, p, row.transport, "https://"+p.Address, "")
		if response.ProtoMajor != row.major || body != `{"data":{"__typename":"Query"}}` && !strings.HasPrefix(body, `{"data":{"__typename":"Query"}`) {
			t.Errorf("%s: %s %s", row.what, response.Proto, body)
		}
	}
	if err := runHealthcheck(t, "PORTICO_LISTEN="+p.Address, "PORTICO_TLS_CERTIFICATE="+certificate, "PORTICO_TLS_KEY="+key); err != nil {
		t.Errorf("healthcheck: %v", err)
	}
}

func TestCleartextHTTP2(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t)
	h2c := &http.Protocols{}
	h2c.SetUnencryptedHTTP2(true)
	if response, body := through(t, p, &http.Transport{Protocols: h2c}, "http://"+p.Address, ""); response.ProtoMajor != 2 || response.StatusCode != http.StatusOK {
		t.Errorf("%s %s", response.Status, body)
	}
}

// A connection that is busy with HTTP/2 is never the one that gives way.
func TestConnectionsOfHTTP2GiveWayWhileTheyAreIdle(t *testing.T) {
	t.Parallel()
	certificate, key := pemFiles(t)
	p := servicetest.Launch(t, "PORTICO_LIMIT_CONNECTIONS=2", "PORTICO_EMULATOR_LATENCY=400ms", "PORTICO_TLS_CERTIFICATE="+certificate, "PORTICO_TLS_KEY="+key)
	client := func() *http.Transport {
		return &http.Transport{ForceAttemptHTTP2: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}
	}
	busy, written := make(chan string, 1), make(chan struct{})
	transport := client()
	defer transport.CloseIdleConnections()
	go func() {
		ctx := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{WroteRequest: func(httptrace.WroteRequestInfo) { close(written) }})
		r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+p.Address+"/graphql",
			bytes.NewReader(servicetest.Body(`{ host(id: "192.0.2.1") { firstSeenDateTime } }`)))
		if err != nil {
			busy <- err.Error()
			return
		}
		r.Header.Set("Content-Type", "application/json")
		response, err := transport.RoundTrip(r)
		if err != nil {
			busy <- err.Error()
			return
		}
		defer response.Body.Close()
		_, err = io.Copy(io.Discard, response.Body)
		busy <- response.Status + " " + text(err)
	}()
	<-written
	// The frames of a connection are read in order: after this response, the long request is under way.
	if response, body := through(t, p, transport, "https://"+p.Address, ""); response.StatusCode != http.StatusOK {
		t.Errorf("the busy connection: %s %s", response.Status, body)
	}
	for range 5 {
		if response, body := through(t, p, client(), "https://"+p.Address, ""); response.StatusCode != http.StatusOK {
			t.Errorf("another connection: %s %s", response.Status, body)
		}
	}
	if got := <-busy; got != "200 OK " {
		t.Errorf("the busy one: %s", got)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestUnixSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "portico.sock")
	p := &servicetest.Process{Stdout: &servicetest.Buffer{}, Stderr: &servicetest.Buffer{}}
	ended := make(chan error, 1)
	ctx, end := context.WithCancel(context.WithoutCancel(t.Context()))
	go func() {
		ended <- service.Run(ctx, nil, servicetest.Environment("PORTICO_LISTEN=unix:"+path, "PORTICO_EMULATOR_SIZE=0"), p.Stdout, p.Stderr, service.Process{Exit: func(int) {}})
	}()
	servicetest.Eventually(t, "a greeting", func() bool { return strings.Contains(p.Stdout.String(), "--unix-socket "+path) })
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
	if response, body := through(t, p, &http.Transport{DialContext: dial}, "http://localhost", ""); response.StatusCode != http.StatusOK {
		t.Errorf("%s %s", response.Status, body)
	}
	if err := runHealthcheck(t, "PORTICO_LISTEN=unix:"+path); err != nil {
		t.Errorf("healthcheck: %v", err)
	}
	end()
	if err := <-ended; err != nil {
		t.Errorf("it ended with %v", err)
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the socket is still there")
	}
}

func TestHostsThatRequestsMayBeFor(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_PUBLIC_URL=https://portico.example", "PORTICO_ALLOWED_HOSTS=portico,10.0.0.7", "PORTICO_TRUSTED_PROXIES=127.0.0.1")
	for host, want := range map[string]int{
		"": 200, "localhost": 200, "portico.example": 200, "portico:8080": 200, "10.0.0.7": 200, "rebound.example": 403, "portico.example.evil": 403,
	} {
		if response, body := through(t, p, &http.Transport{}, "http://"+p.Address, host); response.StatusCode != want {
			t.Errorf("%s: %s %s", host, response.Status, body)
		}
	}
}

// A kubelet probes by the pod's address, which callers do not use.
func TestHealthOnItsOwnAddress(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_ADMIN_LISTEN=127.0.0.1:0")
	address := adminOf(t, p)
	for path, want := range map[string]int{
		"/livez": 200, "/readyz": 200, "/graphql": 404, "/": 404, "/.well-known/oauth-protected-resource": 404, "/debug/pprof/": 404, "/metrics": 404,
	} {
		host := "10.1.2.3:8080"
		if want == http.StatusNotFound {
			host = "localhost"
		}
		if got := statusAt(t, address, path, host); got != want {
			t.Errorf("%s: %d", path, got)
		}
	}
	if err := runHealthcheck(t, "PORTICO_ADMIN_LISTEN="+address); err != nil {
		t.Errorf("healthcheck: %v", err)
	}
}

func TestProfilesAreServedToUsersOfThisMachine(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_ADMIN_LISTEN=127.0.0.1:0", "PORTICO_PROFILING=on")
	address := adminOf(t, p)
	for _, test := range []struct {
		what, address, path, host string
		want                      int
	}{
		{"the list", address, "/debug/pprof/", "localhost", 200},
		{"a profile by name", address, "/debug/pprof/goroutine?debug=1", "127.0.0.1:9090", 200},
		{"by a name that leads to this machine", address, "/debug/pprof/heap", "rebound.example", 403},
		{"for an hour", address, "/debug/pprof/profile?seconds=3600", "localhost", 400},
		{"for no time", address, "/debug/pprof/trace?seconds=0", "localhost", 400},
		{"the command line", address, "/debug/pprof/cmdline", "localhost", 404},
		{"on the main address", p.Address, "/debug/pprof/", "localhost", 404},
		{"health for any host", address, "/livez", "10.1.2.3", 200},
	} {
		if got := statusAt(t, test.address, test.path, test.host); got != test.want {
			t.Errorf("%s: %d, want %d", test.what, got, test.want)
		}
	}
}

// adminOf returns where the program listens beside its main address.
func adminOf(t *testing.T, p *servicetest.Process) string {
	t.Helper()
	match := regexp.MustCompile(`admin_address=(\S+)`).FindStringSubmatch(p.Stderr.String())
	if match == nil {
		t.Fatalf("log: %s", p.Stderr)
	}
	return match[1]
}

// statusAt returns the status of a response to a request for a host.
func statusAt(t *testing.T, address, path, host string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Host = host
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	return response.StatusCode
}

// runHealthcheck runs the command as a container runtime does, in the environment of the service.
func runHealthcheck(t *testing.T, settings ...string) error {
	t.Helper()
	return service.Run(t.Context(), []string{"healthcheck"}, servicetest.Environment(settings...), io.Discard, io.Discard, service.Process{Exit: func(int) {}})
}

func TestHealthcheckFailsWhilePorticoIsNotReady(t *testing.T) {
	t.Parallel()
	if err := runHealthcheck(t, "PORTICO_LISTEN="+servicetest.Nobody); err == nil || !strings.Contains(err.Error(), "no response") {
		t.Errorf("no listener: %v", err)
	}
	s := servicetest.StartSmall(t)
	s.Emulator.Fail(emulator.Fault{Effect: emulator.EffectError, Status: 503, RetryAfter: "0.2"}.On(emulator.Token).Times(-1))
	if err := runHealthcheck(t, "PORTICO_LISTEN="+strings.TrimPrefix(s.URL, "http://")); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("no token: %v", err)
	}
}

func TestTheLogSaysWhatStarted(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t)
	for _, want := range []string{"msg=listening", "version=", "commit=", "address=" + p.Address, "cloud=emulator", "identity=app", "callers=none", "tls=false"} {
		if !strings.Contains(p.Stderr.String(), want) {
			t.Errorf("no %s in %s", want, p.Stderr)
		}
	}
}

func TestTheGreetingNamesAHostThatIsAllowed(t *testing.T) {
	t.Parallel()
	p := servicetest.Launch(t, "PORTICO_CLOUD=emulator", "PORTICO_LISTEN=0.0.0.0:0", "PORTICO_PUBLIC_URL=https://portico.example")
	if text := p.Stdout.String(); !strings.Contains(text, "Portico is listening at http://localhost:") || !strings.Contains(text, "https://portico.example\n") {
		t.Errorf("greeted with %s", text)
	}
	if response, body := through(t, p, &http.Transport{}, "http://"+p.Address, ""); response.StatusCode != http.StatusOK {
		t.Errorf("%s %s", response.Status, body)
	}
}

func TestAllAddressesThatCannotBeOpenedAreNamed(t *testing.T) {
	t.Parallel()
	var taken [2]net.Listener
	for i := range taken {
		var err error
		if taken[i], err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
			t.Fatal(err)
		}
		defer taken[i].Close()
	}
	err := service.Run(t.Context(), nil, servicetest.Environment("PORTICO_LISTEN="+taken[0].Addr().String(), "PORTICO_ADMIN_LISTEN="+taken[1].Addr().String()), io.Discard, io.Discard, service.Process{Exit: func(int) {}})
	if err == nil || !strings.Contains(err.Error(), "PORTICO_LISTEN: ") || !strings.Contains(err.Error(), "PORTICO_ADMIN_LISTEN: ") {
		t.Errorf("got %v", err)
	}
}
