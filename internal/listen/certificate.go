package listen

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// checkInterval is how often a handshake looks whether the files changed. Certificates are renewed days before they
// end.
const checkInterval = 10 * time.Second

// A Certificate is a TLS certificate with its key, read from two PEM files again when they change.
type Certificate struct {
	certificate, key string
	log              *slog.Logger

	mu      sync.Mutex
	current *tls.Certificate
	version [2]version
	checked time.Time
}

// version tells two states of a file apart. A renewal may replace the file, or what a symbolic link leads to.
type version struct {
	modified time.Time
	size     int64
}

// LoadCertificate reads the files, or says why they cannot be used.
func LoadCertificate(certificate, key string, log *slog.Logger) (*Certificate, error) {
	c := &Certificate{certificate: certificate, key: key, log: log, checked: time.Now()}
	found, err := c.read()
	if err != nil {
		return nil, err
	}
	c.current, c.version = &found.pair, found.version
	return c, nil
}

// TLS returns the settings of a server with the certificate: TLS 1.2 or newer, HTTP/2 before HTTP/1.1.
func (c *Certificate) TLS() *tls.Config {
	return &tls.Config{
		MinVersion:     tls.VersionTLS12,
		NextProtos:     []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return c.get(), nil },
	}
}

// get returns the certificate as it is in the files. While new files cannot be used, such as when only one of the two
// is written yet, the old one stays.
func (c *Certificate) get() *tls.Certificate {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if now.Sub(c.checked) < checkInterval {
		return c.current
	}
	c.checked = now
	if c.versions() == c.version {
		return c.current
	}
	if found, err := c.read(); err == nil {
		c.take(found)
	} else {
		c.log.Warn("the changed TLS certificate cannot be used; the previous one stays in use", "file", c.certificate,
			"error", err.Error())
	}
	return c.current
}

// Reload reads the files now, whether or not they seem to have changed, and returns a function that puts the
// certificate in them into use.
func (c *Certificate) Reload() (use func(), err error) {
	found, err := c.read()
	if err != nil {
		return nil, err
	}
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.checked = time.Now()
		c.take(found)
	}, nil
}

// loaded is a certificate as it was in the files.
type loaded struct {
	pair    tls.Certificate
	version [2]version
}

func (c *Certificate) read() (loaded, error) {
	found := c.versions()
	pair, err := tls.LoadX509KeyPair(c.certificate, c.key)
	return loaded{pair, found}, err
}

// take puts a certificate into use. c.mu is held.
func (c *Certificate) take(found loaded) {
	c.current, c.version = &found.pair, found.version
	c.log.Info("TLS certificate reloaded", "file", c.certificate, "expires", found.pair.Leaf.NotAfter)
}

func (c *Certificate) versions() (found [2]version) {
	for i, name := range []string{c.certificate, c.key} {
		if info, err := os.Stat(name); err == nil {
			found[i] = version{info.ModTime(), info.Size()}
		}
	}
	return found
}
