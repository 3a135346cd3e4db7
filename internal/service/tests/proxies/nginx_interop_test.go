//go:build interop

package proxies_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"portico/internal/listen/listentest"
	"portico/internal/service/servicetest"
)

// nginx is Debian's nginx in front of a service: TLS, HTTP/2, and the headers of a proxy.
type nginx struct {
	URL    string // with the scheme, without a slash at the end
	client *http.Client
	roots  *x509.CertPool
}

// startNginx starts nginx with the configuration beside this file.
func startNginx(t *testing.T, s *servicetest.Service) *nginx {
	t.Helper()
	dir := t.TempDir()
	roots := writeCertificate(t, dir)
	template, err := os.ReadFile("internal/service/tests/proxies/nginx.conf")
	if err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	text := strings.NewReplacer("{dir}", dir, "{address}", address, "{portico}", strings.TrimPrefix(s.URL, "http://")).Replace(string(template))
	config := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var log bytes.Buffer
	command := exec.CommandContext(ctx, program(), "-c", config, "-p", dir, "-e", "stderr")
	command.Stderr = &log
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // so that nginx ends its workers
	if err := command.Start(); err != nil {
		cancel()
		t.Fatalf("starting nginx; install it, e.g. with: apt-get install nginx-light: %v", err)
	}
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		cancel()
		_ = command.Wait() // it was interrupted
		if t.Failed() {
			t.Logf("nginx says:\n%s", &log)
		}
	})
	n := &nginx{URL: "https://" + address, roots: roots, client: &http.Client{Transport: transport, Timeout: time.Minute}}
	servicetest.Eventually(t, "nginx listens", func() bool {
		connection, err := net.Dial("tcp", address)
		if err == nil {
			_ = connection.Close()
		}
		return err == nil
	})
	return n
}

// program returns the path of nginx, which Debian has in a folder that is not in everybody's PATH.
func program() string {
	for _, name := range []string{"nginx", "/usr/sbin/nginx"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return "nginx"
}

// freeAddress returns a loopback address at which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}

// writeCertificate writes a certificate for 127.0.0.1 and its key, and returns what trusts it.
func writeCertificate(t *testing.T, dir string) *x509.CertPool {
	t.Helper()
	certificate, key := listentest.SelfSigned(t, x509.Certificate{
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	})
	for name, text := range map[string][]byte{"certificate.pem": certificate, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(certificate)
	return roots
}

// send sends a request through nginx, and returns the response, whose body the caller closes.
func (n *nginx) send(t *testing.T, method, path string, body []byte, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, n.URL+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header[name] = append(r.Header[name], value)
	}
	response, err := n.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}
