// Package failure names the class of what stood in the way of an HTTP exchange, for logs and metrics. A class is one
// of a few fixed words: unlike the text of an error it holds no address and nothing that another service sent.
package failure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
)

// The classes.
const (
	DNS      = "dns"      // the name does not resolve
	Refused  = "refused"  // nobody accepts connections there, or no route leads there
	TLS      = "tls"      // the certificate is not trusted, or the handshake failed
	Reset    = "reset"    // the connection ended before the response did
	Timeout  = "timeout"  // no response in time
	Proxy    = "proxy"    // a proxy refused to connect
	Status   = "status"   // a response with an HTTP status that is an error
	Response = "response" // a response that cannot be read
	Token    = "token"    // no token to send the request with
	Other    = "other"    // anything else
)

// classed is an error that knows its class.
type classed interface{ FailureClass() string }

// Class returns the class of an error of an HTTP round trip.
func Class(err error) string {
	if c, ok := errors.AsType[interface {
		error
		classed
	}](err); ok {
		return c.FailureClass()
	}
	switch {
	case isDNS(err):
		return DNS
	case isTLS(err):
		return TLS
	case isAny(err, syscall.ECONNREFUSED, syscall.EHOSTUNREACH, syscall.ENETUNREACH):
		return Refused
	case isTimeout(err):
		return Timeout
	case isReset(err):
		return Reset
	case isProxy(err):
		return Proxy
	}
	return Other
}

func isDNS(err error) bool {
	dns, ok := errors.AsType[*net.DNSError](err)
	return ok && !dns.IsTimeout
}

func isTLS(err error) bool {
	var (
		verification *tls.CertificateVerificationError
		record       tls.RecordHeaderError
		alert        tls.AlertError
		authority    x509.UnknownAuthorityError
		hostname     x509.HostnameError
		invalid      x509.CertificateInvalidError
	)
	return errors.As(err, &verification) || errors.As(err, &record) || errors.As(err, &alert) ||
		errors.As(err, &authority) || errors.As(err, &hostname) || errors.As(err, &invalid) ||
		strings.Contains(err.Error(), "tls: ") // most failures of a handshake have no type
}

func isTimeout(err error) bool {
	timeout, ok := errors.AsType[net.Error](err)
	return errors.Is(err, context.DeadlineExceeded) || ok && timeout.Timeout()
}

func isReset(err error) bool {
	if isAny(err, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED) {
		return true
	}
	text := err.Error() // HTTP/2 in net/http keeps its errors' types to itself
	return strings.Contains(text, "server closed idle connection") || strings.Contains(text, "stream error") ||
		strings.Contains(text, "GOAWAY") || strings.Contains(text, "client connection lost")
}

// isProxy reports whether a proxy answered CONNECT with a status of its own, which net/http returns as the status text.
func isProxy(err error) bool {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Op == "proxyconnect" {
		return true
	}
	for err != nil {
		for _, status := range []int{
			http.StatusProxyAuthRequired, http.StatusForbidden, http.StatusBadGateway,
			http.StatusServiceUnavailable,
		} {
			if err.Error() == http.StatusText(status) {
				return true
			}
		}
		err = errors.Unwrap(err)
	}
	return false
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
