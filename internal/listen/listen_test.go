package listen_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"portico/internal/listen"
	"portico/internal/listen/listentest"
)

func TestHostsOfRequests(t *testing.T) {
	hosts := listen.NewHosts("portico.example:8443", "10.0.0.7", "[2001:db8::7]", "Other.Example")
	for host, want := range map[string]bool{
		"portico.example": true, "portico.example:443": true, "PORTICO.example.": true, "other.example": true,
		"10.0.0.7": true, "10.0.0.7:8080": true, "[2001:db8::7]:8080": true, "[2001:DB8:0::7]": true,
		"localhost": true, "LOCALHOST:8080": true, "127.0.0.1:80": true, "127.9.9.9": true, "[::1]:8080": true, "[::ffff:127.0.0.1]": true,

		"": false, "rebound.example": false, "evil.portico.example": false, "portico.example.evil": false, "10.0.0.70": false,
		"2001:db8::7": false, "[2001:db8::7": false, "2001:db8::7]": false, "[[::1]]": false, "]::1[": false, "[127.0.0.1]": false,
		"[::1%lo]": false, "[localhost]": false, "localhost:x": false, "localhost:80:80": false, "localhost:99999": false,
		"portico.example/x": false, "portico.example@evil": false, "127.0.0.1.example": false, "192.0.2.1:8080": false, ".": false,
	} {
		if got := hosts.Allow(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}

func TestForwardedHeadersAreBelievedFromTrustedProxiesOnly(t *testing.T) {
	for _, row := range []struct {
		what, peer string
		trusted    []string
		headers    []string
		want       string // address, host and scheme
	}{
		{"nothing forwarded", "203.0.113.5:4711", []string{"10.0.0.0/8"}, nil, "203.0.113.5:4711 sent.example http"},
		{"by nobody who is trusted", "203.0.113.5:4711", nil, []string{"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: evil.example", "X-Forwarded-Proto: https"}, "203.0.113.5:4711 sent.example http"},
		{"by another than the proxy", "203.0.113.5:4711", []string{"10.0.0.0/8"}, []string{"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"}, "203.0.113.5:4711 sent.example http"},
		{"by the proxy", "10.1.2.3:4711", []string{"10.0.0.0/8"}, []string{"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Host: portico.example", "X-Forwarded-Proto: https"}, "192.0.2.1:0 portico.example https"},
		{"by two proxies", "10.1.2.3:4711", []string{"10.0.0.0/8"}, []string{"X-Forwarded-For: 192.0.2.1, 10.9.9.9"}, "192.0.2.1:0 sent.example http"},
		{"with an invented hop in front", "10.1.2.3:4711", []string{"10.0.0.0/8"}, []string{"X-Forwarded-For: 127.0.0.1", "X-Forwarded-For: 192.0.2.1"}, "192.0.2.1:0 sent.example http"},
		{"with nonsense for an address", "10.1.2.3:4711", []string{"10.1.2.3"}, []string{"X-Forwarded-For: 192.0.2.1, unknown"}, "10.1.2.3:4711 sent.example http"},
		{"with nonsense for a scheme", "10.1.2.3:4711", []string{"10.1.2.3"}, []string{"X-Forwarded-Proto: javascript"}, "10.1.2.3:4711 sent.example http"},
		{"with a port", "[2001:db8::1]:4711", []string{"2001:db8::/32"}, []string{"X-Forwarded-For: [2001:db9::5]:99"}, "[2001:db9::5]:0 sent.example http"},
		{"by an IPv4 proxy on an IPv6 socket", "[::ffff:10.1.2.3]:4711", []string{"10.0.0.0/8"}, []string{"X-Forwarded-For: 192.0.2.1"}, "192.0.2.1:0 sent.example http"},
		{"on a Unix socket that is trusted", "@", []string{"unix"}, []string{"X-Forwarded-For: 192.0.2.1", "X-Forwarded-Proto: https"}, "192.0.2.1:0 sent.example https"},
		{"on a Unix socket that is not", "@", []string{"0.0.0.0/0"}, []string{"X-Forwarded-For: 192.0.2.1"}, "@ sent.example http"},
	} {
		t.Run(row.what, func(t *testing.T) {
			proxies, err := listen.ParseProxies(row.trusted)
			if err != nil {
				t.Fatal(err)
			}
			r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
			r.RemoteAddr, r.Host = row.peer, "sent.example"
			for _, header := range row.headers {
				name, value, _ := strings.Cut(header, ": ")
				r.Header.Add(name, value)
			}
			proxies.Handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				if got := r.RemoteAddr + " " + r.Host + " " + listen.Scheme(r); got != row.want {
					t.Errorf("got %s, want %s", got, row.want)
				}
				for name := range r.Header {
					if strings.Contains(name, "Forwarded") {
						t.Errorf("%s went on", name)
					}
				}
			})).ServeHTTP(httptest.NewRecorder(), r)
		})
	}
}

