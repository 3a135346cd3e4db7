package listen

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// probeLimit is how long a probe may take. Container runtimes give it 30 s by default.
const probeLimit = 10 * time.Second

// A Probe asks a Portico on this machine for its health.
type Probe struct {
	// Address is where it listens: HOST:PORT or unix:PATH. An address that stands for all becomes this machine's own.
	Address string
	// TLS is set if it listens with TLS. Its certificate is not verified: it is for the name that callers use.
	TLS bool
}

// Get requests the path, and returns an error with the response if its status is not 200.
func (p Probe) Get(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, probeLimit)
	defer cancel()
	scheme := "http"
	if p.TLS {
		scheme = "https"
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, scheme+"://localhost"+path, nil)
	if err != nil {
		return err
	}
	transport := &http.Transport{
		DialContext:     func(ctx context.Context, _, _ string) (net.Conn, error) { return p.dial(ctx) },
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}, // a probe sends nothing secret
	}
	defer transport.CloseIdleConnections()
	response, err := transport.RoundTrip(request)
	if err != nil {
		return fmt.Errorf("no response from %s: %w", p.Address, err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<10))
	if response.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(fmt.Sprintf("%s %s", response.Status, text)))
	}
	return nil
}

func (p Probe) dial(ctx context.Context) (net.Conn, error) {
	var dialer net.Dialer
	if path, isUnix := UnixSocket(p.Address); isUnix {
		return dialer.DialContext(ctx, "unix", path)
	}
	// Go takes an address that stands for all, such as 0.0.0.0, for this machine's own. The name localhost would not do:
	// a container may have no /etc/hosts.
	return dialer.DialContext(ctx, "tcp", p.Address)
}
