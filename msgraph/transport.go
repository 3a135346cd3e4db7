package msgraph

import (
	"net"
	"net/http"
	"time"
)

// NewTransport returns a transport made for many concurrent requests to one host: HTTP/2 where the service speaks it,
// with pings that find a dead connection within five seconds, so that a request on it still has time for another; a
// pool as large as the concurrency where it does not; a bound on each phase before the request is sent. The context of
// a request bounds the wait for its response. Answers come compressed with gzip and are unpacked. TLS is as strict as
// Go's default.
func NewTransport() *http.Transport {
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		OnProxyConnectResponse: onProxy,
		DialContext:            dialer.DialContext,
		ForceAttemptHTTP2:      true, // a dialer of one's own would turn it off
		HTTP2:                  &http.HTTP2Config{SendPingTimeout: 3 * time.Second, PingTimeout: 2 * time.Second},
		MaxIdleConns:           256,
		MaxIdleConnsPerHost:    256,
		IdleConnTimeout:        90 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		ExpectContinueTimeout:  time.Second,
		// One header too many must not cost more than a body.
		MaxResponseHeaderBytes: 256 << 10,
	}
}
