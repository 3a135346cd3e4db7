//go:build interop

package proxies_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"os"
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
	address := servicetest.FreeAddress(t)
	text := strings.NewReplacer("{dir}", dir, "{address}", address, "{portico}", strings.TrimPrefix(s.URL, "http://")).Replace(string(template))
	servicetest.StartNginx(t, dir, address, text)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &nginx{URL: "https://" + address, roots: roots, client: &http.Client{Transport: transport, Timeout: time.Minute}}
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
