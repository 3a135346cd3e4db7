package emulator

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"

	"portico/emulator/odata"
)

// ServeHTTP serves one request.
func (e *Emulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case isGraphPath(path):
		e.serveGraph(w, r)
	case !e.settings.noControl && (path == "/" || path == "/_emulator" || strings.HasPrefix(path, "/_emulator/")):
		e.serveControl(w, r)
	case strings.HasPrefix(path, "/metadata/identity/"):
		e.serveManagedIdentity(w, r)
	case path == "/beta" || strings.HasPrefix(path, "/beta/"):
		e.serveBeta(w, r)
	default:
		e.serveEntra(w, r)
	}
}

// serveBeta refuses the version of the API that the emulator does not have.
func (e *Emulator) serveBeta(w http.ResponseWriter, r *http.Request) {
	c := e.newCall(r)
	buf := takeBuffer()
	defer giveBuffer(buf)
	ans := refused(buf, odata.BadRequest("Invalid version: beta. The emulator serves only v1.0."), c)
	e.send(w, r, c, &ans)
}

// A Server is an emulator that listens on a loopback port.
type Server struct {
	// URL is the base URL, such as "https://127.0.0.1:9443". Microsoft Graph is at URL + "/v1.0", the authority at
	// URL + "/"
	// + tenant.
	URL string

	// Pool contains the server's certificate. It is nil for plain HTTP.
	Pool *x509.CertPool

	certificate []byte
	http        *http.Server
	transport   *http.Transport
	done        chan struct{}
}

// A ServeOption changes how an emulator listens.
type ServeOption func(*serveSettings)

type serveSettings struct {
	address string
	plain   bool
}

// OnAddress sets the address to listen on, "localhost:0" by default: 127.0.0.1, or ::1 on a machine without IPv4.
// [Start] refuses any that is not loopback.
func OnAddress(address string) ServeOption { return func(s *serveSettings) { s.address = address } }

// PlainHTTP turns TLS off. MSAL refuses such an authority.
func PlainHTTP() ServeOption { return func(s *serveSettings) { s.plain = true } }

// Start makes the emulator listen until [Server.Close], with TLS, HTTP/2 and a new certificate.
func Start(e *Emulator, opts ...ServeOption) (*Server, error) {
	settings := &serveSettings{address: "localhost:0"}
	for _, opt := range opts {
		opt(settings)
	}
	listener, err := listenLoopback(settings.address)
	if err != nil {
		return nil, err
	}
	s := &Server{
		URL:       "http://" + listener.Addr().String(),
		http:      newHTTPServer(e),
		transport: &http.Transport{ForceAttemptHTTP2: true, MaxIdleConnsPerHost: 64},
		done:      make(chan struct{}),
	}
	serve := s.http.Serve
	if !settings.plain {
		if err := s.secure(); err != nil {
			_ = listener.Close()
			return nil, err
		}
		serve = func(l net.Listener) error { return s.http.ServeTLS(l, "", "") }
	}
	e.ListenAt(s.URL)
	go func() {
		defer close(s.done)
		_ = serve(listener) // ends with Close
	}()
	return s, nil
}

func newHTTPServer(h http.Handler) *http.Server {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Server{
		Handler:           h,
		Protocols:         protocols,
		ReadHeaderTimeout: 10 * time.Second,
		ErrorLog:          log.New(io.Discard, "", 0),
	}
}

// listenLoopback refuses addresses that others could reach, because the emulator issues tokens to everybody.
func listenLoopback(address string) (net.Listener, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("reading address %q: %w", address, err)
	}
	if host == "localhost" {
		return listenLocalhost(port, net.Listen)
	}
	if ip, err := netip.ParseAddr(host); err != nil || !ip.IsLoopback() {
		return nil, fmt.Errorf(
			"listening on %q: the emulator listens on loopback only; use 127.0.0.1, [::1] or localhost", address)
	}
	return net.Listen("tcp", address)
}

// listenLocalhost listens on 127.0.0.1, or on ::1 if the machine has no IPv4.
func listenLocalhost(port string, listen func(network, address string) (net.Listener, error)) (net.Listener, error) {
	listener, err := listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if errors.Is(err, syscall.EADDRNOTAVAIL) || errors.Is(err, syscall.EAFNOSUPPORT) {
		return listen("tcp", net.JoinHostPort("::1", port))
	}
	return listener, err
}

// secure makes a certificate for loopback addresses.
func (s *Server) secure() error {
	cert, err := selfSigned()
	if err != nil {
		return fmt.Errorf("making a certificate: %w", err)
	}
	s.URL = "https://" + s.URL[len("http://"):]
	s.Pool = x509.NewCertPool()
	s.Pool.AddCert(cert.Leaf)
	s.certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Leaf.Raw})
	s.http.TLSConfig = &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	s.transport.TLSClientConfig = &tls.Config{RootCAs: s.Pool, MinVersion: tls.VersionTLS12}
	return nil
}

func selfSigned() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		SerialNumber:          serial,
		Subject:               pkix.Name{CommonName: "emulator on loopback"},
		NotBefore:             time.Now().Add(-time.Hour),
		NotAfter:              time.Now().AddDate(0, 1, 0),
		KeyUsage:              x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		BasicConstraintsValid: true,
		IsCA:                  true,
		DNSNames:              []string{"localhost"},
		IPAddresses:           []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, err
}

// Client returns a client that trusts the server's certificate and uses HTTP/2. It does not follow redirects.
func (s *Server) Client() *http.Client {
	return &http.Client{
		Transport:     s.transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// CertificatePEM returns the server's certificate. It is empty for plain HTTP.
func (s *Server) CertificatePEM() []byte { return s.certificate }

// Close stops listening, closes all connections, and waits until the server has ended.
func (s *Server) Close() error {
	err := s.http.Close()
	s.transport.CloseIdleConnections()
	<-s.done
	return err
}

// Shutdown stops listening and waits for requests in progress until ctx ends.
func (s *Server) Shutdown(ctx context.Context) error {
	err := s.http.Shutdown(ctx)
	s.transport.CloseIdleConnections()
	<-s.done
	return err
}
