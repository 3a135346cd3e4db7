package failure_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"portico/internal/failure"
)

type tokenError struct{}

func (tokenError) Error() string        { return "no token" }
func (tokenError) FailureClass() string { return failure.Token }

func TestErrorsHaveAClass(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"an unknown name":              {&net.DNSError{Err: "no such host", IsNotFound: true}, failure.DNS},
		"a name server that times out": {&net.DNSError{Err: "timeout", IsTimeout: true}, failure.Timeout},
		"no listener":                  {&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, failure.Refused},
		"no route":                     {&net.OpError{Op: "dial", Err: syscall.ENETUNREACH}, failure.Refused},
		"an untrusted certificate":     {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, failure.TLS},
		"an alert":                     {tls.AlertError(40), failure.TLS},
		"a handshake without a type":   {errors.New("tls: first record does not look like a TLS handshake"), failure.TLS},
		"a reset":                      {&net.OpError{Op: "read", Err: syscall.ECONNRESET}, failure.Reset},
		"a broken pipe":                {syscall.EPIPE, failure.Reset},
		"a response that ends early":   {io.ErrUnexpectedEOF, failure.Reset},
		"an HTTP/2 stream error":       {errors.New("stream error: stream ID 1; INTERNAL_ERROR; received from peer"), failure.Reset},
		"a deadline":                   {context.DeadlineExceeded, failure.Timeout},
		"a proxy that wants a login":   {errors.New("Proxy Authentication Required"), failure.Proxy},
		"no token":                     {tokenError{}, failure.Token},
		"something else":               {errors.New("what"), failure.Other},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, err := range []error{tt.err, fmt.Errorf("wrapped: %w", tt.err), &url.Error{Op: "Get", URL: "https://x", Err: tt.err}} {
				if got := failure.Class(err); got != tt.want {
					t.Errorf("%v: got %s, want %s", err, got, tt.want)
				}
			}
		})
	}
}

// The errors that net/http really returns have their class, too.
func TestErrorsOfARealTransportHaveAClass(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}))
	t.Cleanup(plain.Close)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusProxyAuthRequired)
	}))
	t.Cleanup(proxy.Close)
	through, _ := url.Parse(proxy.URL)
	for name, tt := range map[string]struct {
		url       string
		transport *http.Transport
		want      string
	}{
		"a server that hangs up":         {plain.URL, &http.Transport{}, failure.Reset},
		"a plain server asked for TLS":   {strings.Replace(plain.URL, "http:", "https:", 1), &http.Transport{}, failure.TLS},
		"nobody listens":                 {"http://127.0.0.1:1/", &http.Transport{}, failure.Refused},
		"a proxy that refuses":           {"https://graph.example/", &http.Transport{Proxy: http.ProxyURL(through)}, failure.Proxy},
		"a name that cannot be a name":   {"http://no-such-name.invalid/", &http.Transport{}, failure.DNS},
		"a listener that never responds": {plain.URL, &http.Transport{DialContext: blocked}, failure.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if tt.want == failure.Timeout {
				ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
			}
			defer cancel()
			r, err := http.NewRequestWithContext(ctx, http.MethodGet, tt.url, nil)
			if err != nil {
				t.Fatal(err)
			}
			resp, err := tt.transport.RoundTrip(r)
			if err == nil {
				_ = resp.Body.Close()
				t.Fatal("it got a response")
			}
			if got := failure.Class(err); got != tt.want {
				t.Errorf("%v: got %s, want %s", err, got, tt.want)
			}
		})
	}
}

func blocked(ctx context.Context, _, _ string) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestTheLimiterCountsWhatItSuppresses(t *testing.T) {
	t.Parallel()
	var l failure.Limiter
	now := time.Now()
	allowed := 0
	for range 100 {
		if _, ok := l.Allow("status 503", now); ok {
			allowed++
		}
	}
	if allowed != 10 {
		t.Errorf("%d lines in a second, want 10", allowed)
	}
	if _, ok := l.Allow("status 500", now); !ok {
		t.Error("another key is suppressed, too")
	}
	if suppressed, ok := l.Allow("status 503", now.Add(time.Second)); !ok || suppressed != 90 {
		t.Errorf("a second later: %v with %d suppressed, want 90", ok, suppressed)
	}
	for i := range 5000 {
		l.Allow(fmt.Sprint(i), now)
	}
	if _, ok := l.Allow("one more", now); ok {
		t.Error("keys without number are logged without a bound")
	}
}
