package callers

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
)

// unreachable words why there was no response, without address or header.
func unreachable(err error) error {
	var (
		certificate *tls.CertificateVerificationError
		resolution  *net.DNSError
		timeout     net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return context.Canceled
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return errors.New("the issuer did not answer in time")
	case errors.As(err, &certificate):
		return errors.New("the issuer's TLS certificate is not trusted")
	case errors.As(err, &resolution):
		return errors.New("the issuer's host name does not resolve")
	}
	return errors.New("the issuer cannot be reached")
}
