package msgraph_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"portico/msgraph"
)

// serve starts a server on loopback and a client for it that waits little.
func serve(t *testing.T, handler http.HandlerFunc, opts ...msgraph.Option) *msgraph.Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return clientFor(t, server, opts...)
}

func clientFor(t *testing.T, server *httptest.Server, opts ...msgraph.Option) *msgraph.Client {
	t.Helper()
	transport := msgraph.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	if server.Certificate() != nil {
		transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool()}
		transport.TLSClientConfig.RootCAs.AddCert(server.Certificate())
	}
	opts = append([]msgraph.Option{
		msgraph.WithHTTPClient(&http.Client{Transport: transport}), msgraph.WithBackoff(time.Millisecond),
	}, opts...)
	c, err := msgraph.New(server.URL+"/v1.0", opts...)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// cut answers with the first bytes of a longer answer and resets the
// connection. Negative means before the headers.
func cutAnswer(w http.ResponseWriter, body string, bytes int) {
	conn, buffered, err := w.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	if bytes >= 0 {
		fmt.Fprintf(buffered, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body[:bytes])
		buffered.Flush()
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		tcp.SetLinger(0)
	}
	conn.Close()
}

func TestTruncatedResponsesAreNeverHalfAnObject(t *testing.T) {
	body := `{"id":"p1","status":"` + strings.Repeat("open", 20) + `"}`
	for bytes := -1; bytes < len(body); bytes += 3 {
		var requests atomic.Int32
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if requests.Add(1)%3 != 0 {
				cutAnswer(w, body, bytes)
				return
			}
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, body)
		})
		if got := fetch(t.Context(), t, c, one)[0]; got.body != body {
			t.Errorf("cut at %d: got %q, %v", bytes, got.body, got.err)
		}
	}
}

func TestResetsForEver(t *testing.T) {
	for name, bytes := range map[string]int{"before the headers": -1, "after the headers": 0, "in the body": 9} {
		for _, calls := range []int{1, 3} {
			t.Run(fmt.Sprint(name, calls), func(t *testing.T) {
				c := serve(t, func(w http.ResponseWriter, r *http.Request) {
					io.Copy(io.Discard, r.Body)
					cutAnswer(w, `{"id":"p1"}`, bytes)
				})
				ctx, trace := msgraph.WithTrace(t.Context())
				for _, got := range fetch(ctx, t, c, paths(calls)...) {
					if got.verdict() != "unavailable" {
						t.Errorf("got %s: %v", got.verdict(), got.err)
					}
					if strings.Contains(got.err.Error(), "/hosts/") {
						t.Errorf("error shows the URL: %v", got.err)
					}
				}
				if got := trace.Requests(); got != 3 {
					t.Errorf("%d requests, want 3", got)
				}
			})
		}
	}
}

// Calls that fail together and wait about equally long leave together again, although some waits are over when the last
// one begins.
func TestCallsLeaveTogetherOnASlowMachine(t *testing.T) {
	for range 20 { // waits are random
		var ticks atomic.Int64
		start := time.Now()
		slow := func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * 300 * time.Microsecond) }
		c := serve(t, func(w http.ResponseWriter, _ *http.Request) { cutAnswer(w, "", -1) }, msgraph.WithClock(slow))
		ctx, trace := msgraph.WithTrace(t.Context())
		fetch(ctx, t, c, paths(3)...)
		if got := trace.Requests(); got != 3 {
			t.Fatalf("%d requests, want 3", got)
		}
	}
}

func TestCompressedResponses(t *testing.T) {
	var requests atomic.Int32
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("Accept-Encoding %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		io.WriteString(packed, entity("p1"))
		if requests.Add(1) > 1 { // the first is torn
			packed.Close()
		}
	})
	if got := fetch(t.Context(), t, c, one)[0]; got.body != entity("p1") || requests.Load() != 2 {
		t.Errorf("got %q, %v", got.body, got.err)
	}
}

func TestResponsesAreCutAtTheLimit(t *testing.T) {
	const limit = 1 << 20
	endless := func(w io.Writer) {
		filler := strings.Repeat("x", 64<<10)
		for range 100 * limit / len(filler) {
			if _, err := io.WriteString(w, filler); err != nil {
				return
			}
		}
	}
	for name, handler := range map[string]http.HandlerFunc{
		"endless": func(w http.ResponseWriter, _ *http.Request) { endless(w) },
		"announced": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(1<<30))
			endless(w)
		},
		"packed": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			packed := gzip.NewWriter(w)
			endless(packed)
			packed.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				handler(w, r)
			}, msgraph.WithBodyLimit(limit))
			if got := fetch(t.Context(), t, c, one)[0]; got.verdict() != "response too large 200" {
				t.Errorf("got %s: %v", got.verdict(), got.err)
			}
		})
	}
}