// The target of a request may be a whole URL, whose scheme the client chose.
func TestTheSchemeOfARequestTargetIsNotBelieved(t *testing.T) {
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	r.URL.Scheme = "https"
	if got := listen.Scheme(r); got != "http" {
		t.Errorf("got %s", got)
	}
}

func TestProxiesAreAddressesOrRanges(t *testing.T) {
	for text, ok := range map[string]bool{
		"10.0.0.1": true, "10.0.0.0/8": true, "2001:db8::/32": true, "::1": true, "unix": true, "::ffff:10.0.0.0/104": true,
		"proxy.example": false, "10.0.0.0/33": false, "*": false, "fe80::1%eth0": false,
	} {
		if _, err := listen.ParseProxies([]string{text}); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestUnixSockets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "portico.sock")
	first, err := listen.Open(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o660 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	go accept(first)
	if _, err := listen.Open(t.Context(), "unix:"+path); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("a socket in use: %v", err)
	}
	first.(*net.UnixListener).SetUnlinkOnClose(false) // as a process that is killed leaves it
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := listen.Open(t.Context(), "unix:"+path)
	if err != nil {
		t.Fatalf("a socket that was left behind: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := listen.Open(t.Context(), "unix:"+path); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("a file: %v", err)
	}
}

func accept(l net.Listener) {
	for {
		connection, err := l.Accept()
		if err != nil {
			return
		}
		_ = connection.Close()
	}
}

func TestCertificatesAreReadAgainWhenTheyChange(t *testing.T) {
	directory := t.TempDir()
	certificate, key := filepath.Join(directory, "tls.crt"), filepath.Join(directory, "tls.key")
	renew(t, certificate, key, "first")
	synctest.Test(t, func(t *testing.T) {
		log := &bytes.Buffer{}
		c, err := listen.LoadCertificate(certificate, key, slog.New(slog.NewTextHandler(log, nil)))
		if err != nil {
			t.Fatal(err)
		}
		want := func(name string) {
			t.Helper()
			got, err := c.TLS().GetCertificate(nil)
			if err != nil || got.Leaf.Subject.CommonName != name {
				t.Errorf("the certificate is %s, want %s, %v", got.Leaf.Subject.CommonName, name, err)
			}
		}
		want("first")
		renew(t, certificate, key, "the second")
		time.Sleep(11 * time.Second)
		want("the second")
		write(t, certificate, []byte("half a certificate"))
		time.Sleep(11 * time.Second)
		want("the second")
		if !strings.Contains(log.String(), "the previous one stays in use") {
			t.Errorf("log: %s", log)
		}
		renew(t, certificate, key, "a third one")
		time.Sleep(11 * time.Second)
		want("a third one")
		renew(t, certificate, key, "a fourth one")
		use, err := c.Reload()
		if err != nil {
			t.Fatal(err)
		}
		want("a third one")
		use()
		want("a fourth one") // without a wait
		write(t, certificate, []byte("half a certificate"))
		if _, err := c.Reload(); err == nil {
			t.Error("half a certificate was taken")
		}
		want("a fourth one")
	})
}

func TestCertificatesThatCannotBeUsedAreRefused(t *testing.T) {
	directory := t.TempDir()
	one, other := filepath.Join(directory, "one"), filepath.Join(directory, "other")
	renew(t, one+".crt", one+".key", "one")
	renew(t, other+".crt", other+".key", "other")
	for what, files := range map[string][2]string{
		"a key of another certificate": {one + ".crt", other + ".key"},
		"no certificate":               {directory + "/none", one + ".key"},
		"a key for a certificate":      {one + ".key", one + ".key"},
	} {
		if _, err := listen.LoadCertificate(files[0], files[1], slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
}

func TestTLSIsNotOlderThanTwelve(t *testing.T) {
	directory := t.TempDir()
	renew(t, directory+"/crt", directory+"/key", "one")
	c, err := listen.LoadCertificate(directory+"/crt", directory+"/key", slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.TLS = c.TLS()
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelInfo)
	server.StartTLS()
	defer server.Close()
	for most, ok := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		dialer := tls.Dialer{Config: &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: most, NextProtos: []string{"h2"}}}
		connection, err := dialer.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if (err == nil) != ok {
			t.Errorf("%s: %v", tls.VersionName(most), err)
		}
		if err == nil {
			_ = connection.Close()
		}
	}
}

// renew writes a new pair of files.
func renew(t *testing.T, certificate, key, name string) {
	t.Helper()
	text, private := listentest.SelfSigned(t, x509.Certificate{
		Subject: pkix.Name{CommonName: name}, NotAfter: time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
	})
	write(t, certificate, text)
	write(t, key, private)
}

func write(t *testing.T, name string, content []byte) {
	t.Helper()
	if err := os.WriteFile(name, content, 0o600); err != nil {
		t.Fatal(err)
	}
}
