package msgraph

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"portico/internal/failure"
)

// ProxyError says that the proxy of the environment (HTTPS_PROXY) refused to open a connection, so that nothing was
// sent to Microsoft Graph.
type ProxyError struct {
	// Status is the HTTP status of the proxy, 0 if it could not be reached.
	Status int
}

// Error names the proxy's answer, not its address, which may hold a password.
func (e *ProxyError) Error() string {
	switch e.Status {
	case 0:
		return "the proxy (HTTPS_PROXY) cannot be reached"
	case http.StatusProxyAuthRequired:
		return "the proxy (HTTPS_PROXY) requires authentication (HTTP 407)"
	}
	return fmt.Sprintf("the proxy (HTTPS_PROXY) refused the connection (HTTP %d)", e.Status)
}

// Proxy marks the error as a proxy's for packages that do not know its type.
func (e *ProxyError) Proxy() {}

// FailureClass is the word for it in logs.
func (e *ProxyError) FailureClass() string { return failure.Proxy }

// Retryable reports whether the proxy may accept the connection next time.
func (e *ProxyError) Retryable() bool {
	return e.Status == 0 || kindOf(e.Status) != Refused && e.Status != http.StatusProxyAuthRequired
}

// onProxy returns the error for what a proxy answered to CONNECT.
func onProxy(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode == http.StatusOK {
		return nil
	}
	return &ProxyError{Status: resp.StatusCode}
}

// asProxyError returns a ProxyError for an error that comes of dialing a proxy, and any other as it is.
func asProxyError(err error) error {
	if dial, ok := errors.AsType[*net.OpError](err); ok && dial.Op == "proxyconnect" {
		if known, ok := errors.AsType[*ProxyError](err); ok {
			return known
		}
		return &ProxyError{}
	}
	return err
}
