package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"portico/emulator"
	"portico/msgraph"
)

// The processes that this program plays when it is started with one of these as its first argument.
const (
	roleUpstream = "upstream"
	roleProxy    = "proxy"
)

// worldSize is how many hosts there are: each has 8 ports, so that no two requests in flight ask for the same.
const worldSize = 5000

// play is the process of a role. It says where it listens and ends when its standard input does, so that it does not
// outlive the process that started it.
func play(ctx context.Context, role string, args []string) error {
	flags := flag.NewFlagSet(role, flag.ContinueOnError)
	latency := flags.Duration("latency", 0, "of the upstream")
	base := flags.String("base", "", "URL of the upstream, for the proxy")
	hosts := flags.Int("hosts", 0, "of the upstream")
	cert := flags.String("cert", "", "file with the upstream's certificate")
	if err := flags.Parse(args); err != nil {
		return err
	}
	server, err := serveRole(role, *latency, *hosts, *base, *cert)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Fprintln(os.Stdout, server.URL)
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	return nil
}

func serveRole(role string, latency time.Duration, hosts int, base, cert string) (*httptest.Server, error) {
	if role == roleProxy {
		return serveProxy(base, cert)
	}
	server := serveUpstream(latency, hosts)
	leaf := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return server, os.WriteFile(cert, leaf, 0o600)
}

// counts are what the upstream was asked and what it answered, since its start.
type counts struct {
	Requests, Items, Bytes int64
}

func (c counts) since(before counts) counts {
	return counts{c.Requests - before.Requests, c.Items - before.Items, c.Bytes - before.Bytes}
}

func (c counts) plus(more counts) counts {
	return counts{c.Requests + more.Requests, c.Items + more.Items, c.Bytes + more.Bytes}
}

// countsPath is where the upstream tells its counts.
const countsPath = "/_bench/counts"

// A counter stands in front of the emulator and counts requests to Microsoft Graph, and items: lone requests and those
// in batches.
type counter struct {
	next                   http.Handler
	requests, items, bytes atomic.Int64
}

func serveUpstream(latency time.Duration, hosts int) *httptest.Server {
	server := httptest.NewUnstartedServer(newUpstream(latency, hosts))
	server.EnableHTTP2 = true
	server.StartTLS()
	return server
}

// newUpstream returns the emulator with a number of hosts, or with its own if that is 0, and with the wide hosts.
func newUpstream(latency time.Duration, hosts int) *counter {
	options := []emulator.Option{emulator.WithLatency(latency), emulator.WithRequestLog(false)}
	if hosts > 0 {
		options = append(options, emulator.WithWorld(hosts))
	}
	graph := emulator.New(options...)
	for _, host := range wideIDs() {
		putWide(graph, host)
	}
	return &counter{next: graph}
}

// putWide puts a host with many ports into the emulator. Its ports show the certificates of the world in turn.
func putWide(graph *emulator.Emulator, host string) {
	certificates, ids := graph.CertificateIDs(), make([]string, widePorts)
	err := graph.Put("hosts", fmt.Sprintf(`{"@odata.type":"#microsoft.graph.security.ipAddress","id":%q,`+
		`"firstSeenDateTime":"2020-01-02T03:04:05Z","lastSeenDateTime":"2024-01-02T03:04:05Z"}`, host))
	for i := range ids {
		ids[i] = base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%s$$%d", host, i+1))
		err = errors.Join(err, graph.Put("hostPorts", fmt.Sprintf(`{"id":%q,"port":%d,"protocol":"tcp","status":"open",`+
			`"timesObserved":7,"lastSeenDateTime":"2024-01-02T03:04:05Z","host":{"id":%q},"mostRecentSslCertificate":{"id":%q}}`,
			ids[i], i+1, host, certificates[i%len(certificates)])))
	}
	if err = errors.Join(err, graph.PutList("hosts/"+host+"/ports", ids...)); err != nil {
		panic(err) // nothing of it depends on a flag
	}
}

func (c *counter) counts() counts { return counts{c.requests.Load(), c.items.Load(), c.bytes.Load()} }

// ServeHTTP implements http.Handler.
func (c *counter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == countsPath {
		_ = json.NewEncoder(w).Encode(c.counts())
		return
	}
	if len(r.URL.Path) > 6 && r.URL.Path[:6] == "/v1.0/" {
		c.requests.Add(1)
		c.items.Add(itemsOf(r))
		w = &countedWriter{w, &c.bytes}
	}
	c.next.ServeHTTP(w, r)
}

// itemsOf counts the requests in a batch, by reading it ahead of the emulator.
func itemsOf(r *http.Request) int64 {
	if r.Method != http.MethodPost {
		return 1
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return 0
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	return int64(bytes.Count(body, []byte(`"url":`)))
}

type countedWriter struct {
	http.ResponseWriter
	bytes *atomic.Int64
}

// Unwrap is for http.ResponseController.
func (w *countedWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Write implements http.ResponseWriter.
func (w *countedWriter) Write(p []byte) (int, error) {
	n, err := w.ResponseWriter.Write(p)
	w.bytes.Add(int64(n))
	return n, err
}

// serveProxy is the ceiling: the least that a Go program between client and upstream has to do.
func serveProxy(base, certFile string) (*httptest.Server, error) {
	client, err := clientOf(certFile)
	if err != nil {
		return nil, err
	}
	token, err := fetchToken(client, base)
	if err != nil {
		return nil, err
	}
	target, err := url.Parse(base)
	if err != nil {
		return nil, err
	}
	return httptest.NewServer(&httputil.ReverseProxy{
		Transport: client.Transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Authorization", "Bearer "+token)
		},
	}), nil
}

// clientOf returns a client with Portico's transport that trusts the certificate in a file.
func clientOf(certFile string) (*http.Client, error) {
	text, err := os.ReadFile(certFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, errors.New("reading the upstream's certificate: there is none")
	}
	transport := msgraph.NewTransport()
	transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport}, nil
}

func fetchToken(client *http.Client, base string) (string, error) {
	resp, err := client.Post(base+"/_emulator/tokens", "application/json", bytes.NewReader([]byte(`{"kind":"app"}`)))
	if err != nil {
		return "", err
	}
	defer func() { _ = resp.Body.Close() }()
	var token struct {
		Text string `json:"access_token"`
	}
	return token.Text, json.NewDecoder(resp.Body).Decode(&token)
}