func TestOneLargeItemDoesNotTakeTheOthersAlong(t *testing.T) {
	large := `{"id":"` + strings.Repeat("x", 4000) + `"}`
	s := &service{replies: map[string][]reply{"/hosts/5?$select=id": {{body: large}}}}
	got := fetch(t.Context(), t, newClient(t, s, msgraph.WithBodyLimit(3000)), paths(8)...)
	for i, r := range got {
		if want := map[bool]string{true: "response too large 200", false: "ok"}[i == 4]; r.verdict() != want {
			t.Errorf("call %d: %s, want %s", i+1, r.verdict(), want)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	var leaked atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { leaked.Add(1) }))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere.URL, status) })
		for _, got := range append(fetch(t.Context(), t, c, one), fetch(t.Context(), t, c, paths(3)...)...) {
			if got.err == nil || got.err.Kind != msgraph.BadResponse {
				t.Errorf("%d: got %s", status, got.verdict())
			}
		}
	}
	if leaked.Load() != 0 {
		t.Errorf("%d requests went to another host", leaked.Load())
	}
}

func TestPathsArriveAsTheyWereEscaped(t *testing.T) {
	const escaped = "/hostPorts/a%2Fb%3D%3D%20%C3%A9+=$$..?$select=id,x/y&$expand=z"
	c := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, entity(r.RequestURI))
	})
	if got := fetch(t.Context(), t, c, escaped)[0]; got.body != entity("/v1.0"+escaped) {
		t.Errorf("got %s, %v", got.body, got.err)
	}
}

func TestOneHTTP2ConnectionCarriesAll(t *testing.T) {
	var connections sync.Map
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		connections.Store(r.RemoteAddr+" "+r.Proto, true)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, entity("p1"))
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	t.Cleanup(server.Close)
	c := clientFor(t, server)
	for i := range 20 {
		if got := fetch(t.Context(), t, c, paths(1+i%2)...)[0]; got.err != nil {
			t.Fatal(got.err)
		}
	}
	connections.Range(func(key, _ any) bool {
		if !strings.HasSuffix(key.(string), "HTTP/2.0") {
			t.Errorf("connection %s", key)
		}
		connections.Delete(key)
		connections.Range(func(other, _ any) bool { t.Errorf("and %s", other); return true })
		return false
	})
}

func TestSlowResponsesEndAtTheDeadline(t *testing.T) {
	release := make(chan struct{})
	for name, before := range map[string]string{"before the first byte": "", "in the body": `{"id":`} {
		t.Run(name, func(t *testing.T) {
			c := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/v1.0/hosts/1" {
					w.Header().Set("Content-Type", "application/json")
					io.WriteString(w, before)
					w.(http.Flusher).Flush()
					select {
					case <-release:
					case <-r.Context().Done():
					}
					return
				}
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, entity("p1"))
			})
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			start := time.Now()
			got := fetch(ctx, t, c, paths(2)...)
			if got[0].verdict() != "timed out" || got[1].verdict() != "ok" {
				t.Errorf("got %v", verdicts(got))
			}
			if late := time.Since(start) - 50*time.Millisecond; late > 100*time.Millisecond {
				t.Errorf("%v late", late)
			}
		})
	}
	close(release)
}

// failing is a transport that never gets an answer.
type failing struct {
	err   error
	count atomic.Int32
}

func (f *failing) RoundTrip(*http.Request) (*http.Response, error) {
	f.count.Add(1)
	return nil, f.err
}

type final struct{ error }

func (final) Retryable() bool { return false }

type permanent struct{ error }

func (p permanent) Unwrap() error { return p.error }

func (permanent) Timeout() bool   { return false }
func (permanent) Temporary() bool { return false }

func TestSomeFailuresAreFinal(t *testing.T) {
	for name, row := range map[string]struct {
		err  error
		want int32
	}{
		"reset":                        {io.ErrUnexpectedEOF, 3},
		"unknown host":                 {&net.DNSError{Err: "no such host", IsNotFound: true}, 1},
		"name server down":             {&net.DNSError{Err: "server misbehaving", IsTemporary: true}, 3},
		"certificate not trusted":      {&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, 1},
		"transport says it is":         {fmt.Errorf("sending: %w", final{io.EOF}), 1},
		"permanent, of no socket":      {permanent{errors.New("no grant")}, 1},
		"permanent, of a socket":       {permanent{&net.OpError{Op: "write", Err: syscall.ECONNRESET}}, 3},
		"wrapped in an error of a URL": {fmt.Errorf("sending: %w", io.EOF), 3},
	} {
		t.Run(name, func(t *testing.T) {
			transport := &failing{err: row.err}
			got := fetch(t.Context(), t, newClient(t, transport, msgraph.WithBackoff(0)), one)[0]
			if got.verdict() != "unavailable" || transport.count.Load() != row.want {
				t.Errorf("got %s after %d attempts, want %d", got.verdict(), transport.count.Load(), row.want)
			}
			if strings.Contains(got.err.Error(), "graph.example") {
				t.Errorf("error shows the URL: %v", got.err)
			}
		})
	}
}
